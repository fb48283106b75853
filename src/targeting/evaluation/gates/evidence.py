"""Everything the gates look at, as one frozen value; what was not gathered is null, and its gate not applicable."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from targeting.domain import AsOf
from targeting.evaluation.backtest import Backtest
from targeting.evaluation.column_strength import Strength
from targeting.evaluation.groups import Groups
from targeting.evaluation.parity import Parity
from targeting.evaluation.selection import Choice
from targeting.evaluation.stability import Stability
from targeting.features.family import Feature
from targeting.matrix import NUISANCE
from targeting.modelling.specification import Specification

__all__ = ["Evidence", "NewestLabel", "Recoding"]


class NewestLabel(NamedTuple):
    """The newest inspection among the training rows, and the newest day on which one of their labels was known."""

    occurred_on: date
    known_on: date


class Recoding(NamedTuple):
    """A feature with exactly one level for each level of an assignment-time column, whatever it is called."""

    feature: str
    column: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known about a model that wants to serve.

    `assigned` are the columns decided at assignment, beside the specification's nuisance; `columns` the features it
    reads; `declared` every feature that has a declaration; `recodings` and `strengths` speak of the features it could
    have read. The rest comes from the parts of `evaluation` of the same name.
    """

    specification: Specification
    as_of: AsOf | None = None
    result: Backtest | None = None
    choice: Choice | None = None
    assigned: tuple[str, ...] = NUISANCE
    columns: tuple[str, ...] | None = None
    declared: tuple[Feature, ...] | None = None
    recodings: tuple[Recoding, ...] | None = None
    strengths: tuple[Strength, ...] | None = None
    parity: Parity | None = None
    stability: Stability | None = None
    groups: Groups | None = None
    newest: NewestLabel | None = None
