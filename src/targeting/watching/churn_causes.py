"""Why an establishment left or entered the first places of a list, told from what two runs published about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

__all__ = ["CAUSES", "Cause", "cause_of"]

CAUSES: Final = (
    "closed",
    "no_employees",
    "duty_changed",
    "outside",
    "left_cohort",
    "new",
    "joined_cohort",
    "inspected",
    "model",
    "features",
    "displaced",
)
"""Every cause; where several hold, the first that explains the change by itself is given."""

_MOVED: Final = 1e-9
_NEW_MONTHS: Final = 12
"""Younger than this and in no cohort before: new. Registers are late, so a quarter would be too short."""

Row = Mapping[str, Any]


class Cause(NamedTuple):
    """One of `CAUSES`, and the theme that moved most where it is `features`."""

    name: str
    theme: str | None = None


def cause_of(direction: str, now: Row, before: Row, *, model_changed: bool, since: str) -> Cause:
    """The cause of one change. `now` and `before` are its published facts and, where it was listed, its score.

    `since` is the earlier run's as-of day. Nothing is inferred that the runs do not say: an establishment that no
    cohort of this run holds is `outside`, whether it closed or lost its employees.
    """
    if now["rank"] is None:
        return Cause(_why_gone(now, before))
    if before["rank"] is None:
        return Cause(_why_here(now, before))
    if _inspected_since(now, since):
        return Cause("inspected")
    if model_changed:
        return Cause("model")
    sign = -1.0 if direction == "left" else 1.0
    moves = {theme: sign * move for theme, move in _moves(now["reasons"], before["reasons"]).items()}
    # Scores of one band are equal: then only the reasons tell which way the establishment went.
    own = sign * (now["score"] - before["score"]) or sum(moves.values())
    theme = max(sorted(moves), key=lambda name: moves[name], default=None)
    by_itself = own > _MOVED and theme is not None and moves[theme] > _MOVED
    return Cause("features", theme) if by_itself else Cause("displaced")


def _why_gone(now: Row, before: Row) -> str:
    if not now["described"]:
        return "outside"
    if not now["living"]:
        return "closed"
    if now["employees_low"] == 0:
        return "no_employees"
    return "duty_changed" if now["bht_duty"] != before["bht_duty"] else "left_cohort"


def _why_here(now: Row, before: Row) -> str:
    if before["described"]:
        return "duty_changed" if now["bht_duty"] != before["bht_duty"] else "joined_cohort"
    months = now["age_months"]
    return "new" if months is not None and months < _NEW_MONTHS else "joined_cohort"


def _inspected_since(now: Row, since: str) -> bool:
    """Inspected on the earlier run's as-of day or later: what a run knew lies before its day."""
    inspected: date | None = now["last_inspected_on"]
    return inspected is not None and inspected >= date.fromisoformat(since)


def _moves(now: Sequence[Row] | None, before: Sequence[Row] | None) -> dict[str, float]:
    """By how much the reasons of each theme push more now than before, in log-odds."""
    moved: defaultdict[str, float] = defaultdict(float)
    for sign, reasons in ((1.0, now), (-1.0, before)):
        for reason in reasons or ():
            moved[reason["theme"]] += sign * reason["contribution"]
    return dict(moved)
