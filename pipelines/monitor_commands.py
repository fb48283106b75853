"""Watching from the command line."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from pipelines.exit_codes import guarded
from targeting.domain import AsOf
from targeting.settings import Settings

__all__ = ["app"]

app = typer.Typer()


@app.command()
@guarded
def monitor(
    as_of: Annotated[str | None, typer.Option(help="Which quarter; the one of the run in service without it.")] = None,
    pin: Annotated[bool, typer.Option("--pin", help="Hold every quarter from now on against this one.")] = False,
    by: Annotated[str, typer.Option(help="Who pins.")] = "",
    why: Annotated[str, typer.Option(help="Why this quarter is as it should be.")] = "",
) -> None:
    """Write the monitor page: lights, drift, churn with causes, calibration, the last run's steps.

    Example: python -m pipelines monitor --pin --by kari --why "first quarter, looked through by hand"
    """
    from pipelines import monitor as watching
    from pipelines.progress import steps
    from targeting.published import open_current

    home, now = Settings().home, datetime.now(UTC)
    day = AsOf.parse(as_of) if as_of else open_current(home).about.as_of
    with steps("monitor") as progress:
        watch = watching.monitor(home, day, now.date(), progress)
        if pin:
            typer.echo(f"pinned reference {watching.pin(home, watch, by, why, now).reference}")
    typer.echo(watching.told(watch))
    typer.echo(f"page: {watching.page_of(home, day)}")
