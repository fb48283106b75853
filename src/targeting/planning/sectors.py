"""Priority areas: what the published run says of each, and how many of N inspections to give to which.

**Why greedy is exact.** Let area a's candidates be sorted by score, best first. Its value for n inspections,
v_a(n) = the sum of its first n scores, is concave: each further inspection is worth no more than the one before.
Maximising the sum of v_a(n_a) under sum n_a = N and lower_a <= n_a <= size_a is then a resource allocation problem
with separable concave objective, where taking the best next inspection N times, after the lower bounds are met, is
optimal: an optimum that lacks one of the chosen scores holds one no better in its place, which can be exchanged
without loss (tested against every allocation of small problems). An establishment in several areas is counted in the
one the allocation reaches first, so that no inspection is promised twice; with overlapping areas the greedy order
remains, but the proof covers areas that share nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from heapq import heapify, heappop, heappush
from typing import Final, NamedTuple

import pyarrow as pa

from targeting.domain import BadInputError, Target
from targeting.published import PublishedRun

__all__ = ["Allocation", "AreaTable", "Why", "allocate", "area_table", "recommend"]

_DIGITS: Final = 3


class AreaTable(NamedTuple):
    """One priority area as published for one target; rates are model estimates for the cohort, with their interval."""

    area: str
    title_nb: str
    title_en: str
    establishments: int
    employees: int
    expected_rate: float
    low: float
    high: float
    expected_breaches: float
    inspected_share: float


class Why(NamedTuple):
    """What a planner is told about an area's number, in both languages."""

    nb: str
    en: str


class Allocation(NamedTuple):
    """The inspections recommended for an area.

    `first` and `last` are the scores of the best and the least promising inspection given to it, `next` that of the
    first one not given (null: nobody left, or nothing given).
    """

    area: str
    inspections: int
    expected_breaches: float
    minimum: int
    first: float | None
    last: float | None
    next: float | None
    why: Why


def area_table(run: PublishedRun, target: Target) -> tuple[AreaTable, ...]:
    """The areas of the run for `target`, highest expected rate first."""
    rows = [row for row in run.sectors.to_pylist() if row["target"] == target]
    rows.sort(key=lambda row: row["rank"])
    return tuple(AreaTable(*(row[name] for name in AreaTable._fields)) for row in rows)


def recommend(
    run: PublishedRun, target: Target, inspections: int, minimum: Mapping[str, int] | int = 0
) -> tuple[Allocation, ...]:
    """How to spread `inspections` over the run's areas for `target`; `minimum` per area, or one for all."""
    areas = [one.area for one in area_table(run, target)]
    members = _members(run.establishments, areas)
    least = dict.fromkeys(areas, minimum) if isinstance(minimum, int) else dict(minimum)
    ranked = run.scores(target)
    names, values = ranked.column("establishment").to_pylist(), ranked.column("score").to_pylist()
    candidates = {
        area: [(name, score) for name, score in zip(names, values, strict=True) if name in members[area]]
        for area in areas
    }
    return allocate(candidates, inspections, least)


def _members(establishments: pa.Table, areas: Sequence[str]) -> dict[str, set[str]]:
    members: dict[str, set[str]] = {area: set() for area in areas}
    listed = (establishments.column(name).to_pylist() for name in ("establishment", "priority_areas"))
    for name, inside in zip(*listed, strict=True):
        for area in inside:
            if area in members:
                members[area].add(name)
    return members


def allocate(
    candidates: Mapping[str, Sequence[tuple[str, float]]], inspections: int, minimum: Mapping[str, int]
) -> tuple[Allocation, ...]:
    """The allocation with most expected breaches. `candidates` holds (establishment, score) per area, best first.

    Raises `BadInputError` when the minimums do not fit. Fewer than `inspections` are given when nobody is left.
    """
    if unknown := sorted(minimum.keys() - candidates.keys()):
        raise BadInputError(expected="areas of the run", got=unknown[0], where="minimum coverage")
    if (asked := sum(minimum.values())) > inspections:
        raise BadInputError(
            expected=f"minimums that fit in {inspections} inspections",
            got=f"{asked} together",
            where="minimum coverage",
        )
    spread = _Spread(candidates)
    for area in sorted(minimum):
        for _ in range(minimum[area]):
            if not spread.give(area):
                raise BadInputError(
                    expected=f"at least {minimum[area]} candidates",
                    got=str(len(spread.given[area])),
                    where=area,
                    do="lower the minimum",
                )
    spread.fill(inspections - asked)
    return tuple(_told(area, spread, minimum.get(area, 0)) for area in candidates)


class _Spread:
    """Inspections given so far, and the best candidate each area still has."""

    def __init__(self, candidates: Mapping[str, Sequence[tuple[str, float]]]) -> None:
        self.candidates = candidates
        self.given: dict[str, list[float]] = {area: [] for area in candidates}
        self._place = dict.fromkeys(candidates, 0)
        self._taken: set[str] = set()

    def best(self, area: str) -> float | None:
        """The score of the area's next free candidate."""
        listed = self.candidates[area]
        while self._place[area] < len(listed) and listed[self._place[area]][0] in self._taken:
            self._place[area] += 1
        return listed[self._place[area]][1] if self._place[area] < len(listed) else None

    def give(self, area: str) -> bool:
        """Give the area its next candidate; false when it has none."""
        score = self.best(area)
        if score is None:
            return False
        self._taken.add(self.candidates[area][self._place[area]][0])
        self.given[area].append(score)
        return True

    def fill(self, inspections: int) -> None:
        """Give the rest one by one to whichever area has the best next candidate; ties to the first by name."""
        waiting = [(-score, area) for area in self.candidates if (score := self.best(area)) is not None]
        heapify(waiting)
        while inspections and waiting:
            promised, area = heappop(waiting)
            score = self.best(area)
            if score is None:
                continue
            if -score == promised:
                self.give(area)
                inspections -= 1
                score = self.best(area)
            if score is not None:
                heappush(waiting, (-score, area))


def _told(area: str, spread: _Spread, minimum: int) -> Allocation:
    given, left = spread.given[area], spread.best(area)
    return Allocation(
        area,
        len(given),
        sum(given),
        minimum,
        given[0] if given else None,
        given[-1] if given else None,
        left,
        _why(given, left, minimum),
    )


def _why(given: Sequence[float], left: float | None, minimum: int) -> Why:
    if not given:
        return Why("Ingen: andre næringer har mer å finne.", "None: other areas have more to find.")
    last = round(given[-1], _DIGITS)
    if left is None:
        return Why("Alle i næringen er med.", "Everybody in the area is included.")
    if len(given) == minimum:
        return Why(
            f"Bare minstedekningen på {minimum}; den siste har skår {last}.",
            f"The minimum coverage of {minimum} only; the last one scores {last}.",
        )
    nearest = round(left, _DIGITS)
    return Why(
        f"Til og med skår {last}; den neste har {nearest} og ville gi mindre enn i andre næringer.",
        f"Down to a score of {last}; the next has {nearest} and would find less than elsewhere.",
    )
