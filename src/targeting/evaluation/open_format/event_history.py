"""What else was known of the establishment: dated events of each kind."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from targeting.evaluation.open_format.column import WINDOWS, Column, declared
from targeting.evaluation.open_format.ledger import Asked, Ledger
from targeting.modelling.columns import Reals

__all__ = ["MOST_KINDS", "EventKind", "event_history"]

#: Kinds of event that get columns of their own, the most frequent before training ends.
MOST_KINDS: Final = 12
_HALF_LIFE: Final = 730


class EventKind(NamedTuple):
    """A kind of event, and whether its values differ (then sums and means say more than counts)."""

    name: str
    sized: bool


def event_history(asked: Asked, about: EventKind, events: Ledger) -> list[Column]:
    """Time since the last event of the kind, how many and (where values differ) how much, over the windows."""
    kind = about.name
    columns = [_event(f"event_{kind}_days_since", events.days_since_last(asked), kind, "dager siden", "days since")]
    for suffix, days in WINDOWS.items():
        count, total = events.sums_before(asked, days)
        columns.append(_event(f"event_{kind}_count_{suffix}", count, kind, f"antall {suffix}", f"count in {suffix}"))
        if about.sized:
            columns.append(_event(f"event_{kind}_sum_{suffix}", total, kind, f"sum {suffix}", f"sum over {suffix}"))
    return [*columns, *(_sizes(asked, kind, events) if about.sized else [])]


def _sizes(asked: Asked, kind: str, events: Ledger) -> list[Column]:
    weight, total = events.decayed(asked, _HALF_LIFE)
    return [
        _event(f"event_{kind}_last", events.value_of_last(asked), kind, "siste verdi", "last value"),
        _event(f"event_{kind}_decayed", np.asarray(total / (weight + 1.0)), kind, "dempet middel", "decayed mean"),
    ]


def _event(name: str, values: Reals, kind: str, nb: str, en: str) -> Column:
    return declared(name, values, title=(f"{kind}: {nb}", f"{kind}: {en}"), theme="events", source="events.parquet")
