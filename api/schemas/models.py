"""Which model scored which target, and the health of the service."""

from __future__ import annotations

from datetime import date
from typing import Literal

from api.schemas.base import FromRun, Output

__all__ = ["Alive", "ModelOut", "Models", "Ready"]


class ModelOut(Output):
    """The model behind one target of the run; its scores are probabilities only if `calibrated`, or else bands."""

    target: str
    release: str
    model: str
    candidate: str
    features: list[str]
    calibrated: bool
    why_nb: str
    why_en: str
    trained_until: date


class Models(FromRun):
    """The models of the run, by target."""

    models: list[ModelOut]


class Alive(Output):
    """The process answers."""

    status: Literal["alive"]


class Ready(FromRun):
    """A published run is in service."""

    status: Literal["ready"]
