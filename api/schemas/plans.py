"""Plans: as drawn, as listed, as they stand, and what is sent to change them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from api.schemas.asked_problem import Input
from api.schemas.base import Output
from targeting.domain import Target

__all__ = [
    "ActOut",
    "AskedAct",
    "AskedApproval",
    "AskedOverride",
    "AskedSlot",
    "ChangeOut",
    "ChoiceOut",
    "DialOut",
    "DialSetting",
    "DrawnSlot",
    "Figures",
    "PlanListed",
    "PlanOut",
    "PlanPage",
    "PlanStanding",
    "Preview",
    "PriceOut",
    "SlotOut",
    "SlotOutcomeOut",
    "StandbyOut",
    "StateOut",
    "SwapOut",
]

Words = Annotated[str, Field(max_length=2000, description="why, in words; no national identity number")]
Said = Annotated[str, Field(min_length=1, max_length=2000, pattern=r"\S", description="why, in words")]
Code = Annotated[str, Field(min_length=1, max_length=60)]
State = Literal["draft", "proposed", "approved", "in_progress", "closed", "withdrawn"]


class AskedAct(Input):
    """An act that may be explained."""

    text: Words = ""


class AskedReason(Input):
    """An act that must be explained."""

    text: Said


class AskedApproval(AskedAct):
    """An approval. `hash` is the content hash that the approver looked at: another content is refused."""

    hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class AskedOverride(AskedReason):
    """Why a slot is changed: a code of `OVERRIDE_REASONS`, and words."""

    reason_code: Code


class AskedSlot(AskedOverride):
    """An establishment that was not proposed."""

    establishment: Annotated[str, Field(min_length=9, max_length=11)]


class StateOut(Output):
    """Where a plan is, and what it waits for."""

    code: State
    title_nb: str
    title_en: str
    waits_for: str


class PriceOut(Output):
    """A rule, and the expected value lost by keeping it."""

    rule: str
    price: float


class SwapOut(Output):
    """A feasible exchange of one slot, and what it changes (at most 0)."""

    drop: str
    take: str
    change: float


class StandbyOut(Output):
    """The alternates in one value of a column, best first."""

    per: str
    value: str
    establishments: list[str]
    scores: list[float]


class Figures(Output):
    """What the solver says of the plan as it was drawn. `expected` is breaches by arm, `excluded` counts by rule."""

    objective: float
    bound: float
    gap: float
    expected: dict[str, float]
    prices: list[PriceOut]
    nearest_swaps: list[SwapOut]
    excluded: dict[str, int]
    candidates: dict[str, int]
    unfilled: int
    rules_about_nobody: list[str]
    exploration: dict[str, Any]


class DrawnSlot(Output):
    """One slot as drawn."""

    establishment: str
    arm: Literal["ranked", "exploration"]
    inclusion_probability: float
    score: float
    constraint_cells: list[str]


class Preview(Output):
    """A plan that is not kept. Kept now it would have this `id`."""

    id: str
    run: str
    as_of: date
    target: Target
    problem: dict[str, Any]
    slots: list[DrawnSlot]
    standby: list[StandbyOut]
    figures: Figures


class DialSetting(Output):
    """One share: expected breaches given up against 0, and the width of the 95 % interval for the prevalence."""

    share: float
    slots: int
    hits_given_up: float
    width: float
    width_assisted: float


class DialOut(Output):
    """The exploration dial of one problem."""

    run: str
    as_of: date
    target: Target
    settings: list[DialSetting]


class PlanStanding(Output):
    """A plan after an act: `version` is its ETag, `hash` that of the list as it stands."""

    id: str
    version: int
    hash: str
    target: Target
    state: StateOut
    slots: int
    without_outcome: int


class PlanListed(Output):
    """One plan in a list; `proposed` counts the slots as drawn."""

    id: str
    run: str
    target: Target
    author: str
    created: str
    state: StateOut
    version: int
    proposed: int


class PlanPage(Output):
    """Plans, newest first; `next` is null on the last page."""

    next: str | None
    rows: list[PlanListed]


class SlotOutcomeOut(Output):
    """What an inspection found, or why there was none."""

    result: Literal["inspected", "not_inspected"]
    breach: bool | None
    reason: str | None
    inspected_on: date | None
    known_on: date


class SlotOut(Output):
    """One slot of the list as it stands. Null probability: it was not drawn. `standby` steps in if it falls out."""

    place: int
    establishment: str
    arm: Literal["ranked", "exploration"]
    how: Literal["proposed", "standby", "added"]
    replaces: str | None
    score: float | None
    inclusion_probability: float | None
    constraint_cells: list[str]
    standby: str | None
    outcome: SlotOutcomeOut | None


class ActOut(Output):
    """One act of the plan's life."""

    sequence: int
    at: str
    kind: str
    actor: str
    reason_code: str
    text: str


class ChangeOut(Output):
    """One override; `taken` steps in at a swap."""

    kind: Literal["add", "remove", "swap"]
    establishment: str
    taken: str | None
    score: float | None
    planner: str
    reason_code: str
    text: str


class ChoiceOut(Output):
    """An act, and whether whoever asks could do it now; the reason is null when they could."""

    act: str
    possible: bool
    reason_nb: str | None
    reason_en: str | None


class PlanOut(Output):
    """A plan as it stands. `approved_hash` is what was frozen; `figures` is null where none were kept."""

    id: str
    version: int
    hash: str
    approved_hash: str | None
    run: str
    target: Target
    state: StateOut
    author: str
    created: str
    problem: dict[str, Any]
    figures: Figures | None
    slots: list[SlotOut]
    changes: list[ChangeOut]
    acts: list[ActOut]
    choices: list[ChoiceOut]
