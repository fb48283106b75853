"""A purge by decision: a number leaves everything that is kept, but for what people did and what was decided on it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from pipelines.purge_places import Place, Prepared, frames, published_runs, quarantines, shadows, staying, working_files
from targeting.domain import BadInputError, OrganisationNumber, has_national_identity_number
from targeting.ledger import AuditEvent, EventKind, Ledger, payloads_of, record_event
from targeting.published import recover_runs
from targeting.snapshots import Store
from targeting.snapshots.forgetting import forget, naming_rows
from targeting.snapshots.manifest import number_digest

__all__ = ["Decision", "PurgeReport", "purge", "render"]


_ADVICE: Final = (
    "  not reached: backups, and register files as they came, which you keep elsewhere",
    "  a mirror is reached by the next `mirror push`, other homes by their next pull",
)


class Decision(NamedTuple):
    """Which number, why, who decided, and when."""

    number: OrganisationNumber
    reason: str
    by: str
    at: datetime


class PurgeReport(NamedTuple):
    """Where the number was, or in a dry run is; and what names it still, which stays, with the reason."""

    applied: bool
    places: tuple[Place, ...]
    stays: tuple[str, ...]


def purge(home: Path, ledger: Ledger, decision: Decision, *, apply: bool = False) -> PurgeReport:
    """Take a number out of the store, quarantine, published runs, shadows, drawing frames and working files.

    Without `apply` it only says what would go. Each place is recorded before anything in it goes, with the number's
    sha256 and not the number. Interrupted anywhere, the same command finishes it. Raises `BadInputError` for a reason
    that is empty or names the number: what the ledger keeps is never erased.
    """
    _check_reason(decision)
    if apply:
        recover_runs(home)
    places = []
    for place in _places(home, ledger, decision):
        if apply:
            _do(ledger, decision, place)
        places.append(place)
    return PurgeReport(apply, tuple(places), staying(ledger, decision.number.value))


def _check_reason(decision: Decision) -> None:
    said = "".join(decision.reason.split())
    if not said or decision.number.value in said or has_national_identity_number(decision.reason):
        raise BadInputError(
            expected="a reason that does not name the number",
            got="none" if not said else "one with a number in it",
            where="--reason",
            do="name the letter or the decision: the ledger keeps it for good",
        )


def _places(home: Path, ledger: Ledger, decision: Decision) -> Iterator[Place]:
    number = decision.number.value
    yield from _store(home, decision)
    yield from quarantines(home, number)
    yield from published_runs(home, number)
    yield from shadows(home, number)
    yield from frames(home, ledger, number)
    yield from working_files(home, ledger, number)


def _store(home: Path, decision: Decision) -> Iterator[Place]:
    """Once also where the store holds nothing of it: then no older file brings it in."""
    store, number, day = Store(home), decision.number.value, decision.at.date()
    rows = naming_rows(store, number)
    if rows or number_digest(number) not in store.manifest().purges():
        yield Place("the store", rows, lambda: Prepared({}, partial(forget, store, number, day)))


def _do(ledger: Ledger, decision: Decision, place: Place) -> None:
    """Record, then remove; not recorded again for what a crash left between the two."""
    more, settle = place.prepared()
    about = {"where": place.where, "rows": dict(place.rows), "number_sha256": number_digest(decision.number.value)}
    about |= {"on": str(decision.at.date()), **more}
    event = AuditEvent(
        EventKind.NUMBER_PURGED,
        decision.by,
        decision.at,
        place.plan,
        text=decision.reason,
        payload=about,
        target=place.target,
    )
    with ledger.write() as connection:
        if about not in payloads_of(connection, EventKind.NUMBER_PURGED):
            record_event(connection, event)
    settle()


def render(report: PurgeReport) -> str:
    """The report as a page of text."""
    lines = ["purged:" if report.applied else "would be purged (dry run; --apply does it):"]
    for one in report.places:
        rows = ", ".join(f"{count} of {name}" for name, count in one.rows.items())
        lines.append(f"  {one.where}: {rows or 'nothing is held; no older file brings it in'}")
    if not report.places:
        lines = ["it was purged before, and nothing holds it but what stays"]
    return "\n".join([*lines, *(f"  stays: {one}" for one in report.stays), *_ADVICE])
