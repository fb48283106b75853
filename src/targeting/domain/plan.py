"""The parts of a plan: arms and slots."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Arm", "Slot"]


class Arm(StrEnum):
    """Why a slot is in the plan: its rank, or a draw with a known probability."""

    RANKED = "ranked"
    EXPLORATION = "exploration"


@dataclass(frozen=True, slots=True)
class Slot:
    """One place in a plan. `inclusion_probability` lies in (0, 1] and is fixed when the plan is drawn."""

    establishment: str
    arm: Arm
    inclusion_probability: float
    score: float
    constraint_cells: tuple[str, ...] = ()
