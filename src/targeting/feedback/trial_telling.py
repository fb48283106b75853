"""A frozen trial on its way to its one result: the list of visits, the lists that come back, the page that is kept."""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import NamedTuple

import sqlalchemy as sa

from targeting.domain import BadInputError, RefusedError, Target
from targeting.feedback.outcomes import Found, Upload, VisitList, check_answers_told, read_visits
from targeting.feedback.trial import TrialResult, trial_result
from targeting.ledger import Asked, EventKind, record_event, whole_trail
from targeting.planning.exports import FILLED_IN
from targeting.planning.life import By
from targeting.planning.permissions import check_can_record_outcomes
from targeting.planning.trial import Frozen, Trial

__all__ = ["TrialTold", "found_in", "render_design", "render_result", "tell_trial", "visits_text"]


class TrialTold(NamedTuple):
    """The result, the page that says it, what was found at each establishment, and whether nobody had told it yet."""

    result: TrialResult
    page: str
    found: Mapping[str, Found]
    first: bool


def visits_text(trial: Trial) -> str:
    """The list of visits as CSV, to be filled in. It does not tell who is in which arm."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["establishment", "block", *FILLED_IN, "trial"])
    for one in sorted(trial.assignments):
        writer.writerow([one.establishment, one.block, *("" for _ in FILLED_IN), trial.id])
    return buffer.getvalue()


def tell_trial(
    connection: sa.Connection,
    by: By,
    frozen: Frozen,
    lists: Mapping[str, bytes],
    known_on: date,
    file: Mapping[str, str] | None = None,
) -> TrialTold:
    """The result of a frozen trial from its filled-in lists by name, computed once and kept in the ledger.

    `file` is what was uploaded and is kept beside the ledger: name and sha256. Raises `RefusedError` until the last
    outcome or reason is in, and when it was told before from other outcomes; `BadInputError` when it tells too little.
    """
    check_can_record_outcomes(by.person, frozen.trial.target)
    found = found_in(frozen, lists, known_on)
    check_answers_told(Target(frozen.trial.target), tuple(found.values()))
    result = trial_result(frozen.trial, {name: one.outcome.breach for name, one in found.items()})
    page = render_result(frozen, result)
    return TrialTold(result, page, found, _keep(connection, by, frozen, page, file))


def _keep(connection: sa.Connection, by: By, frozen: Frozen, page: str, file: Mapping[str, str] | None) -> bool:
    sha256 = hashlib.sha256(page.encode()).hexdigest()
    told = whole_trail(connection, Asked(kinds=[EventKind.TRIAL_TOLD]))
    before = [one.payload["page"] for one in told if one.payload["trial"] == frozen.trial.id]
    if before and before != [sha256]:
        raise RefusedError(
            expected="the outcomes the result was told from",
            got="others",
            where=f"trial {frozen.trial.name}",
            do="a trial is read once; design another one",
        )
    if not before:
        about = {"trial": frozen.trial.id, "page": sha256, **({"file": dict(file)} if file else {})}
        event = by.event(EventKind.TRIAL_TOLD, None, **about)
        record_event(connection, replace(event, target=frozen.trial.target))
    return not before


def found_in(frozen: Frozen, lists: Mapping[str, bytes], known_on: date) -> dict[str, Found]:
    """What the filled-in lists by name say of each establishment.

    Raises `BadInputError` naming file, line and column, `RefusedError` for a visit from before the freezing.
    """
    visits = VisitList(frozen.trial.id, frozenset(one.establishment for one in frozen.trial.assignments))
    found: dict[str, Found] = {}
    for name, content in lists.items():
        upload = read_visits(content, name, visits, known_on)
        _check_accepted(upload, name)
        for one in upload.accepted:
            _check_visited_after(frozen, one.outcome.occurred_on, name)
            if found.get(one.outcome.establishment, one).outcome.breach is not one.outcome.breach:
                raise BadInputError(
                    expected="one outcome each",
                    got="two that differ",
                    where=f"{name}, {one.outcome.establishment}",
                )
            found.setdefault(one.outcome.establishment, one)
    return found


def _check_accepted(upload: Upload, name: str) -> None:
    if upload.quarantined:
        first = upload.quarantined[0]
        raise BadInputError(
            expected=first.expected,
            got=f"{first.got}; {len(upload.quarantined)} rows are refused",
            where=f"{name}, line {first.line}, {first.column}",
            do="correct the list",
        )


def _check_visited_after(frozen: Frozen, day: date | None, name: str) -> None:
    frozen_on = datetime.fromisoformat(frozen.event.at).date()
    if day is not None and day < frozen_on:
        raise RefusedError(
            expected=f"visits from {frozen_on} on, when the trial was frozen",
            got=str(day),
            where=name,
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
