"""A planning problem as JSON: the keys of PROBLEM.toml, each within what a plan of inspections can need."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["AskedProblem", "Input"]


class Input(BaseModel):
    """What is sent to us: nothing is converted, nothing unknown is taken."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)


Column = Annotated[str, Field(min_length=1, max_length=64)]
Text = Annotated[str, Field(max_length=64)]
Single = Text | int | float | bool
Values = Annotated[list[Single], Field(min_length=1, max_length=500)]
Places = Annotated[dict[Column, Single | Values], Field(min_length=1, max_length=20)]
Count = Annotated[int, Field(ge=0, le=10_000)]


class AskedObjective(Input):
    """What a slot is worth; `weights` only with kind `mix`."""

    kind: Literal["breaches", "severity", "employees", "mix"] = "breaches"
    score: Column = "score"
    severity: Column = "severity"
    employees: Column = "employees"
    weights: Annotated[dict[str, float], Field(max_length=3)] = {}


class AskedExploration(Input):
    """The share of the capacity drawn at random with known probabilities, and in how many score bins."""

    share: Annotated[float, Field(ge=0, le=1)] = 0.0
    bins: Annotated[int, Field(ge=1, le=20)] = 3


class AskedQuota(Input):
    """So many slots among those where each column holds one of its values."""

    where: Places
    count: Count


class AskedPer(Input):
    """So many slots (standbys) for each value of a column."""

    column: Column
    count: Count


class AskedStandby(Input):
    """So many alternates in each value of a column."""

    per: Column
    count: Annotated[int, Field(ge=0, le=100)]


class AskedTotal(Input):
    """The sum of a column over all slots; `weights` says what each of its values stands for."""

    column: Column
    at_most: Annotated[float, Field(ge=0)]
    weights: Annotated[dict[Text, Annotated[float, Field(ge=0)]], Field(max_length=500)] = {}


class AskedExclusion(Input):
    """Who may not be planned: the column holds one of `is`, or lies below or above a bound; `unless` waives it."""

    is_: Annotated[Single | Values, Field(alias="is")] = ""
    below: float = 0.0
    above: float = 0.0
    unless: Places = {}


class AskedProblem(Input):
    """One planning problem. What is left out is as in PROBLEM.toml; without `seed` the run's own is taken."""

    capacity: Count
    seed: Annotated[int, Field(ge=-(2**53), le=2**53)] = 0
    objective: AskedObjective = AskedObjective()
    exploration: AskedExploration = AskedExploration()
    at_least: Annotated[list[AskedQuota], Field(max_length=100)] = []
    at_most: Annotated[list[AskedQuota], Field(max_length=100)] = []
    at_most_per: Annotated[list[AskedPer], Field(max_length=10)] = []
    total: Annotated[list[AskedTotal], Field(max_length=10)] = []
    exclude: Annotated[dict[Column, Single | Values | AskedExclusion], Field(max_length=50)] = {}
    standby: AskedStandby | Annotated[list[AskedStandby], Field(max_length=10)] = []

    def document(self) -> dict[str, Any]:
        """What was sent, and only that: PROBLEM.toml as a mapping."""
        return self.model_dump(by_alias=True, exclude_unset=True)
