"""Answerable from the command line: the public description, access requests, corrections, purges."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from pipelines.exit_codes import guarded
from targeting.domain import BadInputError, OrganisationNumber
from targeting.settings import Settings

__all__ = ["app"]

app = typer.Typer()

_Number = Annotated[str, typer.Argument(help="Organisation number of an establishment or an enterprise.")]
_By = Annotated[str, typer.Option("--by", help="Who acts; the audit keeps the name.")]


@app.command()
@guarded
def describe(
    out: Annotated[Path | None, typer.Option(help="Folder to publish in, with the figures of what serves.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Only say whether the committed pages are stale.")] = False,
) -> None:
    """Write the public description of the algorithm in Norwegian and English.

    Without options the committed pages in docs/algorithm are made anew from the repository alone.

    Example: python -m pipelines describe --out /tmp/public
    """
    from pipelines import describe as pages

    if check:
        pages.check()
        typer.echo("docs/algorithm says what is declared now")
        return
    written = pages.publish(Settings().home, out) if out else pages.describe()
    typer.echo("\n".join(f"wrote {path.parent.name}/{path.name}" for path in written))


@app.command("access-request")
@guarded
def access_request(
    number: _Number,
    by: _By,
    format: Annotated[str, typer.Option(help="text or json.")] = "text",  # noqa: A002 - the contract's word
    language: Annotated[str, typer.Option(help="nb or en; JSON has both.")] = "nb",
    work_crime: Annotated[
        bool, typer.Option("--work-crime", help="Tell of work crime too: by decision in the case, with the role.")
    ] = False,
    name_staff: Annotated[
        bool, typer.Option("--name-staff", help="Name who looked: where exercising one's rights depends on it.")
    ] = False,
) -> None:
    """Answer what is held about a number: data, legal basis, scores with reasons, plans, who saw it. It is recorded.

    Example: python -m pipelines access-request 312902168 --by kari --format json
    """
    from pipelines import access_request as requests
    from pipelines.plan_acts import ledger_at

    home, now = Settings().home, datetime.now(UTC)
    requests.check_asked(format, language)
    question = requests.Question(OrganisationNumber(number), now.date(), work_crime, name_staff)
    with closing(ledger_at(home)) as ledger:
        answer = requests.access_request(home, ledger, question, by, now)
    typer.echo(requests.rendered(answer, format, language))


@app.command()
@guarded
def correct(
    number: _Number,
    field: Annotated[
        str, typer.Option(help="Column of the unit's entry, or TABLE.COLUMN: employees, accounts.equity.")
    ],
    value: Annotated[str, typer.Option(help="What is right; empty: not known.")],
    source: Annotated[str, typer.Option(help="The ground: which document, call or decision.")],
    by: _By,
    of: Annotated[list[str] | None, typer.Option(help="Which of several: year=2025, control_point=BHT-01.")] = None,
) -> None:
    """Correct a value of the registers: one more dated source, in the audit and in the next score.

    Example: python -m pipelines correct 312902168 --field employees --value 7 --source "letter of 2 May" --by kari
    """
    from pipelines import correction
    from pipelines.plan_acts import ledger_at
    from targeting.snapshots.correcting import Correction

    home = Settings().home
    wanted = Correction(number, field, value, source, tuple(_pair(one) for one in of or ()))
    with closing(ledger_at(home)) as ledger:
        typer.echo(correction.render(correction.correct(home, ledger, wanted, by, datetime.now(UTC))))


@app.command()
@guarded
def purge(
    number: _Number,
    reason: Annotated[str, typer.Option(help="The ground, without the number: which letter or decision.")],
    by: _By,
    apply: Annotated[bool, typer.Option("--apply", help="Do it; without it only say what would go.")] = False,
) -> None:
    """Take a number out of everything that is kept but plans, trials and the audit. Every place is recorded.

    Example: python -m pipelines purge 312902168 --reason "decision of 2 May" --by kari --apply
    """
    from pipelines import purge as purging
    from pipelines.plan_acts import ledger_at

    home = Settings().home
    decision = purging.Decision(OrganisationNumber(number), reason, by, datetime.now(UTC))
    with closing(ledger_at(home)) as ledger:
        typer.echo(purging.render(purging.purge(home, ledger, decision, apply=apply)))


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not (name and sign and value):
        raise BadInputError(expected="NAME=VALUE", got=repr(text), where="--of")
    return name, value
