"""A plan's life from the command line: propose, approve, withdraw, swap, export, outcomes, report."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines.exit_codes import guarded
from pipelines.outcomes import outcomes as record_outcomes
from pipelines.outcomes import render as render_outcomes
from pipelines.plan_acts import export_plan, ledger_at, propose_plan, result_of
from pipelines.plan_report import render_result
from targeting.domain import AsOf, Target
from targeting.ledger import plan_ids
from targeting.planning import life
from targeting.planning.exports import Format
from targeting.planning.permissions import Person, Role
from targeting.planning.states import diagram
from targeting.settings import Settings

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="The life of a plan: who proposed, approved, changed and found what.")


_Plan = Annotated[str, typer.Argument(help="The plan's id, or its beginning.")]
_By = Annotated[str, typer.Option("--by", help="Who acts. The ledger keeps the name; approver and author differ.")]
_Roles = Annotated[
    list[Role] | None, typer.Option("--role", help="Role of the person; planner and approver without it.")
]
_Text = Annotated[str, typer.Option("--text", help="Why, in words.")]
_Code = Annotated[str, typer.Option("--reason", help="The reason code.")]


def _by(name: str, roles: list[Role] | None, code: str = "", text: str = "") -> life.By:
    return life.By(
        Person(name, frozenset(roles or (Role.PLANNER, Role.APPROVER))), datetime.now(UTC), reason_code=code, text=text
    )


def _say(plan: life.LivePlan) -> None:
    typer.echo(f"plan {plan.record.id[:12]} is {plan.state.title_en}, {len(plan.slots)} slots, hash {plan.hash}")


def _act(act: Callable[..., life.LivePlan], by: life.By, plan: str, *more: Any) -> None:
    with closing(ledger_at(Settings().home)) as ledger, ledger.write() as connection:
        found = act(connection, by, plan, *more)
    _say(found)


@app.command()
@guarded
def propose(
    plan: Annotated[Path, typer.Argument(help="PLAN.json, with its table of probabilities beside it.")],
    by: _By,
    target: Annotated[Target, typer.Option(help="What the scores predict.")] = Target.BHT_USE,
    run: Annotated[str | None, typer.Option(help="The run it was planned from; the one in service without it.")] = None,
    candidates: Annotated[Path | None, typer.Option(help="The candidates file, if it was not a run.")] = None,
    role: _Roles = None,
    text: _Text = "",
) -> None:
    """Keep a plan in the ledger and propose it for approval by another person.

    Example: python -m pipelines plan-life propose var/plans/PLAN.json --by ada
    """
    _say(propose_plan(Settings().home, _by(by, role, text=text), plan, target, run, candidates))


@app.command()
@guarded
def approve(
    plan: _Plan,
    by: _By,
    seen: Annotated[str | None, typer.Option("--hash", help="The hash you looked at; another is refused.")] = None,
    role: _Roles = None,
    text: _Text = "",
) -> None:
    """Freeze a proposed plan, as another person than those who made or changed it.

    Example: python -m pipelines plan-life approve c0ffee --by bo
    """
    _act(life.approve, _by(by, role, text=text), plan, seen)


@app.command(name="return")
@guarded
def return_(plan: _Plan, by: _By, text: _Text, role: _Roles = None) -> None:
    """Send a proposed plan back to its author, saying why.

    Example: python -m pipelines plan-life return c0ffee --by bo --text "too many in Oslo"
    """
    _act(life.send_back, _by(by, role, text=text), plan)


@app.command()
@guarded
def resubmit(plan: _Plan, by: _By, role: _Roles = None) -> None:
    """Propose a plan again after it was sent back.

    Example: python -m pipelines plan-life resubmit c0ffee --by ada
    """
    _act(life.propose, _by(by, role), plan)


@app.command()
@guarded
def withdraw(plan: _Plan, by: _By, text: _Text, role: _Roles = None) -> None:
    """Take a plan back before its first inspection.

    Example: python -m pipelines plan-life withdraw c0ffee --by ada --text "replaced by another"
    """
    _act(life.withdraw, _by(by, role, text=text), plan)


@app.command()
@guarded
def close(plan: _Plan, by: _By, role: _Roles = None) -> None:
    """Close a plan in which every slot has a result or a reason.

    Example: python -m pipelines plan-life close c0ffee --by ada
    """
    _act(life.close, _by(by, role), plan)


@app.command()
@guarded
def swap(plan: _Plan, establishment: str, by: _By, reason: _Code, text: _Text, role: _Roles = None) -> None:
    """Replace a slot by the next standby of its stratum.

    Example: python -m pipelines plan-life swap c0ffee 312902168 --by ada --reason recent_contact --text "seen in May"
    """
    _act(life.swap_slot, _by(by, role, reason, text), plan, establishment)


@app.command()
@guarded
def remove(plan: _Plan, establishment: str, by: _By, reason: _Code, text: _Text, role: _Roles = None) -> None:
    """Take a slot out of the list; that it was proposed stays in the ledger.

    Example: python -m pipelines plan-life remove c0ffee 312902168 --by ada --reason capacity --text "too far"
    """
    _act(life.remove_slot, _by(by, role, reason, text), plan, establishment)


@app.command()
@guarded
def add(plan: _Plan, establishment: str, by: _By, reason: _Code, text: _Text, role: _Roles = None) -> None:
    """Add an establishment that was not proposed.

    Example: python -m pipelines plan-life add c0ffee 312902168 --by ada --reason tip_or_incident --text "a tip"
    """
    _act(life.add_slot, _by(by, role, reason, text), plan, establishment)


@app.command()
@guarded
def export(
    plan: _Plan,
    by: _By,
    format: Annotated[Format, typer.Option(help="csv, xlsx or json.")] = Format.XLSX,  # noqa: A002 - the contract's word
    out: Annotated[Path | None, typer.Option(help="Where to write it.")] = None,
    role: _Roles = None,
) -> None:
    """Write the list for the inspectors, with the hash of what was approved.

    Example: python -m pipelines plan-life export c0ffee --by ada --format xlsx --out plan.xlsx
    """
    made = export_plan(Settings().home, _by(by, role), plan, format, out)
    typer.echo(f"written to {made.path}, sha256 {made.sha256}")


@app.command()
@guarded
def outcomes(
    plan: _Plan,
    files: Annotated[
        list[Path], typer.Argument(help="A filled-in export, or tilsyn, kontrollpunkt and reaksjon files.")
    ],
    by: _By,
    known_on: Annotated[str | None, typer.Option(help="When the results became known; today without it.")] = None,
    role: _Roles = None,
) -> None:
    """Record what inspections found; a slot that could not be inspected calls the next standby.

    Example: python -m pipelines plan-life outcomes c0ffee filled_in.xlsx --by ada
    """
    home = Settings().home
    day = AsOf.parse(known_on).day if known_on else date.today()
    with closing(ledger_at(home)) as ledger:
        typer.echo(render_outcomes(record_outcomes(ledger, home, _by(by, role), plan, files, day)))


@app.command()
@guarded
def report(plan: _Plan, by: _By = "reader", role: _Roles = None) -> None:
    """Say what the plan found, and what that tells of the whole cohort.

    Example: python -m pipelines plan-life report c0ffee
    """
    typer.echo(render_result(result_of(Settings().home, _by(by, role), plan)))


@app.command(name="list")
@guarded
def list_(by: _By = "reader", role: _Roles = None) -> None:
    """List the plans with their states.

    Example: python -m pipelines plan-life list
    """
    with closing(ledger_at(Settings().home)) as ledger, ledger.read() as connection:
        for identifier in plan_ids(connection):
            plan = life.live_plan(connection, identifier)
            if plan.record.target != Target.WORK_CRIME or Role.AKRIM_ANALYST in _by(by, role).person.roles:
                _say(plan)


@app.command()
def states() -> None:
    """Print the page of a plan's states, for docs/reference/plan-states.md.

    Example: python -m pipelines plan-life states > docs/reference/plan-states.md
    """
    typer.echo(diagram(), nl=False)
