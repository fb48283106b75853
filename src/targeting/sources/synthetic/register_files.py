"""Enhetsregisteret's files: two bulk files of 2015-12-31, then two change feeds a year."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from targeting.sources.synthetic.arrays import Ints
from targeting.sources.synthetic.arrow_text import (
    Texts,
    days,
    joined,
    json_array,
    numbers,
    pick,
    text_bytes,
    write_text,
)
from targeting.sources.synthetic.filings import Accounts
from targeting.sources.synthetic.register import Register
from targeting.sources.synthetic.register_events import (
    CHANGED,
    KINDS,
    REMOVED,
    Events,
    enterprise_events,
    place_events,
)
from targeting.sources.synthetic.register_state import Entries, entries_at
from targeting.sources.synthetic.timeline import BULK_DAY, first_days, iso
from targeting.sources.synthetic.unit_json import enterprise_json, gone_json, place_json_of

__all__ = ["write_bulk", "write_changes"]

_BLOCK: Final = 50_000


def write_bulk(register: Register, accounts: Accounts, folder: Path) -> None:
    """`enheter_` and `underenheter_2015-12-31.json.gz`: every living unit."""
    entries = entries_at(register, accounts, -1)
    living = {"enheter": register.enterprise_living(-1), "underenheter": register.living(-1)}
    for name, members in living.items():
        blocks = (
            text_bytes(joined(_content(entries, rows, name == "enheter"), ",\n"))
            for rows in _blocks(np.flatnonzero(members))
        )
        write_text(folder / f"{name}_{iso(BULK_DAY)}.json.gz", json_array(blocks))


def write_changes(register: Register, accounts: Accounts, folder: Path, quarters: Sequence[int], first_id: int) -> int:
    """Both feeds over `quarters`, named by the last day. Ids run on over both registers; returns the next free one."""
    feeds: dict[str, list[Iterator[bytes]]] = {"enheter": [], "underenheter": []}
    for q in quarters:
        entries = entries_at(register, accounts, q)
        for name, events in (("enheter", enterprise_events(register, q)), ("underenheter", place_events(register, q))):
            feeds[name].append(_lines(entries, events, name == "enheter", first_id))
            first_id += len(events.rows)
    last_day = int(first_days()[quarters[-1] + 1]) - 1
    for name, parts in feeds.items():
        write_text(folder / f"oppdateringer_{name}_{iso(last_day)}.jsonl.gz", chain.from_iterable(parts))
    return first_id


def _blocks(rows: Ints) -> Iterator[Ints]:
    for start in range(0, len(rows), _BLOCK):
        yield rows[start : start + _BLOCK]


def _content(entries: Entries, rows: Ints, enterprise: bool) -> Texts:
    return enterprise_json(entries, rows) if enterprise else place_json_of(entries, rows)


def _lines(entries: Entries, events: Events, enterprise: bool, first_id: int) -> Iterator[bytes]:
    """The feed in blocks, each line a unit as it was fetched."""
    register = entries.register
    number = register.enterprise_number if enterprise else register.number
    for block in _blocks(np.arange(len(events.rows))):
        rows, kind, day = (column[block] for column in events)
        there = np.flatnonzero(kind <= CHANGED)
        gone = np.flatnonzero(kind > CHANGED)
        parts = [
            _content(entries, rows[there], enterprise),
            gone_json(register, rows[gone], day[gone], entries.q, kind[gone] == REMOVED, enterprise),
        ]
        order = np.argsort(np.concatenate([there, gone]), kind="stable")
        yield text_bytes(
            joined(
                '{"oppdateringsid":',
                numbers(first_id + block),
                ',"dato":"',
                days(day),
                'T04:01:39.613Z","organisasjonsnummer":"',
                numbers(number[rows]),
                '","endringstype":"',
                pick(KINDS, kind),
                '","innhold":',
                _together(parts, order),
                "}\n",
            )
        )


def _together(parts: list[Texts], order: Ints) -> Texts:
    return pa.concat_arrays(parts).take(pa.array(order))
