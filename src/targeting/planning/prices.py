"""What the rules cost: the value each of them takes from the plan, and the exchanges that were closest.

The price of a rule is the optimum without it minus the optimum with it, each solved exactly; never negative.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from targeting.planning.arrays import Flags, Places, Reals
from targeting.planning.constraints import Rules, cell_of_each
from targeting.planning.selection import contenders
from targeting.planning.solver import Model, Optimum, maximise

__all__ = ["Price", "Swap", "nearest_swaps", "optimum_value", "prices"]

_SWAPS: Final = 10
_DUST: Final = 1e-9


class Price(NamedTuple):
    """A rule and the expected value (breaches, unless the objective says otherwise) lost by keeping it."""

    rule: str
    price: float


class Swap(NamedTuple):
    """A feasible exchange of one slot: positions dropped and taken, and the change of value (at most 0)."""

    drop: int
    take: int
    change: float


def prices(values: Reals, rules: Rules, value: float) -> tuple[Price, ...]:
    """One price per declared rule, in the order they were written; `value` is the optimum under all of them.

    A rule that the linear programme does not pay for costs nothing when that programme's bound is met; another row
    rule is re-solved from the candidates that mattered with it; a grouping from scratch, as other siblings return.
    """
    places = contenders(values, rules)
    model = Model.of(values[places], rules.take(places))
    best = maximise(model)
    lifted = (max(0.0, _without(rule, values, rules, model, best) - value) for rule in range(1, len(rules.names)))
    return tuple(Price(name, _no_dust(price)) for name, price in zip(rules.names[1:], lifted, strict=True))


def _without(rule: int, values: Reals, rules: Rules, model: Model, best: Optimum) -> float:
    shuts = (rules.upper[rules.row_rule == rule] < rules.rows.data.max(initial=1.0)).any()
    if rule in rules.group_rule or shuts:
        return optimum_value(values, rules.without(rule))
    if rule not in best.paid and best.dual - best.value <= _DUST:
        return best.value
    return maximise(Model.of(model.values, model.rules.without(rule)), start=best.active).value


def optimum_value(values: Reals, rules: Rules) -> float:
    """The value of the best plan, without settling ties."""
    places = contenders(values, rules)
    return maximise(Model.of(values[places], rules.take(places))).value


def _no_dust(price: float) -> float:
    return price if price > _DUST else 0.0


def nearest_swaps(values: Reals, rules: Rules, chosen: Places, most: int = _SWAPS) -> tuple[Swap, ...]:
    """The feasible single exchanges that lose least, best first.

    Of each cell only the best `most` that no group shuts out can be among the best `most` exchanges for a given
    slot; candidates shut out only by a sibling in the plan are tried against that sibling.
    """
    outside = np.setdiff1d(np.arange(values.size), chosen)
    left = rules.after(chosen)
    shut = _shut_out(rules, left.caps, outside)
    cells = cell_of_each(rules)
    strangers = _best_of_cells(values, cells[outside[~shut]], outside[~shut], most)
    shown, cell = np.unique(cells[strangers], return_index=True)
    row_of = np.searchsorted(shown, cells[strangers])
    weights, used = rules.rows[:, strangers[cell]].toarray(), rules.rows[:, chosen].toarray()
    kin = rules.take(outside[shut])
    kin_weights = kin.rows.toarray()
    pairs: list[tuple[int, int]] = []
    for number, out in enumerate(chosen):
        fit = _keeps(left, weights - used[:, [number]])[row_of]
        pairs += [(int(out), int(into)) for into in _top(values, strangers[fit], most)]
        fit = _freed(rules, kin, left, int(out)) & _keeps(left, kin_weights - used[:, [number]])
        pairs += [(int(out), int(into)) for into in outside[shut][fit]]
    ranked = sorted(pairs, key=lambda pair: (values[pair[0]] - values[pair[1]], pair))
    return tuple(Swap(out, into, float(min(0.0, values[into] - values[out]))) for out, into in ranked[:most])


def _keeps(left: Rules, change: Reals) -> Flags:
    """Per column of changes, whether what is left of every row's bounds can bear it."""
    within = (change <= left.upper[:, None] + 1e-9) & (change >= left.lower[:, None] - 1e-9)
    return np.asarray(within.all(axis=0))


def _shut_out(rules: Rules, left: tuple[Reals, ...], places: Places) -> Flags:
    shut = np.zeros(places.size, dtype=bool)
    for group, cap in zip(rules.groups, left, strict=True):
        shut |= cap[group[places]] < 1
    return shut


def _best_of_cells(values: Reals, cells: Places, places: Places, most: int) -> Places:
    order = np.lexsort((-values[places], cells))
    runs = cells[order]
    starts = np.flatnonzero(np.r_[True, runs[1:] != runs[:-1]]) if runs.size else np.zeros(0, dtype=np.int64)
    place = np.arange(runs.size) - np.repeat(starts, np.diff(np.r_[starts, runs.size]))
    return places[order[place < most]]


def _top(values: Reals, places: Places, most: int) -> Places:
    return places[np.argsort(-values[places], kind="stable")[:most]]


def _freed(rules: Rules, kin: Rules, left: Rules, out: int) -> Flags:
    """Per column of `kin`, whether every group that shuts it out would have a place once `out` leaves."""
    freed = np.ones(kin.rows.shape[1], dtype=bool)
    for group, own, cap in zip(kin.groups, rules.groups, left.caps, strict=True):
        freed &= cap[group] + (group == own[out]) >= 1
    return freed
