"""A model's bands as they are published."""

from __future__ import annotations

import numpy as np

from targeting.modelling.bands import ScoreForm
from targeting.published import Band, band_titles

__all__ = ["published_bands"]


def published_bands(form: ScoreForm) -> tuple[Band, ...]:
    """The bands as they are published, highest first; none where the scores are probabilities."""
    if (bands := form.bands) is None:
        return ()
    columns = (bands.rates, *bands.intervals, bands.rows.astype(np.int64))
    rows = zip(*(column[::-1].tolist() for column in columns), strict=True)
    titles = band_titles(len(bands.rows))
    return tuple(Band(place, *title, *row) for place, (title, row) in enumerate(zip(titles, rows, strict=True), 1))
