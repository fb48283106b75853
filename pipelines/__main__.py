"""The command line: parses, calls one plain function a moment, and turns errors into exit codes."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Annotated

# Before any numerical library starts its threads: busy-waiting threads on shared cores are slower than one.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

import typer

from pipelines.exit_codes import guarded
from pipelines.plan_life import app as plan_life
from targeting.domain import AsOf, BadInputError, Quarter, Target
from targeting.settings import Settings

__all__ = ["main"]

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Risk-based inspection targeting: from registers to a ranked list.\n\n"
    "All state lives under TARGETING_HOME (default ./var). Exit codes: 0 done, 1 a gate or check said no, "
    "2 wrong use or bad input, 3 a fault of ours.",
)

app.add_typer(plan_life, name="plan-life")


def _coming_quarter() -> AsOf:
    return Quarter.of(date.today()).next().as_of()


def _as_of(text: str | None) -> AsOf:
    return AsOf.parse(text) if text else _coming_quarter()


def _target(text: str) -> Target:
    try:
        return Target(text)
    except ValueError as cause:
        raise BadInputError(expected=f"one of {', '.join(Target)}", got=repr(text), where="TARGET") from cause


@app.command()
@guarded
def synthetic(
    out: Annotated[Path, typer.Option(help="Folder for the register files.")],
    establishments: Annotated[int, typer.Option(min=2000, max=950_000, help="How many establishments.")] = 40_000,
    seed: Annotated[int, typer.Option(help="Same seed, same bytes.")] = 2026,
    truth: Annotated[Path | None, typer.Option(help="Where to write the hidden truth (tests only).")] = None,
) -> None:
    """Write a synthetic Norway in the very file formats of the registers.

    Example: python -m pipelines synthetic --establishments 20000 --seed 1 --out /tmp/norway --truth /tmp/truth.parquet
    """
    from pipelines.progress import steps
    from pipelines.synthetic import synthetic as write_country

    with steps("synthetic") as progress:
        typer.echo(write_country(establishments, seed, out, truth, progress))


@app.command()
@guarded
def ingest(
    paths: Annotated[list[Path], typer.Argument(help="Register files, or folders of them.")],
    known_on: Annotated[
        str | None, typer.Option(help="When the files became known, if their names do not say.")
    ] = None,
    complete: Annotated[
        bool, typer.Option(help="The bulk files hold every living unit: what lacks is deleted.")
    ] = False,
) -> None:
    """Read register files into the store; rows that cannot be read go to quarantine with a reason.

    Example: python -m pipelines ingest underenheter_2026-11-20.json.gz enheter_2026-11-20.json.gz
    """
    from pipelines.ingest import ingest as read_files
    from pipelines.ingest import render
    from pipelines.progress import steps

    with steps("ingest") as progress:
        report = read_files(paths, Settings().home, AsOf.parse(known_on).day if known_on else None, complete, progress)
    typer.echo(render(report))
    if report.refused:
        names = ", ".join(refused.file for refused in report.refused)
        raise BadInputError(expected="files that can be read whole", got=f"one that cannot: {names}", do="see above")


@app.command()
@guarded
def train(
    target: Annotated[str | None, typer.Option(help="One target; all four without it.")] = None,
    as_of: Annotated[str | None, typer.Option(help="Train on what was known before this day.")] = None,
) -> None:
    """Fit, backtest forward in time, choose and register one model per target.

    Example: python -m pipelines train --target bht_use --as-of 2027-01-01
    """
    from pipelines.progress import steps
    from pipelines.train import render
    from pipelines.train import train as fit

    with steps("train") as progress:
        report = fit(Settings().home, _target(target) if target else None, _as_of(as_of), progress)
    typer.echo(render(report))
    if not any(one.version for one in report.targets):
        raise BadInputError(
            expected="inspections in the store to train on", got="none for any target", do="ingest inspections first"
        )


@app.command()
@guarded
def score(as_of: Annotated[str | None, typer.Option(help="First day of the quarter to score.")] = None) -> None:
    """Score every cohort as of a day and publish the run in one atomic step.

    Example: python -m pipelines score --as-of 2027-01-01
    """
    from pipelines.progress import steps
    from pipelines.score import score as publish

    with steps("score") as progress:
        typer.echo(f"published run {publish(Settings().home, _as_of(as_of), progress)}")


@app.command()
@guarded
def rank(
    target: Annotated[str, typer.Argument(help="bht_use, working_environment, unlawful_hiring or work_crime.")],
    limit: Annotated[int, typer.Option(min=1, help="How many rows.")] = 20,
    format: Annotated[str, typer.Option(help="table, csv or json.")] = "table",  # noqa: A002 - the contract's word
) -> None:
    """Print the published ranking of one target with its reasons.

    Example: python -m pipelines rank bht_use --limit 300 --format csv
    """
    from pipelines.rank import rank as print_ranking

    typer.echo(print_ranking(Settings().home, _target(target), limit, format))


@app.command()
@guarded
def plan(
    problem: Annotated[Path | None, typer.Option(help="PROBLEM.toml; the default problem without it.")] = None,
    candidates: Annotated[Path | None, typer.Option(help="Candidates Parquet; the published run without it.")] = None,
    out: Annotated[Path | None, typer.Option(help="PLAN.json to write.")] = None,
) -> None:
    """Draw a plan: the best list under constraints, from the published run or from a candidates file.

    Example: python -m pipelines plan --problem problem.toml --candidates candidates.parquet --out plan.json
    """
    from pipelines import plan as planning

    typer.echo(planning.run(Settings().home, problem, candidates, out))


@app.command()
@guarded
def benchmark(
    directory: Annotated[Path, typer.Argument(help="A data set in the open format (docs/decisions/0020).")],
    out: Annotated[Path | None, typer.Option(help="Where to write the result as JSON.")] = None,
) -> None:
    """Run the same features, splits, candidates and selection on any inspection data set, and compare.

    Example: python -m pipelines benchmark /tmp/sets/smilefjes --out result.json
    """
    from pipelines.benchmark import benchmark as run_benchmark
    from pipelines.progress import steps

    with steps("benchmark") as progress:
        typer.echo(run_benchmark(directory, out, progress))


@app.command()
@guarded
def demo(
    establishments: Annotated[int, typer.Option(min=2000, max=950_000, help="Size of the synthetic country.")] = 40_000,
    seed: Annotated[int, typer.Option(help="Same seed, same published bytes.")] = 2026,
) -> None:
    """Run the whole way once on a synthetic Norway: files, store, models, scores, a first list of 300.

    Example: python -m pipelines demo --establishments 20000 --seed 1
    """
    from pipelines.demo import demo as whole_way

    whole_way(Settings().home, establishments, seed, typer.echo)


@app.command()
@guarded
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
) -> None:
    """Serve the published run: API under /v1, the ranked list at /.

    Example: python -m pipelines serve --port 8080
    """
    import uvicorn

    uvicorn.run("api.main:app", host=host, port=port, log_level="warning")


def main() -> None:
    """Entry point."""
    app()


if __name__ == "__main__":
    main()
