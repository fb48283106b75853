"""Published runs, and what is known of the one in service."""

from __future__ import annotations

from datetime import date
from typing import Literal

from api.schemas.base import FromRun, Output
from api.schemas.rankings import BandOut

__all__ = ["Monitoring", "RunOut", "Runs", "TargetMonitored"]


class RunOut(Output):
    """One published run. `reduced`: whoever was not selected is gone from it, because the time to keep them is over."""

    run: str
    as_of: date
    quarter: str
    seed: int
    release: dict[str, str]
    in_service: bool
    reduced: bool


class Runs(Output):
    """Every published run, newest first."""

    rows: list[RunOut]


class TargetMonitored(Output):
    """One target of the run in service. `form` is what its forward gate left of the scores, and `why` says so.

    `labels_age_days` counts from the last day of its labels to the as-of day.
    """

    target: str
    release: str
    candidate: str
    form: Literal["probability", "bands"]
    why_nb: str
    why_en: str
    trained_until: date
    labels_age_days: int
    establishments: int
    mean_score: float
    bands: list[BandOut]


class Monitoring(FromRun):
    """The run in service: its age in days, what each target's scores may be read as, and flagged register data.

    `age_days` counts from the as-of day to today; negative before that day.
    """

    age_days: int
    quarter: str
    reduced: bool
    establishments: int
    quality_flags: dict[str, int]
    targets: list[TargetMonitored]
