"""A correction of source data: into the audit and into the store, and a note when a run has it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from targeting.domain import OrganisationNumber, RefusedError
from targeting.ledger import AuditEvent, EventKind, Ledger, payloads_of, record_event
from targeting.published import Run, open_current
from targeting.snapshots import Store
from targeting.snapshots.correcting import Correction, Prepared, prepare, take_in

__all__ = ["Rescored", "correct", "render", "render_rescored", "rescored"]

_SOURCE: Final = "correction"


class Rescored(NamedTuple):
    """A correction that a run contains: whose, of which field, and the run by the id everybody may know."""

    number: str
    field: str
    run: str


def correct(home: Path, ledger: Ledger, wanted: Correction, by: str, now: datetime) -> Prepared:
    """Append the corrected row and the row about it, and record both; all or nothing.

    The audit comes first and the store last: what a crash leaves is a correction that is recorded and not yet made,
    and giving the same command again the same day makes it without a second record.
    """
    number = OrganisationNumber(wanted.number)
    if not wanted.why.strip():
        raise RefusedError(expected="the ground of a correction", got="nothing", where="--source")
    store = Store(home)
    prepared = prepare(store, wanted, now.date())
    content = json.dumps(prepared.record, sort_keys=True, ensure_ascii=False)
    sha256 = hashlib.sha256(content.encode()).hexdigest()
    event = AuditEvent(
        EventKind.CORRECTION_RECORDED, by, now, text=wanted.why, payload=prepared.record, establishment=str(number)
    )
    with store.begin(_SOURCE, f"correction of {prepared.table.about.name}", sha256, now.date()) as load:
        take_in(load, prepared)
        with ledger.write() as connection:
            if prepared.record not in payloads_of(connection, EventKind.CORRECTION_RECORDED):
                record_event(connection, event)
    return prepared


def rescored(home: Path, ledger: Ledger, by: str, now: datetime) -> tuple[Rescored, ...]:
    """Record for every correction that the run in service is the first to contain that it was scored again."""
    run = open_current(home).about
    with ledger.write() as connection:
        told = payloads_of(connection, EventKind.RESCORED)
        found = tuple(_contained(run, payloads_of(connection, EventKind.CORRECTION_RECORDED), told))
        for payload in found:
            event = AuditEvent(
                EventKind.RESCORED, by, now, payload=payload, establishment=payload["correction"]["number"]
            )
            record_event(connection, event)
    return tuple(Rescored(one["correction"]["number"], one["correction"]["field"], one["run"]) for one in found)


def _contained(
    run: Run, corrections: tuple[dict[str, Any], ...], told: tuple[dict[str, Any], ...]
) -> Iterator[dict[str, Any]]:
    """Whether a correction is in a run is told by its day alone: never by who is in which cohort."""
    done = [one["correction"] for one in told]
    for correction in corrections:
        if correction["known_on"] < str(run.as_of) and correction not in done:
            yield {"correction": correction, "run": run.open_part().run, "as_of": str(run.as_of)}


def render(prepared: Prepared) -> str:
    """What was corrected, in one paragraph."""
    told = prepared.record
    return (
        f"{told['table_name']}.{told['field']} of {told['number']}: {_said(told['disputed'])} is now "
        f"{_said(told['value'])}, known from {told['known_on']}. It counts from the next score as of a later day. "
        f"A register file that still says {_said(told['disputed'])} will not undo it; one that says a third thing will."
    )


def render_rescored(found: tuple[Rescored, ...]) -> str:
    """The corrections a new run contains, a line each; empty when there are none."""
    return "\n".join(f"run {one.run} contains the correction of {one.field} of {one.number}" for one in found)


def _said(value: str | None) -> str:
    return "not known" if value is None else repr(value)
