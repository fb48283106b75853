"""The country over eleven years: every quarter, what happened, whom the Authority chose, what it found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from targeting.domain import BadInputError
from targeting.sources.synthetic.arrays import Ints, Reals
from targeting.sources.synthetic.assumptions import rate
from targeting.sources.synthetic.incidents import ACCIDENT, TIP, Incidents, draw_incidents, joined_incidents
from targeting.sources.synthetic.inspections import (
    SERIOUS,
    Inspections,
    build_staff,
    draw_inspections,
    joined_inspections,
)
from targeting.sources.synthetic.latent import chain, mean_over, walk
from targeting.sources.synthetic.oracles import Evidence, Reader
from targeting.sources.synthetic.progress import Track, quietly
from targeting.sources.synthetic.randomness import stream
from targeting.sources.synthetic.selection import CaseFile, build_policy, choose, empty_case_file
from targeting.sources.synthetic.terms import State, World, build_world, state_at
from targeting.sources.synthetic.timeline import FIRST_TRUTH, QUARTERS
from targeting.sources.synthetic.truth import MINOR, Truth, build_truth

__all__ = ["Country", "TruthRows", "build_country"]

FEWEST, MOST = 2_000, 950_000
_Part = TypeVar("_Part", Inspections, Incidents)


@dataclass(frozen=True)
class TruthRows:
    """One entry a living employing workplace of quarter `q`; the two-dimensional arrays have a column a target."""

    q: int
    workplace: Ints
    probability: Reals
    observable: Reals
    propensity: Reals


@dataclass(frozen=True)
class Country:
    """Everything that is written to files, and the truth that is written apart."""

    world: World
    inspections: Inspections
    incidents: Incidents
    offices: Ints  # office of each inspector
    truth: tuple[TruthRows, ...]


def build_country(establishments: int, seed: int, track: Track = quietly) -> Country:
    """Simulate 2016 to 2026. Raises `BadInputError` unless 2 000 to 950 000 establishments are asked for."""
    if not FEWEST <= establishments <= MOST:
        raise BadInputError(
            expected=f"{FEWEST} to {MOST} establishments",
            got=str(establishments),
            where="synthetic",
            do="choose another size",
        )
    world = build_world(establishments, seed)
    run = _Run(world)
    for q in track(range(QUARTERS + 1), "quarters", QUARTERS + 1):
        run.quarter(q)
    return Country(
        world=world,
        inspections=joined_inspections(run.inspections),
        incidents=joined_incidents(run.incidents),
        offices=run.staff.office,
        truth=tuple(run.truth_rows),
    )


class _Run:
    """The state that one quarter hands to the next."""

    def __init__(self, world: World) -> None:
        workplaces = world.register.places.workplaces
        sold = world.register.changes.ownership[:workplaces]
        self.world = world
        self.policy = build_policy(world.seed)
        self.truth: Truth = build_truth(world, self.policy)
        self.path = walk(world.seed, sold)
        self.staff = build_staff(world.seed, rate("inspections.coverage") * (world.register.count(-1) > 0).sum())
        self.reader = Reader(sold)
        self.known = empty_case_file(workplaces)
        self.inspections: list[Inspections] = []
        self.incidents: list[Incidents] = []
        self.truth_rows: list[TruthRows] = []

    def quarter(self, q: int) -> None:
        """State, selection, truth; and, unless the quarter lies beyond the end, incidents and inspections."""
        starts = self.world.register.starts
        start, end = int(starts[q]), int(starts[q + 1])
        self.known = _brought_up_to_date(
            self.known, q, (int(starts[max(q - 1, 0)]), start), self.inspections, self.incidents
        )
        state = state_at(self.world, q, self.known.last_inspected)
        random = stream(self.world.seed, f"quarter {q}")
        choice = choose(random, self.policy, state, self.known)
        logits, loadings = self.truth.logits(state), self.truth.loadings(state)
        level = chain().level[self.path[:, q]]
        if q >= FIRST_TRUTH:
            self.truth_rows.append(self._rows(state, logits, loadings, level, choice.propensity, start))
        if q < QUARTERS:
            incidents, reports = draw_incidents(random, state, level, start, end)
            inspections = draw_inspections(random, state, choice, self.staff, (logits, loadings, level), (start, end))
            self.incidents.append(incidents)
            self.inspections.append(inspections)
            self.reader.add(q, Evidence(start, end, reports, incidents, inspections))

    def _rows(
        self, state: State, logits: Reals, loadings: Reals, level: Reals, propensity: Reals, today: int
    ) -> TruthRows:
        rows = np.flatnonzero(state.employing)
        belief = self.reader.belief(state.q, today)[rows]
        logits, loadings = logits[rows, :MINOR], loadings[rows, :MINOR]
        return TruthRows(
            q=state.q,
            workplace=rows,
            probability=1 / (1 + np.exp(-(logits + loadings * level[rows, None]))),
            observable=np.stack([mean_over(belief, logits[:, k], loadings[:, k]) for k in range(MINOR)], axis=1),
            propensity=propensity[rows],
        )


def _brought_up_to_date(
    known: CaseFile, q: int, window: tuple[int, int], inspections: list[Inspections], incidents: list[Incidents]
) -> CaseFile:
    """The case file on the first day of `q`, with what became known in the quarter before (days in `window`)."""
    last_inspected, last_serious, breaches = (
        known.last_inspected.copy(),
        known.last_serious.copy(),
        known.breaches.copy(),
    )
    last_tip, last_accident = known.last_tip.copy(), known.last_accident.copy()
    for part in inspections[-1:]:
        last_inspected[part.workplace] = q - 1
    for part, new in _news(inspections[-3:], window):
        rows = new[~part.aborted[new]]
        breaches[part.workplace[rows]] = part.breaches[rows].sum(axis=1)
        last_serious[part.workplace[rows[part.found[rows, SERIOUS]]]] = q - 1
    for notes, new in _news(incidents[-2:], window):
        last_tip[notes.workplace[new[notes.kind[new] == TIP]]] = q - 1
        last_accident[notes.workplace[new[(notes.kind[new] == ACCIDENT) & notes.serious[new]]]] = q - 1
    return replace(
        known,
        last_inspected=last_inspected,
        last_serious=last_serious,
        breaches=breaches,
        last_tip=last_tip,
        last_accident=last_accident,
    )


def _news(parts: list[_Part], window: tuple[int, int]) -> Iterator[tuple[_Part, Ints]]:
    """Each part with its rows that became known in the window."""
    for part in parts:
        yield part, np.flatnonzero((part.known >= window[0]) & (part.known < window[1]))
