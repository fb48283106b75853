"""Trials from the command line: how many are needed, a design, the freezing, and the one result."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from pipelines import trial_acts
from pipelines.exit_codes import guarded
from targeting.domain import AsOf, Target
from targeting.feedback.trial_telling import render_design
from targeting.planning.life import By
from targeting.planning.permissions import Person, Role
from targeting.planning.trial import power as power_of
from targeting.planning.trial import slots_needed
from targeting.settings import Settings

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True,
    help="A trial: the model against today's rule against chance, frozen before the first visit, read once.",
)

_By = Annotated[str, typer.Option("--by", help="Who acts; the ledger keeps the name.")]
_Roles = Annotated[list[Role] | None, typer.Option("--role", help="Role of the person; planner without it.")]


def _by(name: str, roles: list[Role] | None) -> By:
    return By(Person(name, frozenset(roles or (Role.PLANNER,))), datetime.now(UTC))


@app.command()
@guarded
def power(
    rule: Annotated[float, typer.Option(help="Share with a breach among what today's rule picks.")],
    model: Annotated[float, typer.Option(help="Share hoped for among what the model picks.")],
    per_arm: Annotated[int | None, typer.Option(min=2, help="Inspections an arm.")] = None,
    wanted: Annotated[float, typer.Option(min=0.01, max=0.99, help="The power to reach.")] = 0.8,
) -> None:
    """Say how many inspections an arm a trial needs, and what a given number would see.

    Example: python -m pipelines trial power --rule 0.45 --model 0.60
    """
    needed = slots_needed(rule, model, wanted)
    typer.echo(f"{needed} an arm see {rule:.0%} against {model:.0%} with a power of {wanted:.0%} (two-sided, 5 %)")
    if per_arm:
        typer.echo(f"{per_arm} an arm see it with a power of {power_of(rule, model, per_arm):.0%}")


@app.command()
@guarded
def design(
    name: Annotated[str, typer.Option(help="What the trial is called.")],
    per_arm: Annotated[int, typer.Option(min=1, help="Inspections an arm.")],
    rule: Annotated[str, typer.Option(help="The column that today's rule picks by, highest first.")],
    block: Annotated[str, typer.Option(help="The column the arms are balanced over.")] = "county",
    target: Annotated[Target, typer.Option(help="What the scores predict.")] = Target.BHT_USE,
    seed: Annotated[int, typer.Option(help="Same seed, same assignment.")] = 0,
    problem: Annotated[Path | None, typer.Option(help="PROBLEM.toml: who may be planned; the default without.")] = None,
    candidates: Annotated[Path | None, typer.Option(help="Candidates Parquet; the published run without it.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where to write the design.")] = None,
) -> None:
    """Assign establishments to the model's, the rule's and chance's arm, block by block; nothing is frozen yet.

    Example: python -m pipelines trial design --name autumn --per-arm 100 --rule months_since_inspected --seed 7
    """
    wanted = trial_acts.Wanted(name, target, per_arm, block, rule, seed)
    typer.echo(f"written to {trial_acts.design(Settings().home, wanted, problem, candidates, out)}")


@app.command()
@guarded
def freeze(
    path: Annotated[Path, typer.Argument(metavar="DESIGN", help="The design that `trial design` wrote.")],
    by: _By,
    role: _Roles = None,
) -> None:
    """Freeze a design before the first visit, and write the list of visits, which hides the arms.

    Example: python -m pipelines trial freeze var/trials/c0ffee/trial.json --by ada
    """
    trial, visits = trial_acts.freeze_trial(Settings().home, _by(by, role), path)
    typer.echo(f"{render_design(trial)}\nfrozen; the list of visits is {visits}")


@app.command()
@guarded
def result(
    trial: Annotated[str, typer.Argument(help="The trial's id, or its beginning.")],
    files: Annotated[list[Path], typer.Argument(help="The filled-in lists of visits, CSV or XLSX.")],
    by: _By,
    known_on: Annotated[str | None, typer.Option(help="When the results became known; today without it.")] = None,
    role: _Roles = None,
) -> None:
    """Tell what the trial showed, once: refused (exit code 1) until the last outcome is in.

    Example: python -m pipelines trial result c0ffee visits.csv --by ada
    """
    day = AsOf.parse(known_on).day if known_on else date.today()
    told = trial_acts.tell(Settings().home, _by(by, role), trial, files, day)
    typer.echo(f"{told.page.read_text('utf-8')}\nwritten to {told.page}")
    typer.echo(f"next: python -m pipelines ingest {told.files[0].parent}")
