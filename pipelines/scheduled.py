"""What a scheduler calls: the quarterly run, from the command line."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from pipelines.exit_codes import guarded
from targeting.domain import AsOf, Quarter
from targeting.settings import Settings

__all__ = ["app"]

app = typer.Typer()


@app.command()
@guarded
def quarterly(
    inbox: Annotated[list[Path] | None, typer.Argument(help="New register files, or folders of them.")] = None,
    as_of: Annotated[
        str | None, typer.Option(help="First day of the quarter to score; the coming one without.")
    ] = None,
    known_on: Annotated[
        str | None, typer.Option(help="Day that files without a date in their name count from.")
    ] = None,
    complete: Annotated[
        bool, typer.Option("--complete", help="The bulk files hold every living unit: what lacks is deleted.")
    ] = False,
    engine: Annotated[str, typer.Option(help="local, or dask://HOST:PORT of a scheduler.")] = "local",
    jobs: Annotated[int | None, typer.Option(min=1, help="Local processes; one a core without.")] = None,
    partition_rows: Annotated[int, typer.Option(min=1, help="Establishments a process holds at a time.")] = 16_384,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
) -> None:
    """Take in what is new, check it, score the country, watch, publish in one step, report. Start it again at any time.

    Exit code 1: a check said no, or another run is going on; nothing was published and the run before it serves on.

    Example: python -m pipelines quarterly /srv/inbox --as-of 2027-01-01
    """
    from pipelines import quarterly as night
    from pipelines.progress import steps
    from pipelines.quarter.engine import engine_of
    from targeting.ledger import open_ledger

    settings = Settings()
    known = AsOf.parse(known_on).day if known_on else None
    quarter = AsOf.parse(as_of) if as_of else Quarter.of(date.today()).next().as_of()
    asked = night.Asked(quarter, tuple(inbox or ()), known, complete, engine_of(engine, jobs, partition_rows))
    if dry_run:
        typer.echo(night.dry_run(settings, asked))
        return
    with closing(open_ledger(settings.ledger)) as ledger, steps("quarterly") as progress:
        found = night.quarterly(settings, asked, ledger, datetime.now(UTC), progress, typer.echo)
    typer.echo(f"published run {found.run}, light {found.watch.light}; report {found.report}")
