"""Trials over the run in service: designed, frozen, found again, as a person may see them, and told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from api.plans import asked_problem, closed_to
from api.served_run import ServedRun
from targeting.domain import BadInputError, NotFoundError, Target
from targeting.feedback.trial import TrialResult
from targeting.feedback.trial_telling import tell_trial
from targeting.ledger import Asked, EventKind, trail_of, trial_of
from targeting.planning import candidates_of
from targeting.planning.kept_files import OUTCOMES, trial_folder, upload_name
from targeting.planning.life import By
from targeting.planning.permissions import Person, check_can_see_establishments
from targeting.planning.trial import Frozen, Trial, design_trial
from targeting.planning.trial_candidates import allot, trial_candidates
from targeting.published.flushing import keep_file

__all__ = ["TrialWanted", "design_over", "frozen_trials", "seen_trial", "tell_uploaded"]

_MOST = 500


@dataclass(frozen=True, slots=True)
class TrialWanted:
    """What a trial is to be: how many an arm, the column it is balanced over and that of today's rule."""

    name: str
    target: Target
    per_arm: int
    block: str
    rule: str
    seed: int
    problem: Mapping[str, Any] | None = None


def design_over(run: ServedRun, wanted: TrialWanted) -> Trial:
    """The design over the run's scores; nothing is kept. `problem` says who may take part, the default one without."""
    run.ranking(wanted.target)
    rules = replace(asked_problem(run, wanted.target, wanted.problem), seed=wanted.seed)
    table = candidates_of(run.published, wanted.target)
    for column in (wanted.block, wanted.rule):
        if column not in table.column_names:
            raise BadInputError(expected="a column of the candidates", got=repr(column[:40]), where="the trial")
    taking_part = trial_candidates(rules, table, wanted.block, wanted.rule)
    per_arm = allot(wanted.per_arm, taking_part)
    named = run.published.about.named_for(wanted.target)
    today = f"{wanted.rule}, highest first"
    return design_trial(wanted.name, wanted.target, taking_part, per_arm, wanted.seed, run=named, rule=today)


def frozen_trials(connection: sa.Connection, person: Person) -> list[Frozen]:
    """The frozen trials that the person may see, newest first."""
    check_can_see_establishments(person)
    asked = Asked(kinds=[EventKind.TRIAL_FROZEN], hidden=closed_to(person))
    found = trail_of(connection, asked, limit=_MOST).events
    return [Frozen(Trial.from_json(trial_of(connection, one.payload["trial"])), one) for one in found]


def seen_trial(connection: sa.Connection, person: Person, identifier: str) -> Frozen:
    """The frozen trial with this whole id; `NotFoundError` in the same words for none and for a hidden one."""
    for one in frozen_trials(connection, person):
        if one.trial.id == identifier:
            return one
    raise NotFoundError(expected="the id of a trial", got="none that you can see", where="trials", do="list them")


def tell_uploaded(
    connection: sa.Connection, by: By, home: Path, trial: str, file: Path, kind: str, sha256: str
) -> TrialResult:
    """The one result of the trial from the filled-in list in `file`, which is kept as it came; known from today on.

    A list that tells the same again is no act, and is not kept. Raises as `tell_trial`.
    """
    frozen, name, content = seen_trial(connection, by.person, trial), upload_name(sha256, kind), file.read_bytes()
    told = tell_trial(connection, by, frozen, {name: content}, by.at.date(), {"name": name, "sha256": sha256})
    if told.first:
        keep_file(trial_folder(home, trial) / OUTCOMES / name, content)
    return told.result
