"""PLAN.json and its table of probabilities: the same plan is the same bytes, and the hash covers both."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np
import pyarrow as pa

from targeting.domain import Arm
from targeting.planning.idle_rules import rules_about_nobody
from targeting.planning.plan import Plan

__all__ = ["plan_document", "plan_json", "probabilities"]


def plan_json(plan: Plan) -> str:
    """The text of PLAN.json: sorted keys, no clock, no path."""
    return json.dumps(plan_document(plan), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def plan_document(plan: Plan) -> dict[str, Any]:
    """The plan as plain values. `hash` is the sha256 of everything else, probabilities of everybody included."""
    document: dict[str, Any] = {
        "problem": plan.problem.as_json(),
        "tie_break": "score descending, then sha256 of seed:establishment ascending",
        "slots": [
            {
                "establishment": slot.establishment,
                "arm": str(slot.arm),
                "inclusion_probability": slot.inclusion_probability,
                "score": slot.score,
                "constraint_cells": list(slot.constraint_cells),
            }
            for slot in plan.slots
        ],
        "standby": [stratum._asdict() for stratum in plan.standby],
        "objective": plan.objective,
        "bound": plan.bound,
        "gap": plan.gap,
        "expected": _expected(plan),
        "prices": [price._asdict() for price in plan.prices],
        "nearest_swaps": [{"drop": e.drop, "take": e.take, "change": e.change} for e in plan.exchanges],
        "excluded": plan.eligibility.counts,
        "candidates": {"read": len(plan.candidates), "eligible": len(plan.eligible)},
        "unfilled": plan.problem.capacity - len(plan.slots),
        "rules_about_nobody": list(rules_about_nobody(plan.problem, plan.eligible)),
        "exploration": _exploration(plan),
        "probabilities_sha256": _digest(probabilities(plan)),
    }
    text = json.dumps(json.loads(json.dumps(document)), sort_keys=True, ensure_ascii=False)
    return {**document, "hash": hashlib.sha256(text.encode()).hexdigest()}


def _expected(plan: Plan) -> dict[str, float]:
    """Expected breaches by arm: sums of scores, whatever the objective."""
    return {str(arm): float(sum(slot.score for slot in plan.slots if slot.arm is arm)) for arm in Arm}


def _exploration(plan: Plan) -> dict[str, Any]:
    """What an estimator needs: hands in the deck, and per score bin how many there are and how many were drawn."""
    bins = plan.design.score_bin
    drawn = {slot.establishment for slot in plan.slots if slot.arm is Arm.EXPLORATION}
    taken = np.array([name in drawn for name in plan.eligible.names], dtype=bool)
    scores = plan.eligible.numbers(plan.problem.objective.score)
    strata = [
        {
            "score_bin": int(number),
            "establishments": int((bins == number).sum()),
            "drawn": int((taken & (bins == number)).sum()),
            "lowest_score": float(scores[bins == number].min()),
            "highest_score": float(scores[bins == number].max()),
        }
        for number in np.unique(bins[bins >= 0])
    ]
    nobody = int((plan.design.probability == 0).sum()) if plan.design.hands else 0
    return {
        "share": plan.problem.exploration.share,
        "slots": plan.design.slots,
        "hands": len(plan.design.hands),
        "strata": strata,
        "in_no_plan": nobody,
    }


def probabilities(plan: Plan) -> pa.Table:
    """One row per candidate, sorted by number: whether eligible and if not why, and its exploration probability.

    `in_no_plan` is the reason of an eligible row that no plan under these rules can hold. `probability` is null for
    rows that were not eligible, and 0 for everybody when the plan has no exploration arm.
    """
    reasons = [plan.eligibility.reasons[rule] if rule >= 0 else None for rule in plan.eligibility.rule.tolist()]
    chance = np.full(len(plan.candidates), np.nan)
    score_bin = np.full(len(plan.candidates), -1, dtype=np.int64)
    places = plan.eligibility.eligible
    chance[places], score_bin[places] = plan.design.probability, plan.design.score_bin
    if plan.design.hands:
        for place in places[plan.design.probability == 0].tolist():
            reasons[place] = "in_no_plan"
    arms = {slot.establishment: str(slot.arm) for slot in plan.slots}
    return pa.table(
        {
            "establishment": pa.array(plan.candidates.names, pa.string()),
            "score": pa.array(plan.candidates.numbers(plan.problem.objective.score), pa.float64()),
            "arm": pa.array([arms.get(name) for name in plan.candidates.names], pa.string()),
            "excluded_because": pa.array(reasons, pa.string()),
            "probability": pa.array(chance, pa.float64(), mask=np.isnan(chance)),
            "score_bin": pa.array(score_bin, pa.int64(), mask=score_bin < 0),
        }
    )


def _digest(table: pa.Table) -> str:
    digest = hashlib.sha256()
    for row in zip(*(table.column(name).to_pylist() for name in table.column_names), strict=True):
        digest.update(repr(row).encode())
    return digest.hexdigest()
