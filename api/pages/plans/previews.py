"""A plan as drawn, before anybody keeps it: what it is expected to find, where, and what each rule costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from api.pages.charts import Bar, Chart, bars, tile_map
from api.pages.languages import Speech
from api.pages.plans.rules_in_words import in_words
from api.plans import Drawn
from targeting.domain import Arm
from targeting.planning import InfeasibleError, Setting

__all__ = ["Clash", "Dial", "Preview", "clash_of", "dial_charts", "preview_of"]

_DUST: Final = 0.005


class Preview(NamedTuple):
    """What a drawn plan amounts to. `expected`, `planned`: by arm; `prices` holds the rules that cost anything."""

    id: str
    slots: int
    unfilled: int
    expected: dict[Arm, float]
    planned: dict[Arm, int]
    read: int
    eligible: int
    map: Chart
    placeless: int
    prices: list[tuple[str, float]]
    free: int
    excluded: list[tuple[str, int]]
    idle: list[str]

    @property
    def breaches(self) -> float:
        """How many breaches the inspections are expected to find."""
        return sum(self.expected.values())


class Clash(NamedTuple):
    """Rules that no plan keeps together, and the least that would have to give way: the rule, and what it becomes."""

    rules: list[str]
    relaxation: list[tuple[str, float]]


class Dial(NamedTuple):
    """What each share drawn at random costs in breaches, and how wide the interval of the prevalence is then."""

    settings: Sequence[Setting]
    cost: Chart
    width: Chart


def preview_of(said: Speech, drawn: Drawn) -> Preview:
    """The plan in figures."""
    document, slots = drawn.document, drawn.plan.slots
    placed = _counties(drawn)
    paid = [(in_words(said, one.rule), one.price) for one in drawn.plan.prices if one.price > _DUST]
    left_out = [(in_words(said, rule), count) for rule, count in drawn.plan.eligibility.counts.items() if count]
    return Preview(
        id=drawn.id,
        slots=len(slots),
        unfilled=int(document["unfilled"]),
        expected={arm: sum(slot.score for slot in slots if slot.arm is arm) for arm in Arm},
        planned={arm: sum(slot.arm is arm for slot in slots) for arm in Arm},
        read=len(drawn.plan.candidates),
        eligible=len(drawn.plan.eligible),
        map=tile_map(said, said.text("Inspections by county"), said.text("Inspections"), placed),
        placeless=len(slots) - sum(placed.values()),
        prices=sorted(paid, key=lambda one: -one[1]),
        free=len(drawn.plan.prices) - len(paid),
        excluded=sorted(left_out, key=lambda one: -one[1]),
        idle=[in_words(said, rule) for rule in document["rules_about_nobody"]],
    )


def _counties(drawn: Drawn) -> Counter[str]:
    chosen = pa.array([slot.establishment for slot in drawn.plan.slots], pa.string())
    planned = drawn.candidates.filter(pc.is_in(drawn.candidates.column("establishment"), value_set=chosen))
    return Counter(county for county in planned.column("county").to_pylist() if county)


def clash_of(said: Speech, error: InfeasibleError) -> Clash:
    """Why no plan keeps the rules, in words."""
    eased = [(in_words(said, one.rule), one.becomes) for one in error.relaxation]
    return Clash([in_words(said, rule) for rule in error.clash], eased)


def dial_charts(said: Speech, settings: Sequence[Setting]) -> Dial:
    """The dial as two charts over the same shares."""
    share, named = said.text("Drawn at random"), [said.percent(one.share) for one in settings]
    cost = [Bar(name, one.hits_given_up) for name, one in zip(named, settings, strict=True)]
    width = [Bar(name, 100 * one.width_assisted) for name, one in zip(named, settings, strict=True)]
    return Dial(
        settings,
        bars(said, said.text("Expected breaches given up"), (share, said.text("Breaches given up")), cost, 1),
        bars(
            said,
            said.text("Width of the interval for how common breaches are"),
            (share, said.text("Percentage points")),
            width,
            0,
        ),
    )
