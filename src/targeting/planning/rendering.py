"""A plan in words: the first rows, who was left out, what the rules cost."""

from __future__ import annotations

from typing import Final

from targeting.domain import Arm
from targeting.planning.idle_rules import rules_about_nobody
from targeting.planning.plan import Plan

__all__ = ["render"]

_ROWS: Final = 10
_PRICES: Final = 8
_SWAPS: Final = 3


def render(plan: Plan) -> str:
    """The plan as a page of text. A score is a priority for review, never evidence."""
    parts = [_headline(plan), _rows(plan), _excluded(plan), _prices(plan), _swaps(plan)]
    return "\n\n".join(part for part in parts if part)


def _headline(plan: Plan) -> str:
    ranked = sum(slot.arm is Arm.RANKED for slot in plan.slots)
    proof = "proved best" if plan.gap == 0 else f"within {plan.gap:.4f} of the best"
    lines = [
        f"A plan of {len(plan.slots)} slots from {len(plan.eligible)} eligible of {len(plan.candidates)}:"
        f" {ranked} ranked, {len(plan.slots) - ranked} drawn.",
        f"Value {plan.objective:.3f} ({plan.problem.objective.kind}), {proof} (gap {plan.gap:.2g}).",
    ]
    if unfilled := plan.problem.capacity - len(plan.slots):
        lines.append(f"{unfilled} of {plan.problem.capacity} slots are unfilled: {_why_unfilled(plan)}.")
    if not plan.problem.capacity:
        lines.append("The capacity is 0, so there is nothing to plan.")
    idle = rules_about_nobody(plan.problem, plan.eligible)
    lines += [f"Note: «{rule}» is about no eligible establishment." for rule in idle]
    return "\n".join(lines)


def _why_unfilled(plan: Plan) -> str:
    if not len(plan.eligible):
        return "nobody is eligible"
    if len(plan.slots) == len(plan.eligible):
        return "every eligible establishment is in the plan"
    return "no rule-keeping candidate adds value"


def _rows(plan: Plan) -> str:
    if not plan.slots:
        return ""
    rows = [f"{'':>4} {'establishment':<14}{'arm':<12}{'score':>7}  {'probability':>11}  counts towards"]
    for number, slot in enumerate(plan.slots[:_ROWS], start=1):
        cells = ", ".join(slot.constraint_cells)
        chance = f"{slot.inclusion_probability:.6g}"
        rows.append(f"{number:>4} {slot.establishment:<14}{slot.arm:<12}{slot.score:>7.3f}  {chance:>11}  {cells}")
    if (more := len(plan.slots) - _ROWS) > 0:
        rows.append(f"     and {more} more")
    return "\n".join(rows)


def _excluded(plan: Plan) -> str:
    counts = {reason: count for reason, count in plan.eligibility.counts.items() if count}
    return (
        "\n".join(["Not eligible:", *(f"{count:>8}  {reason}" for reason, count in counts.items())]) if counts else ""
    )


def _prices(plan: Plan) -> str:
    paid = sorted((price for price in plan.prices if price.price > 0), key=lambda price: -price.price)[:_PRICES]
    lines = [f"{price.price:>8.3f}  {price.rule}" for price in paid]
    return "\n".join(["What the rules cost (value lost by keeping each):", *lines]) if lines else ""


def _swaps(plan: Plan) -> str:
    lines = [f"  drop {swap.drop}, take {swap.take}: {swap.change:+.4f}" for swap in plan.exchanges[:_SWAPS]]
    return "\n".join(["Nearest exchanges:", *lines]) if lines else ""
