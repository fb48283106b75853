"""How many of N inspections to give to which priority area, by the planner's own exact solver.

An establishment may be in several areas, and is promised once. So the problem is put over *pairs* of an establishment
and one of its areas: each pair is worth the establishment's score, at most one pair an establishment (and whatever else
the planner allows at most: one an enterprise), a minimum of pairs an area. Its optimum has most expected breaches of
all allocations that keep the minimums. Areas have diminishing returns by nature: each further inspection goes to
somebody with a lower score. Whom a plan could not hold today (cool-down, open case) is no ground for a number here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from targeting.domain import BadInputError, Target
from targeting.planning.candidates import eligibility, read_candidates
from targeting.planning.default_problem import default_problem
from targeting.planning.plan import make_plan
from targeting.planning.problem import AtLeast, AtMostPer, Exploration, Problem, Where
from targeting.planning.published_candidates import candidates_of
from targeting.planning.sectors import area_table
from targeting.published import PublishedRun

__all__ = ["TRANCHE", "Allocation", "Why", "allocate", "recommend"]

TRANCHE: Final = 10
"""How many inspections the diminishing return of an area is shown by."""
_DIGITS: Final = 3
_AREAS: Final = "priority_areas"


class Why(NamedTuple):
    """What a planner is told about an area's number, in both languages."""

    nb: str
    en: str


_NOTHING: Final = Why("Ingen: det er ingen tilsyn å fordele.", "None: there is nothing to spread.")


class Allocation(NamedTuple):
    """The inspections recommended for an area; over all areas they add up to N, or to everybody who can be planned.

    `covering` counts all the chosen who belong to the area, also those counted under another one. `first` and `last`
    are the scores of the best and the least promising inspection given to it, `next` that of the first one not given
    (null: nobody). `last_ten` and `next_ten` are the breaches expected at the ten given last and at ten more.
    """

    area: str
    candidates: int
    minimum: int
    inspections: int
    covering: int
    expected_breaches: float
    first: float | None
    last: float | None
    next: float | None
    last_ten: float
    next_ten: float
    why: Why


def recommend(
    run: PublishedRun,
    target: Target,
    inspections: int,
    minimum: Mapping[str, int] | int = 0,
    problem: Problem | None = None,
) -> tuple[Allocation, ...]:
    """How to spread `inspections` over the run's areas for `target`; `minimum` per area, or one for all.

    `problem` says who may be planned and how many of one enterprise; without it the default problem does. Raises
    `InfeasibleError` when the minimums cannot be kept and says which must give way.
    """
    areas = [one.area for one in area_table(run, target)]
    least = dict.fromkeys(areas, minimum) if isinstance(minimum, int) else dict(minimum)
    return allocate(candidates_of(run, target), areas, inspections, least, problem or _pacing(run, target))


def _pacing(run: PublishedRun, target: Target) -> Problem:
    return replace(default_problem(target), seed=run.about.seed)


def allocate(
    table: pa.Table, areas: Sequence[str], inspections: int, minimum: Mapping[str, int], problem: Problem
) -> tuple[Allocation, ...]:
    """The allocation with most expected breaches over `areas`, in their order. `table` holds candidates with
    `priority_areas`; only the exclusions, the at-most-per rules and the seed of `problem` count.
    """
    if unknown := sorted(minimum.keys() - set(areas)):
        raise BadInputError(expected="areas of the run", got=unknown[0], where="minimum coverage")
    pairs = _pairs(table, areas, problem)
    chosen = _chosen(pairs, inspections, minimum, problem)
    spread = [_Area(area, pairs, chosen, problem) for area in areas]
    margin = max((one.coming[0] for one in spread if one.coming), default=0.0)
    return tuple(one.told(minimum.get(one.area, 0), margin) for one in spread)


def _pairs(table: pa.Table, areas: Sequence[str], problem: Problem) -> pa.Table:
    """One row per (eligible establishment, one of its areas), best score first."""
    candidates = read_candidates(table)
    rows = candidates.take(eligibility(problem, candidates).eligible).rows
    listed = rows.column(_AREAS).combine_chunks()
    owner, area = pc.list_parent_indices(listed), pc.list_flatten(listed)
    wanted = pc.is_in(area, value_set=pa.array(areas, pa.string()))
    kept = rows.select([name for name in rows.column_names if name in _needed(problem)])
    pairs = kept.take(owner.filter(wanted)).append_column("area", area.filter(wanted))
    pairs = pairs.append_column("unit", pairs.column("establishment"))
    named = pc.binary_join_element_wise(pairs.column("establishment"), pairs.column("area"), " ")
    pairs = pairs.set_column(pairs.column_names.index("establishment"), "establishment", named)
    return pairs.sort_by([("score", "descending"), ("establishment", "ascending")])


def _needed(problem: Problem) -> set[str]:
    return {"establishment", "score", "rank", *(rule.column for rule in problem.at_most_per)}


def _chosen(pairs: pa.Table, inspections: int, minimum: Mapping[str, int], problem: Problem) -> set[str]:
    quotas = tuple(AtLeast(Where((("area", (area,)),)), count) for area, count in sorted(minimum.items()) if count)
    spread = Problem(
        capacity=inspections,
        seed=problem.seed,
        exploration=Exploration(0.0),
        at_least=quotas,
        at_most_per=(AtMostPer("unit", 1), *problem.at_most_per),
    )
    return {slot.establishment for slot in make_plan(spread, pairs, with_prices=False).slots}


class _Area:
    """One area's pairs, and who of them was given and could come next."""

    def __init__(self, area: str, pairs: pa.Table, chosen: set[str], problem: Problem) -> None:
        self.area = area
        self.rows = pairs.filter(pc.equal(pairs.column("area"), area)).to_pylist()
        self.given = [row["score"] for row in self.rows if row["establishment"] in chosen]
        planned = pairs.filter(pc.is_in(pairs.column("establishment"), value_set=pa.array(sorted(chosen), pa.string())))
        self.units = set(planned.column("unit").to_pylist())
        self._per = {rule.column: rule.count for rule in problem.at_most_per}
        self._held = {name: Counter(planned.column(name).to_pylist()) for name in self._per}
        self.coming = [score for score, _ in zip(self._left(), range(TRANCHE), strict=False)]

    def _left(self) -> Iterator[float]:
        """The scores of those who could still be given, best first, none shut out by a sibling before them."""
        held = {name: Counter(count) for name, count in self._held.items()}
        for row in self.rows:
            kin = [(held[name], row[name], most) for name, most in self._per.items() if row[name] is not None]
            if row["unit"] in self.units or any(count[value] >= most for count, value, most in kin):
                continue
            for count, value, _ in kin:
                count[value] += 1
            yield row["score"]

    def told(self, minimum: int, margin: float) -> Allocation:
        """The area's allocation; `margin` is the best score left over anywhere."""
        given, left = self.given, self.coming[0] if self.coming else None
        return Allocation(
            area=self.area,
            candidates=len(self.rows),
            minimum=minimum,
            inspections=len(given),
            covering=sum(row["unit"] in self.units for row in self.rows),
            expected_breaches=sum(given),
            first=given[0] if given else None,
            last=given[-1] if given else None,
            next=left,
            last_ten=sum(given[-TRANCHE:]),
            next_ten=sum(self.coming),
            why=_why(given, left, minimum, margin) if self.units else _NOTHING,
        )


def _why(given: Sequence[float], left: float | None, minimum: int, margin: float) -> Why:
    if not given and left is None:
        return Why("Ingen: ingen her kan planlegges nå.", "None: nobody here can be planned now.")
    if not given:
        return Why("Ingen: andre områder har mer å finne.", "None: other areas have more to find.")
    last = round(given[-1], _DIGITS)
    if left is None:
        return Why("Alle som kan planlegges er med.", "Everybody who can be planned is included.")
    nearest = round(left, _DIGITS)
    if len(given) == minimum and given[-1] < margin:
        return Why(
            f"Bare minstedekningen på {minimum}: den siste har skår {_comma(last)}, den neste {_comma(nearest)}.",
            f"The minimum coverage of {minimum} only: the last one scores {last}, the next {nearest}.",
        )
    return Why(
        f"Til og med skår {_comma(last)}; den neste har {_comma(nearest)} og ville gi mindre enn i andre områder.",
        f"Down to a score of {last}; the next has {nearest} and would find less than elsewhere.",
    )


def _comma(number: float) -> str:
    return str(number).replace(".", ",")
