"""The audit from the command line: whether it is whole, and what it says."""

from __future__ import annotations

from typing import NamedTuple

from targeting.ledger import Asked, Event, Fault, FaultKind, Ledger, head, trail_of, verify

__all__ = ["Verified", "render_faults", "show", "verified"]

_SHOWN = 50


class Verified(NamedTuple):
    """What `verify` found; `head` is the newest event's hash, to be noted where this ledger's keepers cannot write."""

    faults: tuple[Fault, ...]
    events: int
    head: str


def verified(ledger: Ledger, noted: str | None = None) -> Verified:
    """Every row hashed again, every link followed; `noted` is a head from an export or an earlier verification."""
    faults = verify(ledger, noted)
    with ledger.read() as connection:
        newest = trail_of(connection, Asked(), limit=1).events
        return Verified(faults, newest[0].number if newest else 0, head(connection))


def render_faults(found: Verified) -> str:
    """The verdict as a page of text: which rows, and what is wrong with each."""
    if not found.faults:
        return f"the ledger is whole: {found.events} events; note its head elsewhere: {found.head or 'none yet'}"
    lines = [str(fault) for fault in found.faults[:_SHOWN]]
    if len(found.faults) > _SHOWN:
        lines.append(f"and {len(found.faults) - _SHOWN} more")
    kinds = ", ".join(
        f"{sum(one.kind is kind for one in found.faults)} {kind}"
        for kind in FaultKind
        if any(one.kind is kind for one in found.faults)
    )
    return "\n".join([*lines, f"the ledger is not what was written: {kinds}"])


def show(ledger: Ledger, asked: Asked, before: int | None = None, limit: int = 50) -> str:
    """A page of events as text, newest first; its last line says how to go on."""
    with ledger.read() as connection:
        page = trail_of(connection, asked, before, limit)
    lines = [_line(event) for event in page.events] or ["no such event"]
    if page.before is not None:
        lines.append(f"older ones: --before {page.before}")
    return "\n".join(lines)


def _line(event: Event) -> str:
    about = [
        f"plan {event.plan[:12]}" if event.plan else "",
        event.establishment or "",
        event.target or "",
        event.reason_code,
        event.text,
    ]
    return "  ".join([f"{event.number:>7}", event.at[:19], event.actor, event.kind, *filter(None, about)])
