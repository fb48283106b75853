"""What happened to a chain that does not hold: which events were changed, lost, moved or put in.

The links tell the order in which events were written, whatever numbers they carry now: each names the hash of the one
before it. So the links are walked from the beginning, and taken up again behind every break.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final, NamedTuple

from targeting.ledger.chain import GENESIS, event_holds
from targeting.ledger.faults import Fault, FaultKind
from targeting.ledger.tables import events

__all__ = ["Link", "broken_chain"]

_TRIED: Final = 1000
"""How many lost events in a row are bridged when those behind them were numbered anew."""


class Link(NamedTuple):
    """An event as the chain sees it."""

    number: int
    previous_hash: str
    hash: str


class _Walked(NamedTuple):
    """What the walk found, by the number an event stands under now.

    `written` says which number it was written under (`places` are these numbers), `inserted` and `before_break` what
    to say of it.
    """

    written: dict[int, int]
    places: set[int]
    inserted: dict[int, str]
    before_break: dict[int, str]

    def place(self, number: int, written: int) -> None:
        """Note where an event was written."""
        self.written[number] = written
        self.places.add(written)


def broken_chain(links: Sequence[Link], suspects: Mapping[int, Mapping[str, Any]]) -> Iterator[Fault]:
    """The faults of the chain, by number. `links` are all events by number, `suspects` those that give another hash."""
    walked = _walk(links, suspects)
    found = [_of_suspect(number, act, walked) for number, act in suspects.items() if number not in walked.inserted]
    found += [_fault(FaultKind.INSERTED, number, why) for number, why in walked.inserted.items()]
    named = {int(one.key) for one in found}
    found += [
        _fault(FaultKind.CHANGED, number, why) for number, why in walked.before_break.items() if number not in named
    ]
    found += _gaps(sorted(walked.places))
    yield from sorted(found, key=lambda one: int(one.key.partition("-")[0]))


def _fault(kind: FaultKind, number: int | str, detail: str) -> Fault:
    return Fault(kind, events.name, str(number), detail)


def _of_suspect(number: int, act: Mapping[str, Any], walked: _Walked) -> Fault:
    written = walked.written.get(number, number)
    if written != number and _written_as(act, written):
        return _fault(FaultKind.REORDERED, number, f"it was written as number {written}")
    return _fault(FaultKind.CHANGED, number, "its content does not give its hash")


def _written_as(act: Mapping[str, Any], number: int) -> bool:
    return event_holds({**act, "number": number})


def _walk(links: Sequence[Link], suspects: Mapping[int, Mapping[str, Any]]) -> _Walked:
    following: dict[str, list[Link]] = defaultdict(list)
    for link in links:
        following[link.previous_hash].append(link)
    walked = _Walked({}, {0}, {}, {})
    _follow(GENESIS, 1, following, suspects, walked)
    for link in links:
        if link.number not in walked.written and link.number not in walked.inserted:
            _take_up(link, following, suspects, walked)
    return walked


def _take_up(
    link: Link, following: Mapping[str, list[Link]], suspects: Mapping[int, Mapping[str, Any]], walked: _Walked
) -> None:
    """Go on behind a break. With the event before it still there, that one's content is not what was chained to."""
    start = _start(link, suspects)
    if start == 1:
        walked.before_break[1] = "it does not begin the chain"
    elif start - 1 in walked.places:
        walked.before_break[start - 1] = f"event {start} was written after another content"
    walked.place(link.number, start)
    _follow(link.hash, start + 1, following, suspects, walked)


def _follow(
    end: str,
    place: int,
    following: Mapping[str, list[Link]],
    suspects: Mapping[int, Mapping[str, Any]],
    walked: _Walked,
) -> None:
    """Go from link to link. Of two that follow the same, the one that was put in has nobody behind it."""
    while nexts := [one for one in following.get(end, ()) if one.number not in walked.written]:
        nexts.sort(key=lambda one: (one.hash not in following, one.number not in suspects))
        for other in nexts[1:]:
            walked.inserted[other.number] = f"event {place} was written there, and the chain goes on from that"
        chosen = nexts[0]
        if chosen.number != place and chosen.number not in suspects:
            place = chosen.number  # its hash vouches for its number
        walked.place(chosen.number, place)
        end, place = chosen.hash, place + 1


def _start(link: Link, suspects: Mapping[int, Mapping[str, Any]]) -> int:
    """The number an event behind a break was written under."""
    act = suspects.get(link.number)
    if act is None:
        return link.number
    tried = range(link.number + 1, link.number + 1 + _TRIED)
    return next((number for number in tried if _written_as(act, number)), link.number)


def _gaps(places: list[int]) -> list[Fault]:
    found = []
    for before, after in pairwise(places):
        if after - before == 2:
            found.append(_fault(FaultKind.MISSING, before + 1, "the numbering has a gap here"))
        elif after - before > 2:
            found.append(_fault(FaultKind.MISSING, f"{before + 1}-{after - 1}", "the numbering has a gap here"))
    return found
