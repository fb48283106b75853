"""The ranked arm: the best feasible list, proved best, with ties broken the same way whichever model is solved.

**Reduction.** Candidates with the same weight in every row form a cell. Call a better than b when they share the cell
and every group and a is worth strictly more. Then

1. a group with cap c holds at most c slots, so b is in no optimum when c candidates better than b share its cell and
   *all* its groups: one of them is out of the plan, and exchanging b for it changes no row and no group count;
2. with at most one grouping, let K be the capacity and count, of the candidates of the cell better than b, at most c
   in each group. If that count reaches K and b is in the plan, the K - 1 other slots cannot block all of them: a slot
   blocks itself, and a group blocks its c counted members only when c slots fill it. So one better candidate is free,
   and exchanging it for b gains.

Both steps drop only candidates that are *strictly* worse, so every optimum survives, and with it every tie.

**Ties.** Among the plans of highest value the one with most slots is taken, and among those the one with the smallest
sum of tie-break numbers (`candidates.tie_numbers`). A perturbation of the objective would not be exact: it can buy
tie-break with value. A second problem is solved instead, over the candidates whose reduced profit leaves them open,
with the value held; by the isolation lemma its optimum is unique but for a chance below n / 2^30.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array, vstack

from targeting.planning.arrays import Flags, Places, Reals
from targeting.planning.constraints import Rules, cell_of_each
from targeting.planning.solver import Model, NoPlanError, Optimum, maximise

__all__ = ["Selection", "contenders", "select"]

_TIED = 1e-9
"""Two plans whose values differ by less than this share of the best candidate are equally good."""


class Selection(NamedTuple):
    """The chosen positions (ascending), their value, a proven upper bound, and the price of every row and group."""

    chosen: Places
    value: float
    bound: float

    @property
    def gap(self) -> float:
        """Bound minus value; zero when the optimum is proved."""
        return self.bound - self.value


def select(values: Reals, rules: Rules, tie_break: Callable[[Places], Reals]) -> Selection:
    """The best plan under `rules`; `tie_break` gives the tie numbers of positions. Raises `NoPlanError`."""
    places = contenders(values, rules)
    model = Model.of(values[places], rules.take(places))
    best = maximise(model)
    settled = _settle_ties(model, best, lambda inner: tie_break(places[inner]))
    chosen = places[np.flatnonzero(settled > 0.5)]
    value = float(values[chosen].sum())
    return Selection(chosen, value, max(value, best.bound) if best.bound > best.value else value)


def contenders(values: Reals, rules: Rules) -> Places:
    """Positions that can be in an optimum (the argument is in the module's docstring), ascending."""
    places = rules.open_places()
    if not places.size:
        return places
    values, rules = values[places], rules.take(places)
    cells = cell_of_each(rules)
    if not rules.groups:
        return np.asarray(places[_better(values, cells, np.ones(places.size)) < max(1, rules.capacity)])
    kin = _joint([cells, *rules.groups])
    least = np.min([cap[group] for cap, group in zip(rules.caps, rules.groups, strict=True)], axis=0)
    keep = _better(values, kin, np.ones(places.size)) < least
    if len(rules.groups) == 1:
        counted = (_place(values, kin) < least).astype(float)
        keep &= _better(values, cells, counted) < max(1, rules.capacity)
    return np.asarray(places[keep])


def _joint(codes: list[Places]) -> Places:
    joint = codes[0]
    for code in codes[1:]:
        joint = np.unique(joint * (int(code.max()) + 1) + code, return_inverse=True)[1].astype(np.int64)
    return joint


def _place(values: Reals, kin: Places) -> Places:
    """The place of each candidate among its kin, best first; equal ones in any order."""
    order = np.lexsort((-values, kin))
    place = np.empty(order.size, dtype=np.int64)
    place[order] = np.arange(order.size) - _starts(_changes(kin[order]))
    return place


def _better(values: Reals, kin: Places, counted: Reals) -> Reals:
    """For each candidate, the sum of `counted` over its kin that are worth strictly more."""
    order = np.lexsort((-values, kin))
    new_kin = _changes(kin[order])
    before = np.r_[0.0, np.cumsum(counted[order])]
    better = np.empty(order.size)
    better[order] = before[_starts(new_kin | _changes(values[order]))] - before[_starts(new_kin)]
    return better


def _changes(ordered: Places | Reals) -> Flags:
    return np.asarray(np.r_[True, ordered[1:] != ordered[:-1]])


def _starts(new: Flags) -> Places:
    starts: Places = np.maximum.accumulate(np.where(new, np.arange(new.size), 0))
    return starts


def _settle_ties(model: Model, best: Optimum, tie_break: Callable[[Places], Reals]) -> Reals:
    """The same value, most slots, smallest tie-break: solved over the candidates that an equally good plan may move."""
    size = float(np.abs(model.values).max(initial=0.0)) or 1.0
    slack = _TIED * size
    loose = np.flatnonzero(np.abs(best.profit) <= best.dual - best.value + slack).astype(np.int64)
    fixed = best.x.copy()
    fixed[loose] = 0.0
    if not loose.size:
        return best.x
    tied = _tied_model(model, best, loose, fixed, tie_break(loose), size)
    try:
        order = maximise(tied)
    except NoPlanError:  # the held value is met only within rounding: the first optimum stands, and is reproducible
        return best.x
    settled = fixed
    settled[loose] = order.x
    return settled if float(model.values @ settled) >= best.value - slack else best.x


def _tied_model(model: Model, best: Optimum, loose: Places, fixed: Reals, tie: Reals, size: float) -> Model:
    rules = model.rules.after(np.flatnonzero(fixed > 0.5).astype(np.int64)).take(loose)
    factor = 1e3 / size  # as in the solver: the held value is kept to 1e-9 of the best candidate
    held = (best.value - float(model.values @ fixed)) * factor - 1e-7
    rules = replace(
        rules,
        rows=csr_array(vstack([rules.rows, csr_array(model.values[np.newaxis, loose] * factor)], format="csr")),
        lower=np.r_[rules.lower, held],
        upper=np.r_[rules.upper, np.inf],
        row_rule=np.r_[rules.row_rule, -1],
        row_names=(*rules.row_names, "the best value"),
    )
    slots = max(1, model.rules.capacity) + 1
    return Model.of(slots + 1.0 - tie, rules)
