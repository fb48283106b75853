"""The command line: parses, calls one plain function a moment, and turns errors into exit codes."""

from __future__ import annotations

import os
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

# Before any numerical library starts its threads: busy-waiting threads on shared cores are slower than one.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

import typer

from pipelines.answerable import app as answerable
from pipelines.command_groups import CommandGroups
from pipelines.exit_codes import guarded
from pipelines.monitor_commands import app as monitor
from pipelines.scheduled import app as scheduled
from targeting.domain import AsOf, BadInputError, Quarter, Target
from targeting.settings import Settings

__all__ = ["main"]

app = typer.Typer(
    cls=CommandGroups,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Risk-based inspection targeting: from registers to a ranked list.\n\n"
    "All state lives under TARGETING_HOME (default ./var). Exit codes: 0 done, 1 a gate or check said no, "
    "2 wrong use or bad input, 3 a fault of ours.",
)

app.add_typer(answerable)
app.add_typer(scheduled)
app.add_typer(monitor)


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
    guard: Annotated[bool, typer.Option("--guard", help="Refuse a file that is unlike the last of its kind.")] = False,
) -> None:
    """Read register files into the store; rows that cannot be read go to quarantine with a reason.

    Example: python -m pipelines ingest underenheter_2026-11-20.json.gz enheter_2026-11-20.json.gz
    """
    from pipelines.ingest import ingest as read_files
    from pipelines.ingest import render
    from pipelines.progress import steps

    with steps("ingest") as progress:
        known = AsOf.parse(known_on).day if known_on else None
        report = read_files(paths, Settings().home, known, complete, progress, guard=guard)
    typer.echo(render(report))
    if report.refused:
        names = ", ".join(refused.file for refused in report.refused)
        raise BadInputError(expected="files that can be read whole", got=f"one that cannot: {names}", do="see above")


@app.command()
@guarded
def collect() -> None:
    """Read the outcomes that were uploaded on the web into the store, as the dated source they are.

    Example: python -m pipelines collect
    """
    from pipelines import collect as collecting
    from pipelines.ingest import ingest as read_files
    from pipelines.ingest import render
    from pipelines.progress import steps
    from targeting.ledger import open_ledger

    settings = Settings()
    with closing(open_ledger(settings.ledger)) as ledger:
        found = collecting.collect(ledger, settings.home)
    typer.echo(collecting.render(found))
    if paths := [path for one in found for path in one.written]:
        with steps("collect") as progress:
            typer.echo(render(read_files(paths, settings.home, None, False, progress)))


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
def evaluate(
    target: Annotated[str | None, typer.Option(help="One target; all four without it.")] = None,
    as_of: Annotated[str | None, typer.Option(help="Evaluate on what was known before this day.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the report; under TARGETING_HOME without it.")] = None,
    cards: Annotated[Path | None, typer.Option(help="Fill the cards in this folder too (a demo's home only).")] = None,
) -> None:
    """Gather the evidence on each model, write one HTML report, fill the cards; puts nothing into service.

    Exit code 1: a gate of severity "block" failed; the report is written all the same.

    Example: python -m pipelines evaluate --as-of 2027-01-01 --out /tmp/evaluation
    """
    from pipelines import evaluate as evaluation
    from pipelines.progress import steps

    with steps("evaluate") as progress:
        chosen = _target(target) if target else None
        found = evaluation.evaluate(Settings().home, chosen, _as_of(as_of), out, progress, cards=cards)
    typer.echo(evaluation.told(found))
    evaluation.check_no_gate_blocks(found)


@app.command()
@guarded
def score(as_of: Annotated[str | None, typer.Option(help="First day of the quarter to score.")] = None) -> None:
    """Score every cohort as of a day and publish the run in one atomic step.

    Example: python -m pipelines score --as-of 2027-01-01
    """
    from pipelines.correction import render_rescored, rescored
    from pipelines.progress import steps
    from pipelines.score import score as publish
    from targeting.ledger import open_ledger

    settings = Settings()
    with steps("score") as progress:
        typer.echo(f"published run {publish(settings.home, _as_of(as_of), progress)}")
    with closing(open_ledger(settings.ledger)) as ledger:
        if contained := rescored(settings.home, ledger, "score job", datetime.now(UTC)):
            typer.echo(render_rescored(contained))


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
    target: Annotated[str, typer.Option(help="Whose published scores to plan, and whose default problem.")] = "bht_use",
) -> None:
    """Draw a plan: the best list under constraints, from the published run or from a candidates file.

    Exit code 1: no plan keeps the rules, and the answer says which clash and the least that helps. Exit code 2: the
    problem or the candidates cannot be read, and the answer names the key or the column.

    Example: python -m pipelines plan --problem problem.toml --candidates candidates.parquet --out plan.json
    """
    from pipelines import plan as planning

    typer.echo(planning.run(Settings().home, problem, candidates, out, _target(target)))


@app.command()
@guarded
def dial(
    problem: Annotated[Path | None, typer.Option(help="PROBLEM.toml; the default problem without it.")] = None,
    candidates: Annotated[Path | None, typer.Option(help="Candidates Parquet; the published run without it.")] = None,
    target: Annotated[str, typer.Option(help="Whose published scores to plan, and whose default problem.")] = "bht_use",
) -> None:
    """Show what exploration costs: per share the hits given up, and how well it will tell the prevalence.

    Example: python -m pipelines dial --problem problem.toml
    """
    from pipelines import plan as planning

    typer.echo(planning.dial_page(Settings().home, problem, candidates, _target(target)))


@app.command()
@guarded
def areas(
    target: Annotated[str, typer.Option(help="Which target's scores.")] = "bht_use",
    inspections: Annotated[int, typer.Option(min=0, help="How many inspections to spread.")] = 300,
    minimum: Annotated[int, typer.Option(min=0, help="The least number in every area.")] = 0,
    problem: Annotated[Path | None, typer.Option(help="PROBLEM.toml: who may be planned; the default without.")] = None,
    format: Annotated[str, typer.Option(help="table or json.")] = "table",  # noqa: A002 - the contract's word
) -> None:
    """Show the priority areas: expected breaches, trend over the runs, and a recommended spread of inspections.

    Example: python -m pipelines areas --target bht_use --inspections 300 --minimum 5 --format json
    """
    from pipelines import areas as pages
    from pipelines.plan import read_problem

    chosen, asked = _target(target), read_problem(problem) if problem else None
    typer.echo(pages.areas_page(Settings().home, chosen, inspections, minimum, asked, format))


@app.command()
@guarded
def releases() -> None:
    """List every trained version of every target with its state, who decided it, and which one serves.

    Example: python -m pipelines releases
    """
    from pipelines.releases import releases as listing

    typer.echo(listing(Settings().home))


@app.command()
@guarded
def retention(
    apply: Annotated[bool, typer.Option("--apply", help="Delete; without it, only say what would go.")] = False,
    by: Annotated[str, typer.Option(help="Who the audit names.")] = "retention job",
) -> None:
    """Delete or aggregate the scores of those who were not selected, when their time is over. Dry run by default.

    Example: python -m pipelines retention --apply
    """
    from pipelines.retention import render, retain
    from targeting.ledger import open_ledger

    settings = Settings()
    with closing(open_ledger(settings.ledger)) as ledger:
        typer.echo(render(retain(settings.home, ledger, datetime.now(UTC), apply=apply, by=by)))


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
    port: Annotated[int | None, typer.Option(help="Port to listen on; PORT, or 8000, without it.")] = None,
    development_login: Annotated[
        bool, typer.Option("--development-login", help="Let anybody log in as anybody: synthetic data only.")
    ] = False,
) -> None:
    """Serve the published run: API under /v1, the ranked list at /.

    Example: python -m pipelines serve --port 8080
    """
    import uvicorn

    if development_login:
        os.environ["TARGETING_DANGEROUS_DEVELOPMENT_LOGIN"] = "true"
        typer.echo("WARNING: development login: whoever reaches this address may be anybody, with any role.", err=True)
    # No access log of uvicorn's own: it writes addresses with their queries. The service's log holds neither.
    uvicorn.run("api.main:app", host=host, port=port or Settings().port, log_level="warning", access_log=False)


def main() -> None:
    """Entry point."""
    app()


if __name__ == "__main__":
    main()
