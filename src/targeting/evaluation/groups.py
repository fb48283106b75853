"""How the list treats groups: how often each is listed, how often rightly, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from fairlearn.metrics import MetricFrame, count, selection_rate

from targeting.domain import IndustryCode, Standard
from targeting.evaluation.backtest import Backtest
from targeting.evaluation.metrics import capacity_in
from targeting.modelling.calibration import wilson
from targeting.modelling.columns import Flags, Reals, numbers, texts
from targeting.parameters.sections import section_of
from targeting.published import SIZE_CLASSES, ranked

__all__ = [
    "DIMENSIONS",
    "EVERYBODY",
    "ForwardRows",
    "GroupRow",
    "Groups",
    "Rate",
    "forward_tested",
    "group_labels",
    "group_rates",
    "listed",
]

DIMENSIONS: Final = ("county", "size_class", "section", "legal_form", "age", "foreign_registered")
"""What groups are made by; one that a matrix lacks the column for is left out."""
EVERYBODY: Final = "everybody"
_UNKNOWN: Final = "unknown"
_LEAST_SHOWN: Final = 10
_SIZES: Final = ("0", *SIZE_CLASSES)
_AGES: Final = (("under 1 year", 12), ("1-4 years", 60), ("5-9 years", 120), ("10 years or more", None))


class Rate(NamedTuple):
    """`hits` among `n` as a share, with Wilson's 95 % interval.

    A total count has an interval too: how well the rate behind it is known, not how well it was counted.
    """

    share: float
    low: float
    high: float
    hits: int
    n: int


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One group of one dimension. A rate is null where it was withheld as too small, or nobody was there.

    `selection`: listed among the cohort. `precision` and `false_discovery`: with and without a breach among the tested
    rows that would have been listed. `base`: with a breach among all tested rows. The last three are rates among the
    inspected, never a prevalence.
    """

    dimension: str
    group: str
    selection: Rate | None
    precision: Rate | None
    false_discovery: Rate | None
    base: Rate | None


@dataclass(frozen=True, slots=True)
class Groups:
    """Every group of every dimension, beside everybody. `minimum` is the least number a rate is shown for."""

    k: int
    minimum: int
    everybody: GroupRow
    rows: tuple[GroupRow, ...]

    def to_dict(self) -> dict[str, Any]:
        """As JSON values."""
        rows = [_as_dict(row) for row in self.rows]
        return {"k": self.k, "minimum": self.minimum, EVERYBODY: _as_dict(self.everybody), "groups": rows}


@dataclass(frozen=True)
class ForwardRows:
    """Forward tested rows: their places in the training frame, the label found, and who would have been listed."""

    rows: np.ndarray
    labels: Reals
    listed: Flags


def listed(establishments: Sequence[str], scores: Reals, k: int, tie_break: int) -> Flags:
    """Which rows are among the first `k` of the published order, ties broken by the recorded draw."""
    chosen = np.zeros(len(scores), dtype=np.bool_)
    chosen[ranked(establishments, scores.tolist(), tie_break)[:k]] = True
    return chosen


def forward_tested(frame: pd.DataFrame, result: Backtest, candidate: str, capacity: int, tie_break: int) -> ForwardRows:
    """The rows of every test window with who of them the candidate would have listed, all windows together.

    The capacity of a window is that of `capacity_in`. An establishment tested in two windows is two rows.
    """
    names = texts(frame, "establishment")
    chosen = [
        listed(names[split.test].tolist(), part.ranked, capacity_in(len(split.test), capacity), tie_break)
        for split, part in zip(result.splits, result.forward[candidate], strict=True)
    ]
    places = np.concatenate([np.zeros(0, dtype=np.int64), *(split.test for split in result.splits)])
    labels, flags = (
        np.concatenate([np.zeros(0), *result.labels]),
        np.concatenate([np.zeros(0, dtype=np.bool_), *chosen]),
    )
    return ForwardRows(places, labels, flags)


def group_labels(frame: pd.DataFrame) -> Mapping[str, np.ndarray]:
    """Each dimension's group of every row of a matrix's frame, as text; "unknown" where it is not known."""
    made = {
        "county": _texts(frame, "county"),
        "size_class": _size_classes(frame),
        "section": _sections(frame),
        "legal_form": _texts(frame, "legal_form"),
        "age": _ages(frame),
        "foreign_registered": _yes_no(frame, "foreign_registered"),
    }
    return {name: values for name, values in made.items() if values is not None}


def group_rates(
    cohort: pd.DataFrame, chosen: Flags, training: pd.DataFrame, tested: ForwardRows, *, minimum: int = _LEAST_SHOWN
) -> Groups:
    """Rates of every group: selection in the scored `cohort` (where `chosen` are listed), the others where tested.

    A rate of fewer than `minimum` is withheld, and so are as many of the next smallest as it takes that subtraction
    does not tell it.
    """
    then, now = group_labels(training.iloc[tested.rows]), group_labels(cohort)
    names = [name for name in DIMENSIONS if name in now and name in then]
    nobody = np.full(len(cohort), EVERYBODY), np.full(len(tested.rows), EVERYBODY)
    (everybody,) = _rows(EVERYBODY, nobody[0], chosen, nobody[1], tested, minimum)
    rows = [row for name in names for row in _rows(name, now[name], chosen, then[name], tested, minimum)]
    return Groups(int(chosen.sum()), minimum, everybody, tuple(rows))


def _rows(
    dimension: str, now: np.ndarray, chosen: Flags, then: np.ndarray, tested: ForwardRows, minimum: int
) -> list[GroupRow]:
    selection = _rates(now, chosen, minimum)
    base = _rates(then, tested.labels == 1.0, minimum)
    precision = _rates(then[tested.listed], tested.labels[tested.listed] == 1.0, minimum)
    wrong = {group: _complement(rate) for group, rate in precision.items()}
    groups = sorted({*now.tolist(), *then.tolist()})
    return [
        GroupRow(dimension, group, selection.get(group), precision.get(group), wrong.get(group), base.get(group))
        for group in groups
    ]


def _rates(groups: np.ndarray, hits: Flags, minimum: int) -> dict[str, Rate]:
    """The share of hits in each group that is large enough to show."""
    if len(groups) == 0:
        return {}
    metrics = {"n": count, "share": selection_rate}
    by_group = MetricFrame(metrics=metrics, y_true=hits, y_pred=hits, sensitive_features=groups).by_group
    sizes = {str(group): int(n) for group, n in by_group["n"].items()}
    shown = set(sizes) - _withheld(sizes, minimum)
    return {group: _rate(round(by_group["share"][group] * sizes[group]), sizes[group]) for group in sorted(shown)}


def _withheld(sizes: Mapping[str, int], minimum: int) -> set[str]:
    """Groups below the minimum, and the next smallest until those withheld together reach it.

    Without that, everybody's figure less those shown would tell the small ones.
    """
    hidden: set[str] = set()
    for group in sorted(sizes, key=lambda name: (sizes[name], name)):
        together = sum(sizes[name] for name in hidden)
        if sizes[group] < minimum or 0 < together < minimum:
            hidden.add(group)
    return hidden


def _rate(hits: int, n: int) -> Rate:
    share = np.array([hits / n])
    low, high = (float(end[0]) for end in wilson(share, n))
    return Rate(hits / n, low, high, hits, n)


def _complement(rate: Rate) -> Rate:
    return Rate(1.0 - rate.share, 1.0 - rate.high, 1.0 - rate.low, rate.n - rate.hits, rate.n)


def _as_dict(row: GroupRow) -> dict[str, Any]:
    rates = ("selection", "precision", "false_discovery", "base")
    return asdict(row) | {name: rate._asdict() if (rate := getattr(row, name)) else None for name in rates}


def _texts(frame: pd.DataFrame, name: str) -> np.ndarray | None:
    if name not in frame:
        return None
    values = texts(frame, name)
    return np.where(values == "", _UNKNOWN, values)


def _size_classes(frame: pd.DataFrame) -> np.ndarray | None:
    """The published words, whether the frame has them or the feature's class numbers."""
    if "size_class" not in frame or not pd.api.types.is_numeric_dtype(frame["size_class"].dtype):
        return _texts(frame, "size_class")
    values = numbers(frame, "size_class").tolist()
    return np.array([_UNKNOWN if np.isnan(value) else _SIZES[int(value)] for value in values], dtype=object)


def _sections(frame: pd.DataFrame) -> np.ndarray | None:
    """The letter of the harmonised code, which is written in SN2007."""
    codes = _texts(frame, "industry")
    return None if codes is None else np.array([_section(code) for code in codes.tolist()], dtype=object)


@cache
def _section(code: str) -> str:
    section = section_of(IndustryCode(code, Standard.SN2007))
    return section.letter if section else _UNKNOWN


def _ages(frame: pd.DataFrame) -> np.ndarray | None:
    """Age of the establishment in bands of years."""
    if "establishment_age_months" not in frame:
        return None
    return np.array([_age(months) for months in numbers(frame, "establishment_age_months").tolist()], dtype=object)


def _age(months: float) -> str:
    if np.isnan(months):
        return _UNKNOWN
    return next(name for name, below in _AGES if below is None or months < below)


def _yes_no(frame: pd.DataFrame, name: str) -> np.ndarray | None:
    if name not in frame:
        return None
    values = numbers(frame, name)
    return np.where(np.isnan(values), _UNKNOWN, np.where(values > 0.0, "yes", "no")).astype(object)
