"""How a model's scores may be published: as probabilities, or as bands where their digits did not hold forward."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from targeting.modelling.calibration import Interval, wilson
from targeting.modelling.columns import Reals

__all__ = [
    "AS_PROBABILITY",
    "LEAST_ROWS",
    "MOST_BANDS",
    "Bands",
    "ForwardError",
    "ScoreForm",
    "cut_bands",
    "score_form",
]

MOST_BANDS: Final = 5
LEAST_ROWS: Final = 50
"""Inspections a band is counted from, at least: fewer tell a rate no better than to twenty percentage points."""
_APART: Final = 1.645
"""Standard errors between the rates of neighbours, at least: a larger difference is chance one time in twenty."""


@dataclass(frozen=True)
class Bands:
    """Contiguous groups of log-odds, lowest first, with what was found in each.

    `edges` lie between them, one fewer than the bands; `rows` and `breaches` are the inspections counted in each. The
    shares of breaches rise strictly.
    """

    edges: np.ndarray
    rows: np.ndarray
    breaches: np.ndarray

    @property
    def rates(self) -> Reals:
        """The share of breaches in each band, lowest first."""
        return np.asarray(self.breaches / self.rows)

    @property
    def intervals(self) -> Interval:
        """Wilson's 95 % interval of each band's rate, lowest first."""
        return wilson(self.rates, self.rows)

    def places(self, raw: Reals) -> np.ndarray:
        """The band of each row of raw log-odds: 0 is the lowest."""
        return np.asarray(np.searchsorted(self.edges, raw, side="right"), dtype=np.int64)


@dataclass(frozen=True)
class ScoreForm:
    """What may be published of a model's scores: a probability, or, where there are `bands`, no digit beyond them."""

    bands: Bands | None
    why_nb: str
    why_en: str

    @property
    def name(self) -> str:
        """In one word: probability, or bands."""
        return "probability" if self.bands is None else "bands"


AS_PROBABILITY: Final = ScoreForm(None, "", "")


class ForwardError(NamedTuple):
    """The calibration error of the forward test, and the rows it was measured on."""

    ece: float
    rows: int


def score_form(raw: Reals, labels: Reals, error: ForwardError | None, most: float, least_rows: int = 0) -> ScoreForm:
    """The form that the forward test allows: probabilities with an error of at most `most`, or else bands.

    `raw` and `labels` are the forward pairs of log-odds and outcome. An error measured on fewer than `least_rows` may
    be small by luck and allows no probability. Null: there was no forward test, and the pairs are those of the
    training rows.
    """
    if error is None:
        return ScoreForm(cut_bands(raw, labels), *_UNTESTED)
    if error.rows < least_rows:
        return ScoreForm(
            cut_bands(raw, labels),
            f"Bare {error.rows} tilsyn kunne prøve sannsynlighetene fremover i tid, færre enn {least_rows}. "
            "Derfor vises bare nivåer, hvert med andelen brudd som ble funnet i det.",
            f"Only {error.rows} inspections could test the probabilities forward in time, fewer than {least_rows}. "
            "So only bands are shown, each with the share of breaches that was found in it.",
        )
    nb, en = f"{error.ece:.3f}".replace(".", ","), f"{error.ece:.3f}"
    if error.ece <= most:
        return ScoreForm(
            None,
            f"Prøvd fremover i tid bommet sannsynlighetene med {nb} i snitt, innenfor grensen på {_comma(most)}.",
            f"Tested forward in time the probabilities were off by {en} on average, within the limit of {most:g}.",
        )
    return ScoreForm(
        cut_bands(raw, labels),
        f"Prøvd fremover i tid bommet sannsynlighetene med {nb} i snitt, mer enn grensen på {_comma(most)}. "
        "Derfor vises bare nivåer, hvert med andelen brudd som ble funnet i det.",
        f"Tested forward in time the probabilities were off by {en} on average, more than the limit of {most:g}. "
        "So only bands are shown, each with the share of breaches that was found in it.",
    )


_UNTESTED: Final = (
    "For få tilsyn til å prøve modellen fremover i tid. Derfor vises bare nivåer, hvert med andelen brudd blant "
    "tilsynene det er laget av.",
    "Too few inspections to test the model forward in time. So only bands are shown, each with the share of breaches "
    "among the inspections it was made from.",
)


def cut_bands(raw: Reals, labels: Reals) -> Bands:
    """At most `MOST_BANDS` groups of like size, neighbours merged until each rate is told apart from the next.

    Raises nothing on few rows: they give a single band.
    """
    order = np.argsort(raw, kind="stable")
    values, found = raw[order], labels[order]
    starts = _starts(values)
    while len(starts) > 1:
        rows, breaches = _counts(found, starts)
        apart = _distances(rows, breaches)
        closest = int(np.argmin(apart))
        if apart[closest] >= _APART:
            break
        del starts[closest + 1]
    rows, breaches = _counts(found, starts)
    edges = np.array([(values[start - 1] + values[start]) / 2.0 for start in starts[1:]], dtype=np.float64)
    return Bands(edges, rows, breaches)


def _starts(values: Reals) -> list[int]:
    """Where each of the groups begins; equal values are never parted, and a group has `LEAST_ROWS` or there is one."""
    groups = max(1, min(MOST_BANDS, len(values) // LEAST_ROWS))
    wanted = np.linspace(0, len(values), groups + 1)[1:-1]
    first = np.flatnonzero(np.r_[True, values[1:] > values[:-1]])  # rows that begin another value
    starts = [0]
    for place in wanted:
        start = int(first[np.argmin(np.abs(first - place))])
        if start - starts[-1] >= LEAST_ROWS and len(values) - start >= LEAST_ROWS:
            starts.append(start)
    return starts


def _counts(found: Reals, starts: list[int]) -> tuple[Reals, Reals]:
    rows = np.diff(np.r_[starts, len(found)]).astype(np.float64)
    return rows, np.asarray(np.add.reduceat(found, starts), dtype=np.float64)


def _distances(rows: Reals, breaches: Reals) -> Reals:
    """How many standard errors each band's rate lies above the one below it; equal rates are nowhere apart."""
    gaps = np.diff(breaches / rows)
    pooled = (breaches[1:] + breaches[:-1]) / (rows[1:] + rows[:-1])
    errors = np.sqrt(pooled * (1.0 - pooled) * (1.0 / rows[1:] + 1.0 / rows[:-1]))
    return np.asarray(np.divide(gaps, errors, out=np.zeros_like(gaps), where=errors > 0.0))


def _comma(value: float) -> str:
    return f"{value:g}".replace(".", ",")
