"""Which hands can be completed to a plan that keeps every rule, and hands for those whom none of them held.

A hand is completed by a *witness*: one short list that meets every minimum. Hand and witness together, less the
witnesses whose group the hand already uses, are checked by arithmetic. Where quotas are too tight for that, the hand
takes the place of members of the witness that no minimum misses then. A hand that still fails goes to the solver over a
pool of candidates, and the list that completes it is the next witness for the others. Saying no wrongly is harmless
(the hand is dissolved and its people are dealt again); saying yes wrongly cannot happen: every yes comes with a plan.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from targeting.domain import RefusedError
from targeting.planning.arrays import Flags, Places, Reals
from targeting.planning.constraints import Rules, cell_of_each
from targeting.planning.repair import HandRules
from targeting.planning.solver import Model, NoPlanError, maximise

__all__ = ["completable", "covering_hands"]

_POOL: Final = 6000
_MOST_TRIES: Final = 500
_MOST_COVERS: Final = 1000


def completable(hands: Places, rules: HandRules, rng: np.random.Generator) -> Flags:
    """Per hand, whether some plan that keeps every rule holds it (never wrongly true)."""
    good = ~rules.overstepping(hands)
    minimums = np.isfinite(rules.rules.lower) & (rules.rules.lower > 0)
    if not minimums.any():
        return good
    witness = _witness(rules.rules, hands.shape[0], rules.usage(hands).max(axis=1))
    pool = _pool(rules.rules, witness, rng)
    unsure = np.flatnonzero(good)
    unsure = unsure[~_by_arithmetic(hands[:, unsure], rules, witness)]
    gone = _displaced(hands[:, unsure], rules.rules, witness)
    resists = [not _by_exchange(hands[:, h], rules, witness, gone.get(n, set())) for n, h in enumerate(unsure)]
    return _by_solver(hands, good, unsure[np.array(resists, dtype=bool)], rules, pool)


def _by_solver(hands: Places, good: Flags, unsure: Places, rules: HandRules, pool: Places) -> Flags:
    good = good.copy()
    for _ in range(_MOST_TRIES):
        if not unsure.size:
            return good
        witness = _completion(rules.rules, hands[:, unsure[0]], pool)
        good[unsure[0]] = witness is not None
        unsure = unsure[1:]
        if witness is not None and unsure.size:
            unsure = unsure[~_by_arithmetic(hands[:, unsure], rules, witness)]
    good[unsure] = False  # the covering hands take their people
    return good


def _witness(rules: Rules, slots: int, reserve: Reals) -> Places:
    """The fewest slots that meet every minimum.

    With one to spare and room for any hand, or else without; at last as long as a whole plan, for the exchanges.
    """
    room = rules.upper.copy()
    room[0] -= slots
    roomy = np.where(np.isfinite(rules.upper), np.maximum(0.0, rules.upper - reserve), np.inf)
    roomy[0] = room[0]
    for spare, upper in ((1.0, roomy), (0.0, roomy), (0.0, room)):
        lower = np.where(rules.lower > 0, rules.lower + spare, rules.lower)
        try:
            return _fewest(replace(rules, lower=lower, upper=upper))
        except NoPlanError:
            continue
    return _fewest(rules)


def _fewest(rules: Rules) -> Places:
    found = maximise(Model.of(np.full(rules.rows.shape[1], -1.0), rules, grain=1.0))
    return np.flatnonzero(found.x > 0.5).astype(np.int64)


def _by_exchange(hand: Places, rules: HandRules, plan: Places, gone: set[int]) -> bool:
    """Whether the hand can take the place of some of `plan`, less those `gone`.

    First its members stand in for members of the same cell, which no row notices; then whom no minimum misses is
    dropped, greedily, until every maximum fits.
    """
    kept = plan[~np.isin(plan, list(gone))]
    cells, counts = np.unique(rules.cell[kept], return_counts=True)
    weights = rules.weights[:, cells]
    total = weights @ counts + rules.weights[:, rules.cell[hand]].sum(axis=1)
    lost = plan[np.isin(plan, list(gone))]
    spare = _alike(cells, rules.cell[hand]) - _alike(cells, rules.cell[lost])
    like = _at_most(np.clip(spare, 0, counts), int(max(0.0, total[0] - rules.rules.upper[0])))
    counts, total = counts - like, total - weights @ like
    lower, upper = rules.rules.lower - 1e-9, rules.rules.upper + 1e-9
    while (over := total > upper).any():
        missed = ((total[:, None] - weights < lower[:, None]) & (weights > 0)).any(axis=0)
        eases = np.where(missed | (counts == 0), 0, (weights[over] > 0).sum(axis=0))
        if not eases.max(initial=0):
            return False
        cell = int(eases.argmax())
        counts[cell] -= 1
        total = total - weights[:, cell]
    return bool((total >= lower).all())


def _alike(cells: Places, of: Places) -> Places:
    return np.asarray((cells[:, None] == of[None, :]).sum(axis=1))


def _at_most(counts: Places, total: int) -> Places:
    return np.asarray(np.diff(np.minimum(np.cumsum(np.r_[0, counts]), total)))


def _by_arithmetic(hands: Places, rules: HandRules, witness: Places) -> Flags:
    total = rules.usage(hands) + rules.weights[:, rules.cell[witness]].sum(axis=1)[:, None]
    upper = (total <= rules.rules.upper[:, None] + 1e-9).all(axis=0)
    for hand, gone in _displaced(hands, rules.rules, witness).items():
        total[:, hand] -= rules.weights[:, rules.cell[np.array(sorted(gone))]].sum(axis=1)
    return np.asarray(upper & (total >= rules.rules.lower[:, None] - 1e-9).all(axis=0))


def _displaced(hands: Places, rules: Rules, witness: Places) -> dict[int, set[int]]:
    """Per hand, the witnesses that it holds itself or whose group it touches (all of them: the safe side)."""
    gone: dict[int, set[int]] = {}
    for group in (np.arange(rules.rows.shape[1]), *rules.groups):
        watched = np.isin(group[hands], group[witness])
        for slot, hand in np.argwhere(watched):
            kin = witness[group[witness] == group[hands[slot, hand]]]
            gone.setdefault(int(hand), set()).update(kin.tolist())
    return gone


def _pool(rules: Rules, witness: Places, rng: np.random.Generator) -> Places:
    count = rules.rows.shape[1]
    if count <= _POOL:
        return np.arange(count)
    order = rng.permutation(count)
    cells = cell_of_each(rules)[order]
    by_cell = np.argsort(cells, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(cells[by_cell]) != 0])
    place = np.arange(count) - np.repeat(starts, np.diff(np.r_[starts, count]))
    few = order[by_cell[place < max(2, _POOL // starts.size)]]
    return np.union1d(few, witness)


def _completion(rules: Rules, hand: Places, pool: Places) -> Places | None:
    others = np.setdiff1d(pool, hand)
    left = rules.after(hand).take(others)
    open_places = left.open_places()
    try:
        found = maximise(Model.of(np.full(open_places.size, -1.0), left.take(open_places), grain=1.0))
    except NoPlanError:
        return None
    return np.asarray(others[open_places[found.x > 0.5]])


def covering_hands(
    missing: Flags, rules: Rules, slots: int, kin: Places, rng: np.random.Generator
) -> tuple[list[Places], Flags]:
    """Hands that hold the `missing` candidates, or one of their `kin`, and who of them no plan at all can hold.

    Each hand comes from the plan with `slots` slots or more that holds most of the missing, so it can be completed.
    """
    lower = np.r_[max(rules.lower[0], float(slots)), rules.lower[1:]]
    filled = replace(rules, lower=lower)
    hands: list[Places] = []
    missing = missing.copy()
    while missing.any():
        needed = len(hands) + np.unique(kin[missing]).size / slots
        if needed > _MOST_COVERS:
            raise RefusedError(
                expected="rules that leave room for an exploration arm",
                got=f"{int(missing.sum())} establishments that no dealt hand can hold, too many to build hands around",
                where="exploration",
                do="lower exploration.share, or loosen the tightest quotas",
            )
        plan = np.flatnonzero(maximise(Model.of(missing.astype(float), filled, grain=1.0)).x > 0.5)
        if not missing[plan].any():
            break
        order = np.argsort(-missing[plan].astype(float) + 0.5 * rng.random(plan.size))
        hands.append(np.sort(plan[order[:slots]]))
        missing &= ~np.isin(kin, kin[hands[-1]])
    return hands, missing
