"""Which part of the country a row belongs to, and whether probabilities are right in each part, not only on average."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from targeting.domain import IndustryCode, Standard
from targeting.evaluation.weighted_metrics import weighted_calibration, weighted_calibration_error
from targeting.modelling.columns import Flags, Reals, texts
from targeting.parameters.priority_areas import areas, areas_of
from targeting.parameters.sections import section_of

__all__ = ["MINIMUM", "SegmentCalibration", "Segments", "calibration_by_segment", "segments_of"]

MINIMUM: Final = 100
"""Below a hundred labelled rows (or twenty of either kind) a segment's calibration would mostly show chance."""

_LEAST_OF_EACH: Final = 20
_SIZE_CLASSES: Final = ("0", "1-4", "5-9", "10-19", "20-49", "50-99", "100-249", "250+")

Segments = Mapping[str, Mapping[str, Flags]]
"""Kind of segment, then its name, then which rows are in it. Rows may be in several priority areas, or in none."""


class SegmentCalibration(NamedTuple):
    """Calibration in one segment; slope, intercept and ECE are null below the minimum."""

    kind: str
    name: str
    rows: int
    breaches: int
    slope: float | None
    intercept: float | None
    ece: float | None

    def to_dict(self) -> dict[str, Any]:
        """By name, for JSON."""
        return self._asdict()


def segments_of(frame: pd.DataFrame, on: date) -> dict[str, dict[str, Flags]]:
    """The segments of a matrix's rows: size class, county, section, and the priority areas in force on `on`.

    Sections and areas go by the harmonised industry (SN2007); a row whose industry is not known is in none of them.
    """
    industry = texts(frame, "industry")
    found = {"size_class": _by_value(_size_classes(frame)), "county": _by_value(texts(frame, "county"))}
    letters = _translated(industry, lambda code: (section.letter,) if (section := section_of(code)) else ())
    belongs = _translated(industry, lambda code: tuple(one.area for one in areas_of(code, on)))
    found["section"] = _by_membership(letters, sorted({name for names in letters for name in names}))
    found["priority_area"] = _by_membership(belongs, [one.id for one in areas(on)])
    return found


def calibration_by_segment(
    segments: Segments, probabilities: Reals, labels: Reals, weights: Reals, minimum: int = MINIMUM
) -> tuple[SegmentCalibration, ...]:
    """One value a segment that has any row, by kind and name. `weights` of 1: among the inspected."""
    return tuple(
        _calibration(kind, name, probabilities[rows], labels[rows], weights[rows], minimum)
        for kind, parts in segments.items()
        for name, rows in sorted(parts.items())
        if rows.any()
    )


def _calibration(
    kind: str, name: str, probabilities: Reals, labels: Reals, weights: Reals, minimum: int
) -> SegmentCalibration:
    counted = weights > 0.0
    probabilities, labels, weights = probabilities[counted], labels[counted], weights[counted]
    rows, breaches = len(labels), int(labels.sum())
    if rows < minimum or min(breaches, rows - breaches) < _LEAST_OF_EACH:
        return SegmentCalibration(kind, name, rows, breaches, None, None, None)
    fit = weighted_calibration(probabilities, labels, weights)
    ece = weighted_calibration_error(probabilities, labels, weights)
    return SegmentCalibration(kind, name, rows, breaches, float(fit.coefficients[0]), fit.intercept, ece)


def _size_classes(frame: pd.DataFrame) -> np.ndarray:
    """The classes by name, also where the matrix holds the declared feature, which numbers them."""
    if frame["size_class"].dtype.kind != "f":
        return texts(frame, "size_class")
    places = frame["size_class"].fillna(-1.0).to_numpy().astype(np.int64)
    return np.array([*_SIZE_CLASSES, ""], dtype=object)[places]


def _by_value(values: np.ndarray) -> dict[str, Flags]:
    return {name: np.asarray(values == name) for name in sorted(set(values.tolist()) - {""})}


def _by_membership(names: list[tuple[str, ...]], wanted: Iterable[str]) -> dict[str, Flags]:
    return {name: np.array([name in each for each in names], dtype=np.bool_) for name in wanted}


def _translated(industry: np.ndarray, of: Callable[[IndustryCode], tuple[str, ...]]) -> list[tuple[str, ...]]:
    """`of` every row's code, asked once a code."""
    known = {code: of(IndustryCode(code, Standard.SN2007)) for code in sorted(set(industry.tolist()) - {""})}
    return [known.get(code, ()) for code in industry.tolist()]
