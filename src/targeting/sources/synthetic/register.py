"""What Enhetsregisteret shows at the end of a quarter."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from targeting.sources.synthetic.arrays import Flags, Ints, Reals
from targeting.sources.synthetic.changes import Changes, Failures, draw_changes, draw_failures, reborn
from targeting.sources.synthetic.numbers import organisation_numbers
from targeting.sources.synthetic.population import Enterprises, Establishments, build_population
from targeting.sources.synthetic.randomness import stream
from targeting.sources.synthetic.timeline import SN2025, first_days
from targeting.sources.synthetic.workforce import build_employees

__all__ = ["Register", "build_register"]


@dataclass(frozen=True)
class Register:
    """Units, their changes and their employees; every method answers for the end of quarter `q` (-1: the bulk day)."""

    places: Establishments
    enterprises: Enterprises
    failures: Failures
    changes: Changes
    employees: npt.NDArray[np.int32]
    number: Ints  # organisation number of each establishment
    enterprise_number: Ints
    authority_number: Ints  # other authorities

    @cached_property
    def starts(self) -> Ints:
        """First day of every quarter."""
        return first_days()

    def living(self, q: int) -> Flags:
        """Establishments in the register."""
        return (self.places.born <= q) & (self.places.died > q)

    def enterprise_living(self, q: int) -> Flags:
        """Enterprises in the register."""
        return (self.enterprises.born <= q) & (self.enterprises.died > q)

    def code(self, q: int) -> Ints:
        """Index of each establishment's industry."""
        return np.where(self.changes.recode <= q, self.changes.new_code, self.places.code)

    def municipality(self, q: int) -> Ints:
        """Index of each establishment's municipality."""
        return np.where(self.changes.move <= q, self.changes.new_municipality, self.places.municipality)

    def owner(self, q: int) -> Ints:
        """Index of each establishment's enterprise."""
        return np.where(self.changes.ownership <= q, self.changes.new_enterprise, self.places.enterprise)

    def address(self, q: int) -> Ints:
        """Id of the address within the municipality: own, own after a move, shared office, or a predecessor's."""
        count = len(self.places.born)
        shared = 2 * count
        own = np.where(self.changes.crowd >= 0, shared + self.changes.crowd, np.arange(count))
        own = np.where(self.changes.twin >= 0, own[np.maximum(self.changes.twin, 0)], own)
        after = np.where(self.changes.new_crowd >= 0, shared + self.changes.new_crowd, count + np.arange(count))
        return np.where(self.changes.move <= q, after, own)

    def count(self, q: int) -> Ints:
        """Employees of each workplace."""
        return self.employees[:, q + 1].astype(np.int64)

    def enterprise_count(self, q: int) -> Ints:
        """Employees of each enterprise: the sum over its establishments."""
        workplaces = self.places.workplaces
        living = self.living(q)[:workplaces]
        weights: Reals = np.where(living, self.count(q), 0).astype(np.float64)
        owner = self.owner(q)[:workplaces]
        return np.bincount(owner, weights=weights, minlength=len(self.enterprises.born)).astype(np.int64)

    def in_sn2025(self, q: int) -> bool:
        """Whether codes are written in SN2025."""
        return q >= SN2025


def build_register(establishments: int, seed: int) -> Register:
    """The whole register, from the number of living establishments at the end of 2015."""
    population = build_population(establishments, seed)
    failures = draw_failures(population, seed)
    population, twin = reborn(population, failures, seed)
    places, enterprises = population.establishments, population.enterprises
    numbers = organisation_numbers(len(places.born) + len(enterprises.born) + 4, stream(seed, "numbers"))
    return Register(
        places=places,
        enterprises=enterprises,
        failures=failures,
        changes=draw_changes(population, twin, seed),
        employees=build_employees(places, seed),
        number=numbers[: len(places.born)],
        enterprise_number=numbers[len(places.born) : -4],
        authority_number=numbers[-4:],
    )
