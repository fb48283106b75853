"""What the trial commands do, as plain functions: design, freeze with a list of visits, and tell the one result."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Final, NamedTuple

import pyarrow as pa
import sqlalchemy as sa

from pipelines.outcome_files import Source, inspected_of, missed_of, write_source
from pipelines.plan import candidates_table, read_problem
from pipelines.plan_acts import ledger_at
from targeting.domain import Arm, BadInputError, RefusedError, Target
from targeting.feedback.outcomes import Found, Upload, VisitList, read_visits
from targeting.feedback.trial import TrialResult, trial_result
from targeting.ledger import Asked, EventKind, record_event, trail_of
from targeting.planning import candidates_of, default_problem
from targeting.planning.exports import FILLED_IN
from targeting.planning.life import By
from targeting.planning.permissions import check_can_record_outcomes
from targeting.planning.trial import Frozen, Trial, TrialArm, design_trial, freeze, frozen_trial
from targeting.planning.trial_candidates import allot, trial_candidates
from targeting.published import open_current

__all__ = ["Told", "Wanted", "design", "freeze_trial", "render_design", "render_result", "tell"]

_FOLDER: Final = "trials"


class Wanted(NamedTuple):
    """What a trial is to be: its name, how many an arm, the column it is blocked by and that of today's rule."""

    name: str
    target: Target
    per_arm: int
    block: str
    rule: str
    seed: int


class Told(NamedTuple):
    """The result, where its page stands, and the files by which the outcomes enter the store."""

    result: TrialResult
    page: Path
    files: tuple[Path, ...]


def design(home: Path, wanted: Wanted, problem: Path | None, candidates: Path | None, out: Path | None) -> Path:
    """Assign a trial over the run in service, or a candidates file, and write its design; nothing is frozen yet."""
    table, run = _candidates(home, wanted.target, candidates)
    rules = replace(read_problem(problem) if problem else default_problem(wanted.target), seed=wanted.seed)
    taking_part = trial_candidates(rules, table, wanted.block, wanted.rule)
    per_arm = allot(wanted.per_arm, taking_part)
    named = f"{wanted.rule}, highest first"
    trial = design_trial(wanted.name, wanted.target, taking_part, per_arm, wanted.seed, run=run, rule=named)
    path = out or home / _FOLDER / trial.id[:12] / "trial.json"
    _write(path, json.dumps(trial.as_json(), indent=2, ensure_ascii=False) + "\n")
    return path


def _candidates(home: Path, target: Target, path: Path | None) -> tuple[pa.Table, str]:
    if path is None:
        run = open_current(home)
        return candidates_of(run, target), run.about.run
    return candidates_table(path), f"candidates-{hashlib.sha256(path.read_bytes()).hexdigest()[:16]}"


def freeze_trial(home: Path, by: By, design_path: Path) -> tuple[Trial, Path]:
    """Freeze a design in the ledger and write the list of visits, which does not tell who is in which arm."""
    trial = _read_design(design_path)
    with closing(ledger_at(home)) as ledger, ledger.write() as connection:
        freeze(connection, by, trial)
        path = home / _FOLDER / trial.id[:12] / "visits.csv"
        _write(path, _visits(trial))
    return trial, path


def _read_design(path: Path) -> Trial:
    try:
        return Trial.from_json(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError) as cause:
        raise BadInputError(
            expected="a design as `trial design` writes it", got=type(cause).__name__, where=path.name
        ) from cause


def _visits(trial: Trial) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["establishment", "block", *FILLED_IN, "trial"])
    for one in sorted(trial.assignments):
        writer.writerow([one.establishment, one.block, *("" for _ in FILLED_IN), trial.id])
    return buffer.getvalue()


def tell(home: Path, by: By, identifier: str, paths: Sequence[Path], known_on: date) -> Told:
    """The result of a frozen trial from its filled-in lists, computed once, kept in the ledger and as a page.

    Raises `RefusedError` until the last outcome or reason is in, and when it was told before from other outcomes.
    """
    with closing(ledger_at(home)) as ledger, ledger.write() as connection:
        frozen = frozen_trial(connection, identifier)
        check_can_record_outcomes(by.person, frozen.trial.target)
        found = _found(frozen, paths, known_on)
        result = trial_result(frozen.trial, {name: one.outcome.breach for name, one in found.items()})
        page = render_result(frozen, result)
        _keep(connection, by, frozen, page)
        path = home / _FOLDER / frozen.trial.id[:12] / "result.txt"
        _write(path, page + "\n")
        files = _for_the_store(home, frozen.trial, found, known_on)
    return Told(result, path, files)


def _for_the_store(home: Path, trial: Trial, found: Mapping[str, Found], known_on: date) -> tuple[Path, ...]:
    """The outcomes as a dated source. Those that chance picked were drawn at random; the others were not."""
    source = Source("trial", trial.id, Target(trial.target), known_on)
    drawn = {TrialArm.RANDOM: Arm.EXPLORATION}
    arms = {one.establishment: drawn.get(one.arm, Arm.RANKED) for one in trial.assignments}
    missed = missed_of(source, (one.outcome for one in found.values()))
    return write_source(home, source, 1, inspected_of(source, found.values()), missed, arms)


def _keep(connection: sa.Connection, by: By, frozen: Frozen, page: str) -> None:
    sha256 = hashlib.sha256(page.encode()).hexdigest()
    told = trail_of(connection, Asked(kinds=[EventKind.TRIAL_TOLD]), limit=500).events
    before = [one.payload["page"] for one in told if one.payload["trial"] == frozen.trial.id]
    if before and before != [sha256]:
        raise RefusedError(
            expected="the outcomes the result was told from",
            got="others",
            where=f"trial {frozen.trial.name}",
            do="a trial is read once; design another one",
        )
    if not before:
        event = by.event(EventKind.TRIAL_TOLD, None, trial=frozen.trial.id, page=sha256)
        record_event(connection, replace(event, target=frozen.trial.target))


def _found(frozen: Frozen, paths: Sequence[Path], known_on: date) -> dict[str, Found]:
    visits = VisitList(frozen.trial.id, frozenset(one.establishment for one in frozen.trial.assignments))
    found: dict[str, Found] = {}
    for path in paths:
        upload = _upload(path, visits, known_on)
        _check_accepted(upload, path)
        for one in upload.accepted:
            _check_visited_after(frozen, one.outcome.occurred_on, path)
            if found.get(one.outcome.establishment, one).outcome.breach is not one.outcome.breach:
                raise BadInputError(
                    expected="one outcome each",
                    got="two that differ",
                    where=f"{path.name}, {one.outcome.establishment}",
                )
            found.setdefault(one.outcome.establishment, one)
    return found


def _upload(path: Path, visits: VisitList, known_on: date) -> Upload:
    if not path.is_file():
        raise BadInputError(expected="a filled-in list of visits", got="nothing there", where=path.name)
    return read_visits(path.read_bytes(), path.name, visits, known_on)


def _check_accepted(upload: Upload, path: Path) -> None:
    if upload.quarantined:
        first = upload.quarantined[0]
        raise BadInputError(
            expected=first.expected,
            got=f"{first.got}; {len(upload.quarantined)} rows are refused",
            where=f"{path.name}, line {first.line}, {first.column}",
            do="correct the list",
        )


def _check_visited_after(frozen: Frozen, day: date | None, path: Path) -> None:
    frozen_on = datetime.fromisoformat(frozen.event.at).date()
    if day is not None and day < frozen_on:
        raise RefusedError(
            expected=f"visits from {frozen_on} on, when the trial was frozen",
            got=str(day),
            where=path.name,
            do="what was found before belongs to no arm",
        )


def render_design(trial: Trial) -> str:
    """The design in words, without who is in which arm."""
    per_block = Counter(one.block for one in trial.assignments)
    arms = len({one.arm for one in trial.assignments})
    blocks = ", ".join(f"{block}: {count // arms}" for block, count in sorted(per_block.items()))
    return "\n".join(
        [
            f"trial {trial.name} ({trial.target}), id {trial.id}",
            f"metric: {trial.metric}",
            f"scores of {trial.run}; today's rule: {trial.rule}",
            f"{len(trial.assignments) // arms} inspections in each of {arms} arms, by block: {blocks}",
        ]
    )


def render_result(frozen: Frozen, result: TrialResult) -> str:
    """The result as a page of text; intervals are 95 %."""
    trial, event = frozen
    arms = [
        f"  {one.arm:<8} inspected {one.inspected} of {one.assigned}, breach at {one.hits}"
        + (f", {one.rate.estimate:.1%} [{one.rate.low:.1%}, {one.rate.high:.1%}]" if one.rate else "")
        for one in result.arms
    ]
    gaps = [
        f"{name}: {gap.estimate:+.1%} [{gap.low:+.1%}, {gap.high:+.1%}]"
        for name, gap in (
            ("model less today's rule (the declared metric)", result.model_less_rule),
            ("model less random", result.model_less_random),
        )
    ]
    return "\n".join(
        [
            render_design(trial),
            f"frozen {event.at[:10]} by {event.actor}, ledger event {event.hash[:12]}",
            "",
            *arms,
            f"  not inspected, with a reason: {result.not_inspected}",
            "",
            *gaps,
            "A hit rate tells of the visited only; the arms are compared with each other, not with the cohort.",
        ]
    )


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(text, "utf-8")
    partial.replace(path)
