"""What the trial commands do, as plain functions: design, freeze with a list of visits, and tell the one result."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from pipelines.outcome_files import write_trial
from pipelines.plan import candidates_table, read_problem
from pipelines.plan_acts import ledger_at
from targeting.domain import BadInputError, Target
from targeting.feedback.trial import TrialResult
from targeting.feedback.trial_telling import tell_trial, visits_text
from targeting.planning import candidates_of, default_problem
from targeting.planning.kept_files import trial_folder
from targeting.planning.life import By
from targeting.planning.trial import Trial, design_trial, freeze, frozen_trial
from targeting.planning.trial_candidates import allot, trial_candidates
from targeting.published import open_current
from targeting.published.flushing import keep_file

__all__ = ["Told", "Wanted", "design", "freeze_trial", "tell"]


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
    path = out or trial_folder(home, trial.id) / "trial.json"
    keep_file(path, f"{json.dumps(trial.as_json(), indent=2, ensure_ascii=False)}\n".encode())
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
        path = trial_folder(home, trial.id) / "visits.csv"
        keep_file(path, visits_text(trial).encode())
    return trial, path


def _read_design(path: Path) -> Trial:
    try:
        return Trial.from_json(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError) as cause:
        raise BadInputError(
            expected="a design as `trial design` writes it", got=type(cause).__name__, where=path.name
        ) from cause


def tell(home: Path, by: By, identifier: str, paths: Sequence[Path], known_on: date) -> Told:
    """The result of a frozen trial from its filled-in lists, computed once, kept in the ledger and as a page.

    Raises `RefusedError` until the last outcome or reason is in, and when it was told before from other outcomes.
    """
    with closing(ledger_at(home)) as ledger, ledger.write() as connection:
        frozen = frozen_trial(connection, identifier)
        told = tell_trial(connection, by, frozen, {path.name: _list(path) for path in paths}, known_on)
        path = trial_folder(home, frozen.trial.id) / "result.txt"
        keep_file(path, f"{told.page}\n".encode())
        files = write_trial(home, frozen.trial, told.found.values(), known_on)
    return Told(told.result, path, files)


def _list(path: Path) -> bytes:
    if not path.is_file():
        raise BadInputError(expected="a filled-in list of visits", got="nothing there", where=path.name)
    return path.read_bytes()
