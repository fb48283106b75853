"""Trials: designed, frozen, and told once."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from api.schemas.asked_problem import AskedProblem, Column, Input
from api.schemas.base import Output
from api.schemas.outcomes import IntervalOut
from targeting.domain import Target

__all__ = [
    "AskedTrial",
    "PowerOut",
    "TrialArmOut",
    "TrialDesign",
    "TrialDesignOut",
    "TrialFrozenOut",
    "TrialResultOut",
    "Trials",
]

Assigned = Annotated[list[Annotated[str, Field(min_length=1, max_length=100)]], Field(min_length=3, max_length=3)]


class AskedTrial(Input):
    """A trial to design: how many an arm, the column to balance over, and that of today's rule (highest first)."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    per_arm: Annotated[int, Field(ge=1, le=3000)]
    rule: Column
    block: Column = "county"
    seed: Annotated[int, Field(ge=0, le=2**53)] = 0
    problem: AskedProblem | None = None


class TrialDesign(Input):
    """A design, as it was given, to be frozen: [establishment, block, arm] of each inspection."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    target: Literal["bht_use", "working_environment", "unlawful_hiring", "work_crime"]
    run: Annotated[str, Field(max_length=64)]
    rule: Annotated[str, Field(max_length=200)]
    metric: Annotated[str, Field(max_length=200)]
    seed: Annotated[int, Field(ge=0, le=2**53)]
    assignments: Annotated[list[Assigned], Field(max_length=10_000)]

    def document(self) -> dict[str, Any]:
        """The design as plain values."""
        return self.model_dump()


class TrialDesignOut(Output):
    """A design with its id. It tells who is in which arm: keep it from those who visit."""

    id: str
    design: TrialDesign


class TrialFrozenOut(Output):
    """A frozen trial, without who is in which arm."""

    id: str
    name: str
    target: Target
    run: str
    rule: str
    metric: str
    per_arm: int
    frozen_at: str
    frozen_by: str


class Trials(Output):
    """The frozen trials, newest first."""

    rows: list[TrialFrozenOut]


class TrialArmOut(Output):
    """One arm: assigned, inspected, with a breach."""

    arm: Literal["model", "rule", "random"]
    assigned: int
    inspected: int
    hits: int
    rate: IntervalOut | None


class TrialResultOut(Output):
    """The declared metric, `model_less_rule`, and beside it the model against chance."""

    trial: str
    metric: str
    arms: list[TrialArmOut]
    model_less_rule: IntervalOut
    model_less_random: IntervalOut
    not_inspected: int


class PowerOut(Output):
    """How many an arm the wanted power needs, and the power of `per_arm`; null where that was not asked."""

    needed_per_arm: int
    power: float | None
