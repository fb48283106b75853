"""Making hands keep the rules by exchanging tickets between them.

An exchange inside a score bin changes no ticket count, so no probability: the repair is free to be clumsy.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from targeting.planning.arrays import Flags, Places, Reals
from targeting.planning.constraints import Rules, cell_of_each
from targeting.planning.deck import Deck

__all__ = ["HandRules", "repair"]

_TRIES: Final = 80


class HandRules:
    """How far a hand oversteps the upper rules; at-least rules are the ranked arm's and are checked in `completion`."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.cell = cell_of_each(rules)
        first = np.unique(self.cell, return_index=True)[1]
        self.weights: Reals = rules.rows[:, first].toarray()

    def usage(self, hands: Places) -> Reals:
        """Per row and hand, how much of the row the hand uses."""
        cells = self.cell[hands]
        return np.array([weight[cells].sum(axis=0) for weight in self.weights])

    def excess(self, hand: Places) -> float:
        """Zero when the hand keeps every upper rule and names nobody twice."""
        over = self.weights[:, self.cell[hand]].sum(axis=1) - self.rules.upper
        excess = float(np.maximum(0.0, over).sum()) + hand.size - np.unique(hand).size
        for group, cap in zip(self.rules.groups, self.rules.caps, strict=True):
            kin, held = np.unique(group[hand], return_counts=True)
            excess += float(np.maximum(0.0, held - cap[kin]).sum())
        return excess if excess > 1e-9 else 0.0

    def offenders(self, hand: Places) -> Places:
        """The slots of an overstepping hand that have a part in it."""
        used = self.weights[:, self.cell[hand]]
        over = used.sum(axis=1) > self.rules.upper + 1e-9
        part = (used[over] > 0).any(axis=0)
        for group, cap in zip((np.arange(self.cell.size), *self.rules.groups), (None, *self.rules.caps), strict=True):
            kin, back, held = np.unique(group[hand], return_inverse=True, return_counts=True)
            part |= (held > (1 if cap is None else cap[kin]))[back]
        return np.flatnonzero(part)

    def overstepping(self, hands: Places) -> Flags:
        """Per hand, whether it oversteps some upper rule."""
        bad = (self.usage(hands) > self.rules.upper[:, None] + 1e-9).any(axis=0) | _repeats(hands, 1)
        for group, cap in zip(self.rules.groups, self.rules.caps, strict=True):
            bad |= _repeats(group[hands], int(min(cap.min(initial=np.inf), hands.shape[0])))
        return np.asarray(bad)


def _repeats(hands: Places, cap: int) -> Flags:
    ordered = np.sort(hands, axis=0)
    if cap >= hands.shape[0]:
        return np.zeros(hands.shape[1], dtype=bool)
    return np.asarray((ordered[cap:] == ordered[:-cap]).any(axis=0))


def repair(deck: Deck, rules: HandRules, rng: np.random.Generator) -> Deck:
    """The deck after exchanges that lessen oversteps; a hand that resists is left for the caller to dissolve."""
    hands = deck.hands.copy()
    for hand in np.flatnonzero(rules.overstepping(hands)):
        _mend(hands, int(hand), deck.slot_bin, rules, rng)
    return Deck(hands, deck.slot_bin)


def _mend(hands: Places, bad: int, slot_bin: Places, rules: HandRules, rng: np.random.Generator) -> None:
    excess = rules.excess(hands[:, bad])
    for _ in range(_TRIES):
        if excess == 0.0:
            return
        slot = int(rng.choice(rules.offenders(hands[:, bad])))
        place, other = int(rng.choice(np.flatnonzero(slot_bin == slot_bin[slot]))), int(rng.integers(hands.shape[1]))
        if other == bad:
            continue
        before = rules.excess(hands[:, other])
        _exchange(hands, slot, bad, place, other)
        after = rules.excess(hands[:, bad])
        if after < excess and rules.excess(hands[:, other]) <= before:
            excess = after
        else:
            _exchange(hands, slot, bad, place, other)


def _exchange(hands: Places, slot: int, bad: int, place: int, other: int) -> None:
    hands[slot, bad], hands[place, other] = hands[place, other], hands[slot, bad]
