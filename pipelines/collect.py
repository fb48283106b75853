"""Outcomes uploaded on the web become files in the store's inbox: the web process may not touch the store itself."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa

from pipelines.outcome_files import Source, inspected_of, missed_of, write_source, write_trial
from targeting.domain import Arm, BadInputError, Target
from targeting.feedback.outcomes import read_upload
from targeting.feedback.trial_telling import found_in
from targeting.ledger import Asked, Event, EventKind, Ledger, plan_ids, whole_trail
from targeting.planning.kept_files import OUTCOMES, plan_folder, trial_folder
from targeting.planning.life import LivePlan, live_plan
from targeting.planning.trial import frozen_trial

__all__ = ["Collected", "collect", "render"]


class Collected(NamedTuple):
    """One upload of a plan or trial: the kept file, and what was written for the store (the same bytes every time)."""

    kind: str
    id: str
    file: str
    written: tuple[Path, ...]


def collect(ledger: Ledger, home: Path) -> tuple[Collected, ...]:
    """Write every upload that lies beside the ledger as source files under `home`/outcomes, known on its own day.

    Doing it twice writes the same bytes, which the store knows already. Raises `BadInputError` when a kept file is not
    the one that was recorded.
    """
    with ledger.read() as connection:
        plans = [live_plan(connection, one) for one in plan_ids(connection)]
        trials = tuple(_of_trials(connection, home))
    return (*(found for live in plans for found in _of_plan(home, live)), *trials)


def _of_plan(home: Path, live: LivePlan) -> Iterator[Collected]:
    folder = plan_folder(home, live.record.id) / OUTCOMES
    for event in live.events:
        if event.kind == EventKind.OUTCOMES_RECORDED and (kept := _kept(folder, event)):
            yield _of_upload(home, live, event, *kept)


class _Kept(NamedTuple):
    path: Path
    content: bytes


def _kept(folder: Path, event: Event) -> _Kept | None:
    """The file that was uploaded with the event; null where there was none, or it went with a home that was lost."""
    named = event.payload.get("file") or {}
    if not named or not (path := folder / named["name"]).is_file():
        return None
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != named["sha256"]:
        raise BadInputError(
            expected="the file that was uploaded", got="another content", where=path.name, do="restore it from a backup"
        )
    return _Kept(path, content)


def _of_upload(home: Path, live: LivePlan, event: Event, path: Path, content: bytes) -> Collected:
    known_on = date.fromisoformat(event.at[:10])
    source = Source("plan", live.record.id, Target(live.record.target), known_on)
    accepted = read_upload(content, path.name, live, known_on).accepted
    arms: dict[str, Arm] = {one.slot.establishment: one.slot.arm for one in live.record.slots}
    missed = missed_of(source, (one.outcome for one in accepted))
    written = write_source(home, source, event.sequence or 0, inspected_of(source, accepted), missed, arms)
    return Collected("plan", live.record.id, path.name, written)


def _of_trials(connection: sa.Connection, home: Path) -> Iterator[Collected]:
    """A trial is told once, of one list."""
    for event in whole_trail(connection, Asked(kinds=[EventKind.TRIAL_TOLD])):
        trial = str(event.payload["trial"])
        if kept := _kept(trial_folder(home, trial) / OUTCOMES, event):
            frozen, known_on = frozen_trial(connection, trial), date.fromisoformat(event.at[:10])
            found = found_in(frozen, {kept.path.name: kept.content}, known_on)
            written = write_trial(home, frozen.trial, found.values(), known_on)
            yield Collected("trial", trial, kept.path.name, written)


def render(found: tuple[Collected, ...]) -> str:
    """What was collected, a line an upload."""
    lines = [f"{one.kind} {one.id[:12]}, upload {one.file}: {len(one.written)} files for the store" for one in found]
    return "\n".join(lines) or "no outcomes were uploaded"
