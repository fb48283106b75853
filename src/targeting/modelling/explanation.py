"""Why a score is what it is: the largest exact contributions of every row, as sentences.

Contributions are in raw log-odds, before calibration: the base plus all of them is the raw log-odds the model ranked
by (tested). Added up over themes, the largest by size are
kept, whichever way they push.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from targeting.features.family import Feature, FeatureKind
from targeting.modelling.columns import Frame, Reals, Texts, numbers, rows_between, texts
from targeting.modelling.model import Model
from targeting.modelling.phrases import phrase

__all__ = ["MOST_REASONS", "explain"]

MOST_REASONS: Final = 4
_BATCH: Final = 20_000  # bounds memory: rows x features of contributions at a time
_FIELDS: Final = ("feature", "theme", "value", "contribution", "text_nb", "text_en")


def explain(
    model: Model, frame: Frame, features: Sequence[Feature], *, most: int = MOST_REASONS, threads: int = 1
) -> pa.Array:
    """Per row a list of up to `most` reasons (structs of feature, theme, value, contribution, text_nb, text_en).

    One reason a theme; its contribution is the whole theme's. `features` are the declarations behind the frame's
    columns. A theme that pushes a row by nothing is no reason.
    """
    declared = {feature.name: feature for feature in features}
    parts = [
        _explain_batch(model, rows_between(frame, start, start + _BATCH), declared, most, threads)
        for start in range(0, max(len(frame), 1), _BATCH)
    ]
    return pa.concat_arrays(parts)


def _explain_batch(model: Model, frame: Frame, declared: Mapping[str, Feature], most: int, threads: int) -> pa.Array:
    contributions = model.attribute(frame, threads=threads).contributions
    rows, places, pushes = _largest(contributions, [declared[name].theme for name in model.features], most)
    columns: dict[str, np.ndarray] = {name: np.empty(len(rows), dtype=object) for name in _FIELDS}
    columns["contribution"] = pushes
    for place in np.unique(places).tolist():
        chosen = np.flatnonzero(places == place)
        feature = declared[model.features[place]]
        _fill(columns, chosen, feature, _values(frame, feature)[rows[chosen]])
    offsets = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=len(frame)))]).astype(np.int32)
    return _lists(columns, offsets)


class _Largest(NamedTuple):
    """Row by row, the strongest themes: the row, the feature that speaks for the theme, the theme's whole push."""

    rows: np.ndarray
    places: np.ndarray
    pushes: Reals


def _largest(contributions: Reals, themes: Sequence[str], most: int) -> _Largest:
    """The `most` themes that push each row hardest, largest first; equal pushes in feature order.

    Features of one theme say much the same (employees of the establishment, of the enterprise, the size class): the
    theme's pushes are added up, and the feature that pushes hardest the same way speaks for it.
    """
    names = list(dict.fromkeys(themes))
    totals = np.zeros((len(contributions), len(names)))
    speakers = np.zeros((len(contributions), len(names)), dtype=np.int64)
    for column, name in enumerate(names):
        members = np.flatnonzero([theme == name for theme in themes])
        own = contributions[:, members]
        totals[:, column] = own.sum(axis=1)
        speakers[:, column] = members[np.argmax(own * np.sign(totals[:, column])[:, None], axis=1)]
    order = np.argsort(-np.abs(totals), axis=1, kind="stable")[:, :most]
    rows, strongest = np.repeat(np.arange(len(totals)), order.shape[1]), order.ravel()
    pushes = totals[rows, strongest]
    kept = pushes != 0.0
    return _Largest(rows[kept], speakers[rows, strongest][kept], pushes[kept])


def _values(frame: Frame, feature: Feature) -> Reals | Texts:
    if feature.kind is FeatureKind.CATEGORY:
        return texts(frame, feature.name)
    values = numbers(frame, feature.name)
    return np.round(values, 4) if feature.kind is FeatureKind.REAL else values


def _fill(columns: dict[str, np.ndarray], chosen: np.ndarray, feature: Feature, values: np.ndarray) -> None:
    # A feature has few distinct values among the rows it explains: each sentence is written once.
    absent = phrase(feature, None)
    seen = {value for value in set(values.tolist()) if value != "" and value == value}
    written = {value: phrase(feature, value) for value in seen}
    said = [written.get(value, absent) for value in values.tolist()]
    columns["feature"][chosen] = feature.name
    columns["theme"][chosen] = feature.theme
    columns["value"][chosen] = [one.value for one in said]
    columns["text_nb"][chosen] = [one.text_nb for one in said]
    columns["text_en"][chosen] = [one.text_en for one in said]


def _lists(columns: Mapping[str, np.ndarray], offsets: np.ndarray) -> pa.Array:
    kinds = [pa.float64() if name == "contribution" else pa.string() for name in _FIELDS]
    arrays = [pa.array(columns[name], kind) for name, kind in zip(_FIELDS, kinds, strict=True)]
    fields = [pa.field(name, kind, nullable=False) for name, kind in zip(_FIELDS, kinds, strict=True)]
    return pa.ListArray.from_arrays(
        pa.array(offsets),
        pa.StructArray.from_arrays(arrays, fields=fields),
        type=pa.list_(pa.field("element", pa.struct(fields), nullable=False)),
    )
