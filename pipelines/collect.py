"""Outcomes uploaded on the web become files in the store's inbox: the web process may not touch the store itself."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

from pipelines.outcome_files import Source, inspected_of, missed_of, write_source
from targeting.domain import Arm, BadInputError, Target
from targeting.feedback.outcomes import read_upload
from targeting.ledger import Event, EventKind, Ledger, plan_ids
from targeting.planning.drafts import plan_folder
from targeting.planning.life import LivePlan, live_plan

__all__ = ["Collected", "collect", "render"]


class Collected(NamedTuple):
    """One upload: the plan, the kept file, and what was written for the store (the same bytes every time)."""

    plan: str
    file: str
    written: tuple[Path, ...]


def collect(ledger: Ledger, home: Path) -> tuple[Collected, ...]:
    """Write every upload that lies beside the ledger as source files under `home`/outcomes, known on its own day.

    Doing it twice writes the same bytes, which the store knows already. Raises `BadInputError` when a kept file is not
    the one that was recorded.
    """
    with ledger.read() as connection:
        plans = [live_plan(connection, one) for one in plan_ids(connection)]
    return tuple(found for live in plans for found in _of_plan(home, live))


def _of_plan(home: Path, live: LivePlan) -> Iterator[Collected]:
    folder = plan_folder(home, live.record.id) / "outcomes"
    for event in live.events:
        named = event.payload.get("file") or {}
        if event.kind == EventKind.OUTCOMES_RECORDED and named and (path := folder / named["name"]).is_file():
            yield _of_upload(home, live, event, path, named["sha256"])


def _of_upload(home: Path, live: LivePlan, event: Event, path: Path, sha256: str) -> Collected:
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise BadInputError(
            expected="the file that was uploaded", got="another content", where=path.name, do="restore it from a backup"
        )
    known_on = date.fromisoformat(event.at[:10])
    source = Source("plan", live.record.id, Target(live.record.target), known_on)
    accepted = read_upload(content, path.name, live, known_on).accepted
    arms: dict[str, Arm] = {one.slot.establishment: one.slot.arm for one in live.record.slots}
    missed = missed_of(source, (one.outcome for one in accepted))
    written = write_source(home, source, event.sequence or 0, inspected_of(source, accepted), missed, arms)
    return Collected(live.record.id, path.name, written)


def render(found: tuple[Collected, ...]) -> str:
    """What was collected, a line an upload."""
    lines = [f"plan {one.plan[:12]}, upload {one.file}: {len(one.written)} files for the store" for one in found]
    return "\n".join(lines) or "no outcomes were uploaded"
