"""Why no plan keeps the rules: which of them clash, and the smallest relaxation that helps.

*The clash* is irreducible: lifting any one of its rules makes the others keepable. It is found by lifting the rules one
after the other and leaving out every rule without which there is still no plan. *The relaxation* is the least total
of slots (for a total: of typical slots' worth) by which quotas must give way, capacity and groups held; it comes from
the same exact solver, with one column of slack a quota.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
from scipy.sparse import coo_array, csr_array, hstack

from targeting.planning.arrays import Places, Reals
from targeting.planning.constraints import Rules
from targeting.planning.solver import Model, NoPlanError, maximise

__all__ = ["InfeasibleError", "Relaxation", "explain"]

_GIVES_WAY_LAST: Final = 2.0**-12
"""Where a minimum and a maximum could equally well give way, the minimum does: a cap is often not the planner's."""


class Relaxation(NamedTuple):
    """One quota and what it would have to become."""

    rule: str
    by: float
    becomes: float


class InfeasibleError(NoPlanError):
    """No plan keeps the rules. `clash` names an irreducible set of them, `relaxation` the least that must give way."""

    def __init__(self, clash: tuple[str, ...], relaxation: tuple[Relaxation, ...]) -> None:
        self.clash = clash
        self.relaxation = relaxation
        eased = ", ".join(f"«{change.rule}» becomes {change.becomes:g}" for change in relaxation)
        named = ", ".join(f"«{name}»" for name in clash)
        super().__init__(
            expected="rules that some plan can keep together",
            got=f"a clash between {named}" if len(clash) > 1 else f"{named}, for which there are too few candidates",
            where="the planning problem",
            do=f"the smallest relaxation that helps: {eased or 'lift one of them'}",
        )


def explain(rules: Rules) -> InfeasibleError:
    """The clash and the smallest relaxation of rules that no plan keeps."""
    elastic, rows, steps = _elastic(rules)
    best = maximise(elastic)
    return InfeasibleError(_clash(rules, best.paid), _relaxation(rules, rows, best.x[-len(rows) :] * steps))


def _clash(rules: Rules, paid: frozenset[int]) -> tuple[str, ...]:
    """An irreducible clash. Rules with a price in the elastic problem clash among themselves already (Farkas), unless
    it takes whole establishments to see it; then every rule is tried.
    """
    kept = list(range(len(rules.names)))
    priced = _lifted(rules, [rule for rule in kept if rule not in paid])
    if not _keepable(priced):
        rules, kept = priced, sorted(paid)
    for rule in reversed(kept):  # the capacity last: it is the planner's fixed point
        if not _keepable(rules.without(rule)):
            rules = rules.without(rule)
            kept = [other for other in kept if other != rule]
    return tuple(_name(rules, rule) for rule in kept)


def _lifted(rules: Rules, without: list[int]) -> Rules:
    for rule in without:
        rules = rules.without(rule)
    return rules


def _name(rules: Rules, rule: int) -> str:
    return f"capacity {rules.upper[0]:g}" if rule == 0 else rules.names[rule]


def _keepable(rules: Rules) -> bool:
    places = rules.open_places()
    try:
        maximise(Model.of(np.zeros(places.size), rules.take(places)))
    except NoPlanError:
        return False
    return True


def _relaxation(rules: Rules, rows: Places, given: Reals) -> tuple[Relaxation, ...]:
    becomes = np.where(np.isfinite(rules.lower[rows]), rules.lower[rows] - given, rules.upper[rows] + given)
    return tuple(
        Relaxation(rules.row_names[row], float(by), float(bound))
        for row, by, bound in zip(rows, given, becomes, strict=True)
        if by > 0
    )


def _elastic(rules: Rules) -> tuple[Model, Places, Reals]:
    """The model with one slack column for every quota row; a candidate costs nothing, a step of slack costs one."""
    count = rules.rows.shape[1]
    rows = np.arange(1, rules.rows.shape[0])
    steps = np.array([_step(rules.rows[[row], :]) for row in rows])
    sign = np.where(np.isfinite(rules.lower[rows]), 1.0, -1.0)
    slack = coo_array((sign * steps, (rows, np.arange(rows.size))), shape=(rules.rows.shape[0], rows.size))
    alone = [len(cap) + np.arange(rows.size) for cap in rules.caps]
    widened = replace(
        rules,
        rows=csr_array(hstack([rules.rows, slack], format="csr")),
        groups=tuple(np.r_[group, own] for group, own in zip(rules.groups, alone, strict=True)),
        caps=tuple(np.r_[cap, np.full(rows.size, np.inf)] for cap in rules.caps),
    )
    limit = np.r_[np.ones(count), np.full(rows.size, float(max(count, rules.lower[rows].max(initial=0.0)) + 1))]
    cost = np.where(sign > 0, 1.0, 1.0 + _GIVES_WAY_LAST)
    return Model(np.r_[np.zeros(count), -cost], widened, limit, grain=_GIVES_WAY_LAST), rows, steps


def _step(row: csr_array) -> float:
    """One slot's worth of a row: 1 for a quota, the median weight for a total."""
    return float(np.median(row.data)) if row.nnz else 1.0
