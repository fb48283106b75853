"""The exploration arm: a draw whose inclusion probabilities are known exactly, inside every rule of the plan.

**Design.** Before any seed is looked at, the problem and the candidates fix a deck of K hands; each hand is a set of n
establishments that some plan keeping every rule contains (`deck` deals, `repair` exchanges, `completion` proves). The
seed draws one hand, each with probability 1/K. The ranked arm is then the optimum around that hand, under all rules.

**Why the probabilities are exact.** K, the hands and hence the number m_i of hands that hold i do not depend on the
seed, so P(i drawn) = m_i / K: counting, no approximation and no rejection (a draw that is thrown away and repeated
would make them unknown). Every rule holds in every plan because a hand without a completion is not in the deck.

**Exchange classes.** Establishments of the same cell and score bin that have no sibling under any at-most-per rule are
interchangeable: exchanging two of them turns a plan that keeps the rules into another one. So the drawn hand's members
of such a class are replaced by a simple random sample of the class, of the same size. Then
P(i) = (sum of the hands' counts in the class) / (K * class size) for every member, and joint probabilities follow
likewise (`joint_probabilities`). Without quotas the classes are the score bins themselves and, siblings
apart, the design is stratified simple random sampling with `slots` of `establishments` in each bin.

**Nobody is left out** whom a plan can hold: who is in no hand after repairs gets one built around him by the solver.
Probability zero remains only where no plan at all keeps the rules with that establishment in it; those are reported.

Rejected: drawing from what the ranked list leaves (siblings of the list would have probability zero); rejecting draws
that break a quota (probabilities become unknown); the cube method (constraints met only approximately).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from targeting.planning.arrays import Places, Reals
from targeting.planning.completion import completable, covering_hands
from targeting.planning.constraints import Rules, cell_of_each
from targeting.planning.deck import deal, sampling_rates, score_bins
from targeting.planning.repair import HandRules, repair
from targeting.planning.solver import Model, maximise

__all__ = ["Design", "design_draw", "draw", "joint_probabilities"]


class Design(NamedTuple):
    """The deck as drawn from. `probability` is per candidate; `score_bin` is -1 where it is zero.

    `hands` holds K sets of positions, `exchange_class` the class number of each candidate.
    """

    probability: Reals
    score_bin: Places
    hands: tuple[Places, ...]
    exchange_class: Places

    @property
    def slots(self) -> int:
        """Establishments in each hand."""
        return len(self.hands[0]) if self.hands else 0


def design_draw(scores: Reals, rules: Rules, slots: int, bins: int, digest: str) -> Design:
    """The deck for `slots` exploration slots. `digest` names problem and candidates, and must not know the seed.

    Raises `NoPlanError` when no plan keeps the rules. Fewer slots are drawn when no plan holds that many.
    """
    most = maximise(Model.of(np.ones(scores.size), rules, grain=1.0)).value
    slots = min(slots, round(most))
    if slots == 0:
        return Design(np.zeros(scores.size), np.full(scores.size, -1), (), np.arange(scores.size))
    rng = np.random.default_rng(int(digest[:16], 16))
    open_places = rules.open_places()
    inner = _design(scores[open_places], rules.take(open_places), slots, bins, rng)
    return _widened(inner, open_places, scores.size)


def _design(scores: Reals, rules: Rules, slots: int, bins: int, rng: np.random.Generator) -> Design:
    rates = sampling_rates(rules, slots)
    bin_of, slots_of = score_bins(scores, rates, slots, bins)
    kin = _exchange_classes(rules, bin_of)
    hand_rules = HandRules(rules)
    deck = repair(deal(bin_of, slots_of, rates, rng), hand_rules, rng)
    good = completable(deck.hands, hand_rules, rng)
    hands = [np.sort(hand) for hand in deck.hands[:, good].T]
    held = np.zeros(scores.size, dtype=bool)
    held[deck.hands[:, good]] = True
    more, unreachable = covering_hands(~np.isin(kin, kin[held]), rules, slots, kin, rng)
    hands += more
    probability = _probabilities(hands, kin)
    return Design(probability, np.where(unreachable, -1, bin_of), tuple(hands), kin)


def _exchange_classes(rules: Rules, bin_of: Places) -> Places:
    cells = cell_of_each(rules) * (int(bin_of.max(initial=0)) + 1) + bin_of
    alone = np.ones(cells.size, dtype=bool)
    for group, cap in zip(rules.groups, rules.caps, strict=True):
        alone &= np.bincount(group, minlength=cap.size)[group] == 1
    own = int(cells.max(initial=0)) + 1 + np.arange(cells.size)
    return np.asarray(np.unique(np.where(alone, cells, own), return_inverse=True)[1], dtype=np.int64)


def _probabilities(hands: list[Places], kin: Places) -> Reals:
    drawn = np.bincount(kin[np.concatenate(hands)], minlength=int(kin.max()) + 1)
    return np.asarray((drawn / np.bincount(kin) / len(hands))[kin])


def _widened(inner: Design, places: Places, count: int) -> Design:
    probability, score_bin = np.zeros(count), np.full(count, -1, dtype=np.int64)
    probability[places], score_bin[places] = inner.probability, inner.score_bin
    kin = int(inner.exchange_class.max(initial=0)) + 1 + np.arange(count)
    kin[places] = inner.exchange_class
    return Design(probability, score_bin, tuple(places[hand] for hand in inner.hands), kin)


def draw(design: Design, seed: int) -> Places:
    """The exploration sample of `seed`, ascending: one hand, its classes drawn afresh."""
    if not design.hands:
        return np.zeros(0, dtype=np.int64)
    rng = np.random.default_rng([seed, len(design.hands)] if seed >= 0 else [-seed, len(design.hands), 1])
    hand = design.hands[int(rng.integers(len(design.hands)))]
    classes, counts = np.unique(design.exchange_class[hand], return_counts=True)
    order = np.argsort(design.exchange_class, kind="stable")
    ordered = design.exchange_class[order]
    first, last = np.searchsorted(ordered, classes), np.searchsorted(ordered, classes, side="right")
    drawn = [
        rng.choice(order[start:end], size=int(count), replace=False)
        for start, end, count in zip(first, last, counts, strict=True)
    ]
    return np.asarray(np.sort(np.concatenate(drawn)), dtype=np.int64)


def joint_probabilities(design: Design, places: Places) -> Reals:
    """P(i and j both drawn) for every pair of `places`, exactly; the diagonal holds P(i).

    Zero for siblings and for pairs that no hand holds together; variance estimators then use the score bins as strata.
    """
    kin = design.exchange_class[places]
    sizes = np.bincount(design.exchange_class)[kin].astype(float)
    dealt = design.exchange_class[np.stack(design.hands)]
    counts = np.stack([(dealt == one).sum(axis=1) for one in kin], axis=1).astype(float)
    joint = counts.T @ counts / np.outer(sizes, sizes) / len(design.hands)
    same = kin[:, None] == kin[None, :]
    within = (counts * (counts - 1)).mean(axis=0) / np.maximum(1.0, sizes * (sizes - 1))
    joint = np.where(same, within[:, None], joint)
    np.fill_diagonal(joint, design.probability[places])
    return np.asarray(joint)
