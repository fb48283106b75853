"""Exact 0-1 selection over very many candidates: a small linear programme, prices for everybody, a small integer one.

**Why it is exact.** Let y >= 0 be any prices of the rows and groups. For every plan x that keeps the rules

    value(x) <= D - sum over i of |p_i| * [x_i differs from what its price says]                          (*)

where `p_i = v_i - (what i uses, at prices y)` is the reduced profit of candidate i, its price says "in" when p_i > 0
and "out" otherwise, and `D = y.bounds + sum of max(0, p_i)`. (*) is weak duality with its slack written out; it needs
no optimal y, only y >= 0, so it holds for every candidate, also those that never entered the linear programme. Given a
plan of value z, a candidate with |p_i| > D - z can therefore stand only where its price puts it in any plan at
least as good. So: find good y on few candidates (adding those that price in until none is left), solve the integer
problem over the candidates with |p_i| <= delta, and enlarge delta until delta >= D - z. D is computed here from y,
not taken from the solver.

HiGHS may ignore its time limit in presolve on the full problem; it never sees the full problem here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array, eye_array, hstack, vstack

from targeting.domain import RefusedError
from targeting.planning.arrays import Places, Reals
from targeting.planning.constraints import Rules, cell_of_each

__all__ = ["Model", "NoPlanError", "Optimum", "maximise"]

_SCALE: Final = 1e3
"""Values go to HiGHS with this maximum, so that its absolute tolerances (1e-7, 1e-6) are 1e-10 and 1e-9 of ours."""
_PER_CELL: Final = 3
_ENTERING: Final = 2000
_FIRST_GUESS: Final = 400
_SECONDS: Final = 120.0


class NoPlanError(RefusedError):
    """No plan keeps the rules; `infeasible` explains which."""


@dataclass(frozen=True, eq=False)
class Model:
    """Maximise `values @ x` under `rules`, 0 <= x <= `limit`, x whole. `grain`: values are its multiples (0: any)."""

    values: Reals
    rules: Rules
    limit: Reals
    grain: float = 0.0

    @classmethod
    def of(cls, values: Reals, rules: Rules, grain: float = 0.0) -> Model:
        """Each candidate at most once."""
        return cls(values, rules, np.ones(len(values)), grain)


class Optimum(NamedTuple):
    """The best plan (`x`, whole numbers), its value and a proven upper bound.

    `profit` holds every candidate's reduced profit and `dual` the prices' own bound D: a candidate with
    |profit| > dual - value stands alike in every optimum. `active` are the candidates the linear programme needed, and
    `paid` the declared rules with a price above zero: lifting another one leaves D a bound.
    """

    x: Reals
    value: float
    bound: float
    profit: Reals
    dual: float
    active: Places
    paid: frozenset[int]


class _Priced(NamedTuple):
    dual: float
    profit: Reals
    active: Places
    paid: frozenset[int]
    slack: float


def maximise(model: Model, start: Places | None = None) -> Optimum:
    """The optimum, or `NoPlanError` when no plan keeps the rules. `start`: candidates to begin with, for speed only.

    >>> rules = Rules(("capacity",), csr_array(np.ones((1, 3))), np.array([-np.inf]), np.array([2.0]),
    ...               np.array([0]), ("capacity",), (), (), ())
    >>> maximise(Model.of(np.array([0.2, 0.9, 0.5]), rules)).x
    array([0., 1., 1.])
    """
    if not len(model.values):
        return _empty(model)
    first = _first_columns(model) if start is None else start
    priced = _price(model, _penalty(model), first)
    if priced.slack > 1e-6 and _price(_only_feasible(model), 1.0, first).slack > 1e-6:
        raise _no_plan("even fractions of establishments cannot keep them")
    return _integer(model, priced)


def _empty(model: Model) -> Optimum:
    if (model.rules.lower > 1e-9).any():
        raise _no_plan("there is no eligible candidate")
    nobody = np.zeros(0, dtype=np.int64)
    return Optimum(np.zeros(0), 0.0, 0.0, np.zeros(0), 0.0, nobody, frozenset())


def _no_plan(why: str) -> NoPlanError:
    return NoPlanError(expected="rules that some plan can keep", got="none that does", where=why, do="loosen the rules")


def _penalty(model: Model) -> float:
    return 10.0 * (1.0 + float(np.abs(model.values).max())) * max(1, model.rules.capacity)


def _only_feasible(model: Model) -> Model:
    return Model(np.zeros(len(model.values)), model.rules, model.limit, model.grain)


# --- the linear programme over few candidates, priced over all --------------------------------------------------


def _price(model: Model, penalty: float, active: Places) -> _Priced:
    while True:
        priced = _solve_active(model, active, penalty)
        left = np.setdiff1d(np.flatnonzero(priced.profit > 1e-9 * _size(model)), active)
        if not left.size:
            return priced
        best = left[np.argsort(-priced.profit[left], kind="stable")[:_ENTERING]]
        active = np.union1d(active, best)


def _size(model: Model) -> float:
    return float(np.abs(model.values).max()) or 1.0


def _first_columns(model: Model) -> Places:
    order = np.argsort(-model.values, kind="stable")
    cells = cell_of_each(model.rules)[order]
    by_cell = np.argsort(cells, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(cells[by_cell]) != 0])
    place = np.arange(cells.size) - np.repeat(starts, np.diff(np.r_[starts, cells.size]))
    few = order[by_cell[place < _PER_CELL]]
    top = order[: min(_ENTERING, max(100, model.rules.capacity))]
    return np.union1d(few, top).astype(np.int64)


def _solve_active(model: Model, active: Places, penalty: float) -> _Priced:
    rules = model.rules
    up, low = np.isfinite(rules.upper), np.isfinite(rules.lower)
    groups, owners = _group_rows(model, active)
    rows = rules.rows[:, active]
    slack_columns = vstack([csr_array((int(up.sum()), int(low.sum()))), -eye_array(int(low.sum()), format="csr")])
    if groups.shape[0]:
        slack_columns = vstack([slack_columns, csr_array((groups.shape[0], int(low.sum())))])
    matrix = hstack([vstack([rows[up], -rows[low], groups]), slack_columns], format="csr")
    bounds = np.r_[rules.upper[up], -rules.lower[low], [rules.caps[g][k] for g, k in owners]]
    factor = _SCALE / _size(model)
    cost = np.r_[-model.values[active] * factor, np.full(int(low.sum()), penalty * factor)]
    limits = np.c_[np.zeros(cost.size), np.r_[model.limit[active], np.full(int(low.sum()), np.inf)]]
    found = linprog(cost, A_ub=matrix, b_ub=bounds, bounds=limits, method="highs")
    if found.x is None:
        raise _no_plan(f"the linear programme: {found.message}")
    prices = np.maximum(0.0, -found.ineqlin.marginals / factor)
    slack = float(found.x[active.size :].sum())
    return _reduced(model, active, _spread(rules, prices, up, low, owners), slack)


class _Prices(NamedTuple):
    up: Reals
    low: Reals
    groups: tuple[Reals, ...]


def _spread(rules: Rules, prices: Reals, up: Reals, low: Reals, owners: list[tuple[int, int]]) -> _Prices:
    high, least = np.zeros(rules.upper.size), np.zeros(rules.lower.size)
    n_up, n_low = int(up.sum()), int(low.sum())
    high[up], least[low] = prices[:n_up], prices[n_up : n_up + n_low]
    groups = tuple(np.zeros(cap.size) for cap in rules.caps)
    for (grouping, group), price in zip(owners, prices[n_up + n_low :], strict=True):
        groups[grouping][group] = price
    return _Prices(high, least, groups)


def _reduced(model: Model, active: Places, prices: _Prices, slack: float) -> _Priced:
    rules = model.rules
    profit = model.values - rules.rows.T @ (prices.up - prices.low)
    dual = _product(prices.up, rules.upper) - _product(prices.low, rules.lower)
    for group, cap, price in zip(rules.groups, rules.caps, prices.groups, strict=True):
        profit = profit - price[group]
        dual += _product(price, cap)
    dual += float((model.limit * np.maximum(0.0, profit)).sum())
    return _Priced(dual, profit, active, _paid(rules, prices), slack)


def _paid(rules: Rules, prices: _Prices) -> frozenset[int]:
    rows = rules.row_rule[(prices.up > 0) | (prices.low > 0)].tolist()
    grouped = [rule for rule, price in zip(rules.group_rule, prices.groups, strict=True) if (price > 0).any()]
    return frozenset(rows + grouped)


def _product(prices: Reals, bounds: Reals) -> float:
    used = prices > 0  # an unbounded row has price zero; zero times infinity would be no number
    return float(prices[used] @ bounds[used])


def _group_rows(model: Model, active: Places) -> tuple[csr_array, list[tuple[int, int]]]:
    """One row per group of which `active` holds more than the cap; the others cannot bind."""
    owners: list[tuple[int, int]] = []
    data, rows, columns = [np.zeros(0)], [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for number, (group, cap) in enumerate(zip(model.rules.groups, model.rules.caps, strict=True)):
        held = np.bincount(group[active], weights=model.limit[active], minlength=cap.size)
        tight = np.flatnonzero(held > cap)
        row_of = np.full(cap.size, -1, dtype=np.int64)
        row_of[tight] = len(owners) + np.arange(tight.size)
        inside = np.flatnonzero(row_of[group[active]] >= 0)
        rows.append(row_of[group[active][inside]])
        columns.append(inside)
        data.append(np.ones(inside.size))
        owners += [(number, int(k)) for k in tight]
    where = (np.concatenate(rows), np.concatenate(columns))
    return csr_array((np.concatenate(data), where), shape=(len(owners), active.size)), owners


# --- the integer programme over the candidates that prices leave open -------------------------------------------


def _integer(model: Model, priced: _Priced) -> Optimum:
    distance = np.abs(priced.profit)
    tolerance = 1e-9 * _size(model)
    in_active = np.sort(distance[priced.active])
    delta = float(in_active[min(_FIRST_GUESS, in_active.size) - 1])
    chosen = priced.active[distance[priced.active] <= delta]
    while True:
        found = _solve_open(model, priced, chosen)
        everybody = chosen.size == len(model.values)
        if found is None and everybody:
            raise _no_plan("whole establishments cannot keep them")
        if found is not None:
            value, bound = found.value, found.bound
            gap = priced.dual - value
            proven = gap < model.grain - 1e-6 if model.grain else gap <= tolerance
            needed = np.flatnonzero(distance <= gap + tolerance)
            if proven or everybody or np.isin(needed, chosen, assume_unique=True).all():
                bound = value if proven else min(priced.dual, bound)
                return found._replace(bound=bound if bound - value > tolerance else value)
            chosen = np.union1d(chosen, needed)
        else:
            delta = max(4 * delta, tolerance)
            wider = np.flatnonzero(distance <= delta)
            grown = np.union1d(chosen, wider)
            chosen = grown if grown.size > chosen.size else np.arange(len(model.values))


def _solve_open(model: Model, priced: _Priced, chosen: Places) -> Optimum | None:
    """The best plan when only `chosen` are open and everybody else stands where the price puts them."""
    x = np.where(priced.profit > 0, model.limit, 0.0)
    x[chosen] = 0.0
    rules = model.rules
    used = rules.rows @ x
    groups, owners = _group_rows_left(model, x, chosen)
    if groups is None:
        return None
    matrix = vstack([rules.rows[:, chosen], groups], format="csr")
    lower = np.r_[rules.lower - used, np.full(len(owners), -np.inf)]
    upper = np.r_[rules.upper - used, owners]
    if not chosen.size:
        return None if (lower > 1e-9).any() or (upper < -1e-9).any() else _optimum(model, x, priced, 0.0)
    factor = _SCALE / _size(model)
    found = milp(
        -model.values[chosen] * factor,
        integrality=np.ones(chosen.size),
        bounds=Bounds(0, model.limit[chosen]),
        constraints=LinearConstraint(matrix, lower, upper),
        options={"mip_rel_gap": 0.0, "time_limit": _SECONDS},
    )
    if found.x is None:
        return None
    x[chosen] = np.round(found.x)
    missing = max(0.0, (found.fun - found.mip_dual_bound) / factor)
    return _optimum(model, x, priced, missing)


def _optimum(model: Model, x: Reals, priced: _Priced, missing: float) -> Optimum:
    value = float(model.values @ x)
    return Optimum(x, value, value + missing, priced.profit, priced.dual, priced.active, priced.paid)


def _group_rows_left(model: Model, x: Reals, chosen: Places) -> tuple[csr_array | None, Reals]:
    fixed = [
        cap - np.bincount(group, weights=x, minlength=cap.size)
        for group, cap in zip(model.rules.groups, model.rules.caps, strict=True)
    ]
    if any((left < -1e-9).any() for left in fixed):
        return None, np.zeros(0)
    left_model = Model(model.values, replace(model.rules, caps=tuple(fixed)), model.limit)
    rows, owners = _group_rows(left_model, chosen)
    return rows, np.array([fixed[g][k] for g, k in owners], dtype=float)
