"""Named alternates: who steps in, stratum by stratum, when a slot falls out."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from targeting.planning.arrays import Places, Reals
from targeting.planning.candidates import Candidates
from targeting.planning.constraints import Rules
from targeting.planning.problem import Problem, Standby

__all__ = ["Stratum", "standby_lists"]


class Stratum(NamedTuple):
    """The alternates of one value of one column, best first."""

    per: str
    value: str
    establishments: tuple[str, ...]
    scores: tuple[float, ...]


def standby_lists(
    problem: Problem, rows: Candidates, rules: Rules, scores: Reals, tie: Reals, planned: Places
) -> tuple[Stratum, ...]:
    """Per declared standby list and value: the best left over, none of whom an at-most-per rule shuts out.

    A stand-in for a slot of the same stratum keeps that stratum's quotas; other quotas are checked at the swap.
    """
    left = rules.after(planned).caps
    order = np.setdiff1d(np.arange(len(rows)), planned)
    order = order[np.lexsort((tie[order], -scores[order]))]
    return tuple(
        stratum for standby in problem.standby for stratum in _strata(standby, rows, rules, scores, left, order)
    )


def _strata(
    standby: Standby, rows: Candidates, rules: Rules, scores: Reals, left: tuple[Reals, ...], order: Places
) -> list[Stratum]:
    values = ["missing" if value is None else str(value) for value in rows.column(standby.per).to_pylist()]
    room = [cap.copy() for cap in left]
    lists: dict[str, list[int]] = {value: [] for value in sorted(set(values))}
    short = len(lists) if standby.count else 0
    for place in order.tolist():
        if not short:
            break
        chosen = lists[values[place]]
        kin = [(cap, group[place]) for cap, group in zip(room, rules.groups, strict=True)]
        if len(chosen) == standby.count or any(cap[k] < 1 for cap, k in kin):
            continue
        for cap, k in kin:
            cap[k] -= 1
        chosen.append(place)
        short -= len(chosen) == standby.count
    return [_stratum(standby.per, value, places, rows, scores) for value, places in lists.items()]


def _stratum(per: str, value: str, places: list[int], rows: Candidates, scores: Reals) -> Stratum:
    names = tuple(rows.names[place] for place in places)
    return Stratum(per, value, names, tuple(float(scores[place]) for place in places))
