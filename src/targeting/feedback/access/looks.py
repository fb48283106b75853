"""Who saw it: days and purposes of every look, staff numbered instead of named."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any, Final

import sqlalchemy as sa

from targeting.domain import Target
from targeting.feedback.access.answer import CorrectionTold, Seen, Words
from targeting.ledger import Asked, Event, EventKind, whole_trail
from targeting.parameters.purposes import purpose_of

__all__ = ["corrections_in", "events_about", "looks_in"]

_PURPOSES: Final = {
    EventKind.LOOKED_UP: Words("slått opp for å vurdere tilsyn", "looked up to consider an inspection"),
    EventKind.DRAFTED: Words("utkast til tilsynsplan laget", "draft of an inspection plan made"),
    EventKind.PROPOSED: Words("tilsynsplan foreslått", "inspection plan proposed"),
    EventKind.RETURNED: Words("tilsynsplan sendt tilbake", "inspection plan sent back"),
    EventKind.APPROVED: Words("tilsynsplan godkjent", "inspection plan approved"),
    EventKind.PLAN_VIEWED: Words("tilsynsplan lest", "inspection plan read"),
    EventKind.EXPORTED: Words("tilsynsplan tatt ut av systemet", "inspection plan taken out of the system"),
    EventKind.ACCESS_REQUEST_ANSWERED: Words("innsynskrav besvart", "access request answered"),
    EventKind.CORRECTION_RECORDED: Words("opplysning rettet", "data corrected"),
}
_KINDS: Final = (*_PURPOSES, EventKind.RESCORED)


def events_about(connection: sa.Connection, number: str, hidden: Collection[str]) -> Iterator[Event]:
    """Every event to tell of, newest first: its own, and those of plans that name it."""
    return whole_trail(connection, Asked(establishment=number, kinds=_KINDS, hidden=hidden))


def looks_in(events: Collection[Event], untold: Collection[str], *, named: bool) -> tuple[Seen, ...]:
    """The looks among `events`, newest first; none at plans that may not be told yet.

    The same person has the same number throughout one answer, in the order in which they first looked.
    """
    shown = [one for one in events if one.kind in _PURPOSES and one.plan not in untold]
    people: dict[str, int] = {}
    for one in sorted(shown, key=lambda event: event.number):
        people.setdefault(one.actor, len(people) + 1)
    return tuple(Seen(one.at, _who(one.actor, people, named=named), _purpose(one)) for one in shown)


def _who(actor: str, people: dict[str, int], *, named: bool) -> Words:
    if named:
        return Words(actor, actor)
    return Words(f"ansatt {people[actor]}", f"member of staff {people[actor]}")


def _purpose(event: Event) -> Words:
    words = _PURPOSES[EventKind(event.kind)]
    if event.target not in set(Target):
        return words
    purpose = purpose_of(Target(event.target))
    return Words(f"{words.nb}: {purpose.title_nb}", f"{words.en}: {purpose.title_en}")


def corrections_in(events: Collection[Event], hidden_columns: Collection[str]) -> tuple[CorrectionTold, ...]:
    """The corrections among `events`, newest first, with the runs that first contained them."""
    runs: dict[tuple[object, ...], list[str]] = {}
    for one in events:
        if one.kind == EventKind.RESCORED:
            runs.setdefault(_key(one.payload["correction"]), []).append(str(one.payload["run"]))
    told = (one.payload for one in events if one.kind == EventKind.CORRECTION_RECORDED)
    return tuple(
        CorrectionTold(
            number=one["number"],
            table=one["table_name"],
            field=one["field"],
            known_on=date.fromisoformat(one["known_on"]),
            disputed=one["disputed"],
            value=one["value"],
            why=one["why"],
            rescored_in=tuple(runs.get(_key(one), ())),
        )
        for one in told
        if f"{one['table_name']}.{one['field']}" not in hidden_columns
    )


def _key(correction: Mapping[str, Any]) -> tuple[object, ...]:
    return tuple(correction[name] for name in ("number", "table_name", "entity", "field", "known_on", "version"))
