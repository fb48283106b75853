"""What a quarter may differ from its pinned reference by, how old a source may be, how much a file may lack."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from targeting.domain import BadInputError
from targeting.parameters.document import Dated, Parameter, in_force, read

__all__ = ["Bounds", "FileBounds", "Freshness", "Limit", "bounds", "file_bounds", "freshness"]


class Limit(Parameter):
    """From where on a figure is yellow, and from where on red."""

    yellow: float = Field(ge=0)
    red: float = Field(ge=0)

    @model_validator(mode="after")
    def _in_order(self) -> Limit:
        if self.red < self.yellow:
            raise ValueError(f"red {self.red} lies before yellow {self.yellow}")
        return self


class Bounds(Dated):
    """The limits of a period: shares of one, changes relative to the reference. `why` says what each is to catch."""

    recent_days: int = Field(ge=1, description="how far back rows count as recent: a year, so that seasons cancel")
    units: Limit
    employees: Limit
    rows_a_year: Limit
    rows_lost: Limit
    nulls: Limit
    unlisted_codes: Limit
    unseen_codes: Limit
    mix: Limit
    unknown_places: Limit
    unknown_points: Limit
    duplicates: Limit
    quarantined: Limit
    feature_psi: Limit
    score_psi: Limit
    churn: Limit
    calibration: Limit
    run_age_days: Limit
    least_rows: int = Field(ge=1, description="rows below which a share is chance")
    least_answers: int = Field(ge=2, description="answers below which a figure could be traced to one of them")
    red_features: int = Field(ge=1, description="features of one target that must be red for the target to be red")
    stops: tuple[Literal["inputs", "features", "scores", "churn", "calibration"], ...]
    other_counties: tuple[str, ...]
    why: str = Field(min_length=1)


class Freshness(Dated):
    """How many days before the as-of day a table's newest row may have become known."""

    table: str
    yellow: int = Field(ge=1)
    red: int = Field(ge=1)


class FileBounds(Dated):
    """By what share a file may have fewer rows than the last of its kind (yellow, red), or `most` more (yellow)."""

    kind: str
    yellow: float = Field(gt=0, lt=1)
    red: float = Field(gt=0, lt=1)
    most: float = Field(gt=0)


class _File(Parameter):
    title: str
    unit: str
    bounds: tuple[Bounds, ...]
    freshness: tuple[Freshness, ...]
    file: tuple[FileBounds, ...]


_FILE = read("watching.toml", _File)


def bounds(on: date) -> Bounds:
    """The limits in force on `on`; raises `BadInputError` before the first.

    >>> bounds(date(2027, 1, 1)).feature_psi.red
    0.25
    """
    begun = in_force(_FILE.bounds, on)
    if not begun:
        raise BadInputError(
            expected="a day with bounds",
            got=str(on),
            where="watching.toml",
            do="ask for a later day, or enter the bounds of that one",
        )
    return max(begun, key=lambda one: one.from_)


def freshness(on: date) -> dict[str, Freshness]:
    """The allowance in force on `on` by table; a table that is not in it may be of any age."""
    return {one.table: one for one in in_force(_FILE.freshness, on)}


def file_bounds(kind: str, on: date) -> FileBounds | None:
    """The limits of a file's rows; null for a kind whose volume varies by nature.

    >>> file_bounds("tilsyn", date(2027, 1, 1)) is None
    True
    """
    return next((one for one in in_force(_FILE.file, on) if one.kind == kind), None)
