"""The deck: tickets dealt into hands, before any rule is looked at.

Every establishment gets `m_i >= 1` tickets and the tickets are dealt into K hands of n, each establishment at most
once a hand, each hand with the same number of slots in every score bin. Drawing one hand uniformly then includes
establishment i with probability m_i / K exactly, whatever the deal was.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from targeting.planning.arrays import Places, Reals
from targeting.planning.constraints import Rules

__all__ = ["Deck", "deal", "sampling_rates", "score_bins"]

_LEAST_HANDS: Final = 200
_MOST_TICKETS: Final = 6_000_000
_ROUNDS: Final = 40


class Deck(NamedTuple):
    """`hands[j, k]` is the candidate in slot j of hand k; slots of the same `slot_bin` are drawn from one bin."""

    hands: Places
    slot_bin: Places


def sampling_rates(rules: Rules, slots: int) -> Reals:
    """Relative rates, 1 where nothing hinders, less where a cap would otherwise be half used by the draw alone.

    A cap that the draw usually overruns would leave few hands that keep it; half leaves the ranked arm its part. The
    deck must hold a ticket for the lowest rate, which bounds it from below.
    """
    rates = np.ones(rules.rows.shape[1])
    capped = np.flatnonzero(np.isfinite(rules.upper) & (rules.upper > 0) & (np.arange(rules.upper.size) > 0))
    weights = rules.rows[capped, :].tocsr()
    bounds = 0.5 * rules.upper[capped]
    for _ in range(_ROUNDS):
        filled = weights @ rates * (slots / rates.sum()) / bounds
        if filled.max(initial=0.0) <= 1.001:
            break
        worst = int(np.argmax(filled))
        rates[weights.indices[weights.indptr[worst] : weights.indptr[worst + 1]]] /= filled[worst]
    return np.asarray(np.maximum(rates / rates.max(initial=1e-12), rates.sum() / _MOST_TICKETS))


def score_bins(scores: Reals, rates: Reals, slots: int, bins: int) -> tuple[Places, Places]:
    """The bin of each candidate (0 holds the highest scores) and the slots of each bin.

    As many bins as asked, but with two slots or more in each (a variance needs two) and never more slots than
    candidates. Equal scores are cut by organisation number, never by the seed: the bins must not depend on it.
    """
    order = np.argsort(-scores, kind="stable")
    for count in range(max(1, min(bins, slots // 2)), 0, -1):
        allotted = np.asarray(np.diff(np.round(np.linspace(0, slots, count + 1))), dtype=np.int64)
        middle = np.cumsum(rates[order]) - rates[order] / 2
        edges = np.cumsum(allotted)[:-1] / slots * rates.sum()
        bin_of = np.empty(scores.size, dtype=np.int64)
        bin_of[order] = np.searchsorted(edges, middle)
        if (np.bincount(bin_of, minlength=count) >= allotted).all():
            return bin_of, allotted
    return np.zeros(scores.size, dtype=np.int64), np.array([slots])


def deal(bin_of: Places, slots_of: Places, rates: Reals, rng: np.random.Generator) -> Deck:
    """Deal a deck. Tickets go out in a random order of the candidates, one a hand, round after round."""
    hands = _hand_count(bin_of, slots_of, rates)
    rows = []
    for number, slots in enumerate(slots_of):
        members = rng.permutation(np.flatnonzero(bin_of == number))
        tickets = _tickets(rates[members], int(slots), hands, rng)
        rows.append(np.repeat(members, tickets).reshape(int(slots), hands))
    return Deck(np.vstack(rows), np.repeat(np.arange(slots_of.size), slots_of))


def _hand_count(bin_of: Places, slots_of: Places, rates: Reals) -> int:
    """Enough hands for everybody to have a ticket, and 200 or more, so that tickets follow the rates closely."""
    least = 1
    for number, slots in enumerate(slots_of):
        inside = rates[bin_of == number]
        least = max(least, int(np.ceil(inside.sum() / (slots * inside.min()) - 1e-9)))
    return least * -(-_LEAST_HANDS // least)


def _tickets(rates: Reals, slots: int, hands: int, rng: np.random.Generator) -> Places:
    """Whole tickets adding up to `slots * hands`, as near to the rates as they can be, each from 1 to `hands`."""
    wanted = np.clip(rates / rates.sum() * slots * hands, 1.0, hands)
    tickets = np.floor(wanted + 1e-9).astype(np.int64)
    rest = (wanted - tickets) + 1e-6 * rng.random(rates.size)
    while short := slots * hands - int(tickets.sum()):
        step = 1 if short > 0 else -1
        free = np.flatnonzero((tickets < hands) if step > 0 else (tickets > 1))
        given = free[np.argsort(-step * rest[free])[: abs(short)]]
        tickets[given] += step
        rest[given] -= step
    return np.asarray(tickets)
