"""A feature of the open format: its declaration beside its values."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from targeting.features.family import Feature, FeatureKind

__all__ = ["HALF_LIVES", "WINDOWS", "Column", "declared"]

#: Days of the windows that counts are taken over, by the suffix of the column.
WINDOWS: Final = {"100d": 100, "1y": 370, "3y": 1100}
#: Half-lives, in days, of decayed rates: half a year, two and six years.
HALF_LIVES: Final = (180, 730, 2190)


class Column(NamedTuple):
    """One value a row asked for."""

    feature: Feature
    values: NDArray[np.generic]


def declared(
    name: str,
    values: NDArray[np.generic],
    *,
    title: tuple[str, str],
    theme: str,
    source: str,
    unit: str = "",
    null: str = "nothing known before the day",
    kind: FeatureKind = FeatureKind.REAL,
) -> Column:
    """A declared column; `title` is in Norwegian and English. Benchmark features have no legal basis to state."""
    nb, en = title
    feature = Feature(
        name=name,
        kind=kind,
        unit=unit,
        title_nb=nb,
        title_en=en,
        phrase_nb=f"{nb}: {{value}}",
        phrase_en=f"{en}: {{value}}",
        theme=theme,
        source=source,
        null=null,
        legal_basis="",
        personal=False,
        monotone=0,
        targets=(),
    )
    return Column(feature, values)
