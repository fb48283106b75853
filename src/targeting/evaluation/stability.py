"""How much of a list is luck: the same list drawn with other seeds, from other samples, and a quarter before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from targeting.domain import AsOf, BadInputError
from targeting.features.family import Feature
from targeting.modelling.columns import Reals, numbers, texts
from targeting.modelling.model import Model
from targeting.modelling.refits import REFITS, alone, among_first, resampled
from targeting.modelling.specification import Specification
from targeting.modelling.training import fit_candidates, trainable
from targeting.published import ranked

__all__ = ["BUDGET", "Budget", "Cohort", "Overlap", "Refit", "Stability", "jaccard", "list_stability"]

Listing = frozenset[str]


class Budget(NamedTuple):
    """How many times the chosen candidate is fitted again: with other seeds, and on resampled rows."""

    seeds: int = 5
    resamples: int = REFITS


BUDGET: Final = Budget()


class Cohort(NamedTuple):
    """A scoring matrix's frame and its day."""

    as_of: AsOf
    frame: pd.DataFrame


class Refit(NamedTuple):
    """One more fit: "list" (the published one), "seed", "resample" or "quarter", and which of its kind."""

    kind: str
    number: int


_NOTHING_FITTED: Final[Mapping[Refit, Model]] = {}


@dataclass(frozen=True, slots=True)
class Overlap:
    """Jaccard indices of so many lists with the published one."""

    lists: int
    least: float
    mean: float


@dataclass(frozen=True)
class Stability:
    """How far a list holds. An overlap is null when no such list was drawn.

    `listing`: one row an establishment of the cohort, sorted by number, with `listing_probability`, the share of
    resampled fits in which it is among the first `k`; these sum to `k`. Null when nothing was resampled.
    """

    k: int
    seeds: Overlap | None
    resamples: Overlap | None
    quarters: Overlap | None
    listing: pa.Table | None

    def to_dict(self) -> dict[str, Any]:
        """As JSON values, without the establishments."""
        parts = {"seeds": self.seeds, "resamples": self.resamples, "quarters": self.quarters}
        return {"k": self.k, **{name: asdict(part) if part else None for name, part in parts.items()}}


Track = Callable[[Sequence[Refit]], Iterable[Refit]]


def list_stability(
    training: pd.DataFrame,
    features: Sequence[Feature],
    specification: Specification,
    candidate: str,
    cohorts: Sequence[Cohort],
    *,
    tie_break: int,
    budget: Budget = BUDGET,
    track: Track = iter,
    fitted: Mapping[Refit, Model] = _NOTHING_FITTED,
    threads: int = 1,
) -> Stability:
    """Draw the list of the newest cohort again and again with `candidate`, and compare.

    `training` is a training matrix's frame; each list learns from what was known before its own cohort's day.
    `cohorts` are in order of time; each but the newest is one earlier quarter's list, and is left out when too little
    was known then to learn from. `fitted` are fits that a training until the newest day has made already; the others
    are made here.
    """
    cohorts = [cohort for cohort in cohorts if _teachable(training, specification, cohort.as_of)]
    if not cohorts:
        raise BadInputError(expected="a cohort, and labels known before it", got="none", where="list_stability")
    draw = _Drawing(
        training, features, alone(specification, candidate), candidate, tuple(cohorts), tie_break, fitted, threads
    )
    refits = [
        Refit("list", 0),
        *(Refit("seed", number) for number in range(1, budget.seeds + 1)),
        *(Refit("resample", number) for number in range(1, budget.resamples + 1)),
        *(Refit("quarter", number) for number in range(1, len(cohorts))),
    ]
    drawn = {refit: draw.again(refit) for refit in track(refits)}
    own = drawn[refits[0]].first
    of_kind = {
        kind: [one for refit, one in drawn.items() if refit.kind == kind] for kind in ("seed", "resample", "quarter")
    }
    return Stability(
        k=len(own),
        seeds=_overlaps([jaccard(own, one.first) for one in of_kind["seed"]]),
        resamples=_overlaps([jaccard(own, one.first) for one in of_kind["resample"]]),
        quarters=_overlaps(list(_consecutive([own, *(one.first for one in of_kind["quarter"])]))),
        listing=_listing(cohorts[-1].frame, [one.chances for one in of_kind["resample"]]),
    )


def jaccard(one: Listing, other: Listing) -> float:
    """What two lists share, of all that is on either.

    >>> jaccard(frozenset("abc"), frozenset("bcd"))
    0.5
    """
    return len(one & other) / len(one | other) if one | other else 1.0


@dataclass(frozen=True)
class _Drawing:
    """All that a list is drawn from."""

    training: pd.DataFrame
    features: Sequence[Feature]
    specification: Specification
    candidate: str
    cohorts: tuple[Cohort, ...]
    tie_break: int
    fitted: Mapping[Refit, Model]
    threads: int

    def again(self, refit: Refit) -> _Drawn:
        """List the cohort of the quarter that `refit` says, with a fit of its own."""
        cohort = self.cohorts[-1 - refit.number] if refit.kind == "quarter" else self.cohorts[-1]
        model = self.fitted[refit] if refit in self.fitted else self._fit(refit, cohort.as_of)
        log_odds = model.log_odds(cohort.frame, threads=self.threads)
        names = texts(cohort.frame, "establishment").tolist()
        first = ranked(names, log_odds.tolist(), self.tie_break)[: self.specification.capacity]
        return _Drawn(frozenset(names[row] for row in first), among_first(log_odds, self.specification.capacity))

    def _fit(self, refit: Refit, until: AsOf) -> Model:
        specification = self.specification
        if refit.kind == "seed":
            specification = replace(specification, seed=specification.seed + refit.number)
        rows = self.training[trainable(self.training, specification, until.day)]
        if refit.kind == "resample":
            rows = rows.iloc[resampled(rows, [specification.seed, refit.number])]
        return fit_candidates(specification, rows, self.features, threads=self.threads)[self.candidate]


class _Drawn(NamedTuple):
    """The establishments of one list, and every row's chance of being on it when ties are drawn by lot."""

    first: Listing
    chances: Reals


def _teachable(training: pd.DataFrame, specification: Specification, as_of: AsOf) -> bool:
    labels = numbers(training, "label")[trainable(training, specification, as_of.day)]
    return bool(0 < labels.sum() < len(labels))


def _consecutive(lists: Sequence[Listing]) -> Iterator[float]:
    """Each list with the one a quarter before it, newest first."""
    for newer, older in pairwise(lists):
        yield jaccard(newer, older)


def _overlaps(found: Sequence[float]) -> Overlap | None:
    return Overlap(len(found), min(found), float(np.mean(found))) if found else None


def _listing(cohort: pd.DataFrame, chances: Sequence[Reals]) -> pa.Table | None:
    if not chances:
        return None
    names = pa.array(texts(cohort, "establishment").tolist(), pa.string())
    shares = pa.array(np.mean(chances, axis=0), pa.float64())
    return pa.table({"establishment": names, "listing_probability": shares}).sort_by("establishment")
