"""The audit's commands: `audit verify` for whoever must trust it, `audit show` for whoever reads it."""

from __future__ import annotations

from contextlib import closing
from typing import Annotated

import typer

from pipelines.audit import render_faults, show, verified
from pipelines.exit_codes import guarded
from targeting.domain import RefusedError
from targeting.ledger import Asked, open_ledger
from targeting.settings import Settings

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="The audit: whether it is whole, and what it says.")


@app.command()
@guarded
def verify(
    head: Annotated[str | None, typer.Option(help="A ledger head noted outside (exports carry one).")] = None,
) -> None:
    """Recompute the audit chain; say which row was changed, lost, moved or put in. Exit code 1 when one was.

    Example: python -m pipelines audit verify --head 3f2a...
    """
    with closing(open_ledger(Settings().ledger)) as ledger:
        found = verified(ledger, head)
    typer.echo(render_faults(found))
    if found.faults:
        raise RefusedError(
            expected="an untouched ledger", got=f"{len(found.faults)} faults", where="the ledger", do="see above"
        )


@app.command(name="show")
@guarded
def show_(
    plan: Annotated[str | None, typer.Option(help="Events of this plan (its whole id).")] = None,
    person: Annotated[str | None, typer.Option(help="Events by this person.")] = None,
    establishment: Annotated[str | None, typer.Option(help="Who looked this establishment up, or listed it.")] = None,
    before: Annotated[int | None, typer.Option(help="Go on from here (the last line of the page before).")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Events a page.")] = 50,
) -> None:
    """Show events, newest first.

    Example: python -m pipelines audit show --establishment 312345678
    """
    with closing(open_ledger(Settings().ledger)) as ledger:
        typer.echo(show(ledger, Asked(plan, person, establishment), before, limit))
