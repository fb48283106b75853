"""One simulated quarter by the house's own commands: train, score, plan, approve, inspect, record, read back.

Everything but the finding itself is the real path. What an inspection finds is drawn from the hidden truth of a
synthetic country, with one number a (seed, establishment, quarter): two policies that inspect the same place in the
same quarter find the same there.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Final, NamedTuple

import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.ingest import ingest
from pipelines.outcomes import outcomes
from pipelines.plan import plan_from_published, write_plan
from pipelines.plan_acts import export_plan, ledger_at, propose_plan, result_of
from pipelines.progress import Progress
from pipelines.score import score
from pipelines.train import train
from targeting.domain import AsOf, BadInputError, Target
from targeting.evaluation.gates import passed
from targeting.feedback.plan_result import PlanResult
from targeting.modelling.registry import promote
from targeting.planning import Problem, life, plan_document
from targeting.planning.exports import Format
from targeting.planning.permissions import Person, Role

__all__ = ["CarriedOut", "Learned", "Nature", "carry_out", "learn"]

_TARGET: Final = Target.BHT_USE
_PLANNER: Final = Person("simulated planner", frozenset({Role.PLANNER}))
_APPROVER: Final = Person("simulated approver", frozenset({Role.APPROVER}))
_INSPECTED_AFTER: Final = timedelta(days=30)
_KNOWN_AFTER: Final = timedelta(days=80)
"""Documents are asked for early in the quarter and answered within it: the next quarter's training sees them."""
_ROUNDS: Final = 5
"""Calls of standbys for standbys: an end to them, should a whole county have closed down."""


@dataclass(frozen=True, slots=True)
class Nature:
    """The hidden truth file of a country and the seed of what its inspections find."""

    truth: Path
    seed: int

    def probabilities(self, as_of: AsOf) -> dict[str, float]:
        """Chance of a breach in the quarter that begins on `as_of`, per workplace that employs somebody then."""
        wanted = (pc.field("quarter_start") == as_of.day) & (pc.field("target") == str(_TARGET))
        rows = pq.read_table(self.truth, filters=wanted, columns=["establishment", "probability"])
        if not rows.num_rows:
            raise BadInputError(expected=f"a truth for the quarter from {as_of}", got="none", where=self.truth.name)
        return dict(zip(rows["establishment"].to_pylist(), rows["probability"].to_pylist(), strict=True))

    def lot(self, establishment: str, as_of: AsOf) -> float:
        """The number in [0, 1) that decides what is found there in that quarter, whoever sends the inspector."""
        digest = hashlib.sha256(f"{self.seed}:{as_of}:{establishment}".encode()).digest()
        return (int.from_bytes(digest[:7], "big") >> 4) / float(1 << 52)


class Learned(NamedTuple):
    """What a training came to. `gates`: whether it would have been promoted without a person's decision."""

    version: str
    candidate: str
    labels: int
    gates: bool


class CarriedOut(NamedTuple):
    """A closed plan. `approved` is the hash that the approval froze; `result` speaks of the slots as proposed."""

    live: life.LivePlan
    approved: str
    result: PlanResult
    loaded: int


def learn(home: Path, as_of: AsOf, progress: Progress) -> Learned:
    """Train on what was known before `as_of`, put the version into service, publish its scores.

    A person decides for every version: on a few hundred rows the calibration gate passes or fails by luck, and a
    policy must not lose because its model was locked out.
    """
    report = train(home, _TARGET, as_of, progress).targets[0]
    assert report.version is not None and report.choice is not None, "a single target raises when it is refused"
    promote(home, _TARGET, report.version)
    score(home, as_of, progress)
    return Learned(report.version, report.choice.candidate, report.rows, passed(report.gates))


def carry_out(home: Path, as_of: AsOf, problem: Problem, nature: Nature, progress: Progress) -> CarriedOut:
    """Plan the run in service, have it approved by another person, inspect every slot, load what was found, close.

    A place that the truth does not know no longer employs anybody: it counts as closed down and calls its standby.
    """
    made = plan_from_published(home, problem)
    path = write_plan(made, home / "plans" / f"{plan_document(made)['hash']}.json")
    proposed = propose_plan(home, _by(_PLANNER, as_of), path, _TARGET)
    with closing(ledger_at(home)) as ledger, ledger.write() as connection:
        approved = life.approve(connection, _by(_APPROVER, as_of), proposed.record.id, proposed.hash)
        live = life.begin(connection, _by(_PLANNER, as_of), approved.record.id)
    loaded, chances = 0, nature.probabilities(as_of)
    for _ in range(_ROUNDS):
        if not live.without_outcome:
            break
        loaded += _visit(home, as_of, live, _found(live, as_of, chances, nature), progress)
        live = _standing(home, live.record.id)
    with closing(ledger_at(home)) as ledger, ledger.write() as connection:
        live = life.close(connection, _by(_PLANNER, as_of, days=_KNOWN_AFTER), live.record.id)
    return CarriedOut(live, approved.hash, result_of(home, _by(_PLANNER, as_of), live.record.id), loaded)


def _by(person: Person, as_of: AsOf, days: timedelta = timedelta(0)) -> life.By:
    return life.By(person, datetime.combine(as_of.day + days, time(9), UTC), text="simulated")


def _standing(home: Path, plan: str) -> life.LivePlan:
    with closing(ledger_at(home)) as ledger, ledger.read() as connection:
        return life.live_plan(connection, plan)


def _found(
    live: life.LivePlan, as_of: AsOf, chances: Mapping[str, float], nature: Nature
) -> dict[str, Mapping[str, str]]:
    """What to fill in for every slot that has no outcome yet."""
    day = str(as_of.day + _INSPECTED_AFTER)
    filled: dict[str, Mapping[str, str]] = {}
    for name in live.without_outcome:
        if name in chances:
            breach = nature.lot(name, as_of) < chances[name]
            filled[name] = {"result": "inspected", "breach": "ja" if breach else "nei", "inspected_on": day}
        else:
            filled[name] = {"result": "not_inspected", "reason": "closed_down"}
    return filled


def _visit(
    home: Path, as_of: AsOf, live: life.LivePlan, found: Mapping[str, Mapping[str, str]], progress: Progress
) -> int:
    """Export the list, fill it in, record it, load the files that makes; how many inspections the store took in."""
    known_on, by = as_of.day + _KNOWN_AFTER, _by(_PLANNER, as_of, days=_KNOWN_AFTER)
    sheet = home / "plans" / live.record.id[:12] / f"filled_in_{live.version}.csv"
    _fill_in(export_plan(home, by, live.record.id, Format.CSV, sheet).path, found)
    with closing(ledger_at(home)) as ledger:
        report = outcomes(ledger, home, by, live.record.id, [sheet], known_on)
    if report.quarantined or report.accepted != len(found):
        raise BadInputError(expected=f"{len(found)} outcomes accepted", got=str(report.accepted), where=sheet.name)
    inspected = sum(one["result"] == "inspected" for one in found.values())
    read = ingest(report.files, home, known_on, False, progress)
    taken = {one.file: one.accepted for one in read.files}
    if read.refused or sum(taken.values()) < 2 * inspected:
        raise BadInputError(expected=f"{inspected} inspections and their answers", got=str(taken), where="the store")
    return inspected


def _fill_in(sheet: Path, found: Mapping[str, Mapping[str, str]]) -> None:
    rows = list(csv.DictReader(sheet.read_text("utf-8-sig").splitlines()))
    with sheet.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows({**row, **found.get(row["establishment"], {})} for row in rows)
