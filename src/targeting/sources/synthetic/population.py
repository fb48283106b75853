"""Who there is: establishments and enterprises, with everything about them that does not change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from targeting.sources.synthetic.arrays import NEVER, Flags, Ints, Reals
from targeting.sources.synthetic.assumptions import SECTIONS, SIZE_HIGH, SIZE_LOW, geography, industries, rate
from targeting.sources.synthetic.drawing import weighted, weighted_by_group
from targeting.sources.synthetic.lifetimes import draw_lifetimes
from targeting.sources.synthetic.randomness import stream
from targeting.sources.synthetic.timeline import QUARTERS

__all__ = ["FORMS", "PUBLIC_FORMS", "Enterprises", "Establishments", "Population", "build_population"]

FORMS: Final = ("AS", "ENK", "NUF", "FLI", "STI", "KOMM", "ORGL")
AS, ENK, NUF, FLI, STI, KOMM, ORGL = range(len(FORMS))
PUBLIC_FORMS: Final = (KOMM, ORGL)
_SOCIAL: Final = np.array([SECTIONS.index(s) for s in "PQRS"])
_CHAIN_SIZE: Final = 7
_PUBLIC_SIZE: Final = 22


@dataclass(frozen=True)
class Establishments:
    """One entry an establishment. The first `workplaces` of them are the ones that ever employ."""

    workplaces: int
    enterprise: Ints
    section: Ints
    code: Ints
    municipality: Ints
    size: Reals  # employees at the start, 0 for those that never employ
    born: Ints
    died: Ints
    registered_on: Ints
    started_on: Ints
    no_code: Flags
    code_not_stated: Flags
    count_unknown: Flags


@dataclass(frozen=True)
class Enterprises:
    """One entry an enterprise. A group (chain or public body) has no `only_child` and does not close."""

    form: Ints
    only_child: Ints  # index of the one establishment, -1 for groups
    section: Ints
    code: Ints
    municipality: Ints
    born: Ints
    died: Ints
    registered_on: Ints
    group: Flags


@dataclass(frozen=True)
class Population:
    """Establishments and the enterprises that own them at the start."""

    establishments: Establishments
    enterprises: Enterprises


def build_population(how_many: int, seed: int) -> Population:
    """A register with `how_many` living establishments at the end of 2015, and all that are registered later."""
    random = stream(seed, "population")
    born, workplaces = _births(how_many)
    count = len(born)
    employing = np.arange(count) < workplaces
    section, size = _sections_and_sizes(random, born, employing)
    kind = _ownership(random, section, employing, size, born)
    municipality = weighted(random, geography().share, count)
    form = _forms(random, section, size, employing)
    lives = draw_lifetimes(random, born, employing, (form == ENK) & (kind == 0), kind > 0)
    code = _codes(random, section)
    groups, owner = _groups(random, kind, section, municipality)
    municipality = np.where((kind == 2), groups.municipality[np.maximum(owner, 0)], municipality)
    born, died = lives.born, lives.died
    single = np.flatnonzero(kind == 0)
    enterprise = np.empty(count, dtype=np.int64)
    enterprise[single] = np.arange(len(single))
    enterprise[kind > 0] = len(single) + owner[kind > 0]
    establishments = Establishments(
        workplaces=workplaces,
        enterprise=enterprise,
        section=section,
        code=code,
        municipality=municipality,
        size=size,
        born=born,
        died=died,
        registered_on=lives.registered_on,
        started_on=lives.started_on,
        no_code=~employing & (random.random(count) < rate("population.no_industry")),
        code_not_stated=~employing & (random.random(count) < rate("population.industry_not_stated")),
        count_unknown=random.random(count) < rate("population.employees_unknown"),
    )
    singles = Enterprises(
        form=form[single],
        only_child=single,
        section=section[single],
        code=code[single],
        municipality=municipality[single],
        born=born[single],
        died=died[single],
        registered_on=lives.registered_on[single],
        group=np.zeros(len(single), dtype=bool),
    )
    return Population(establishments, _joined(singles, groups))


def _births(how_many: int) -> tuple[Ints, int]:
    """Quarter of birth of every establishment, those that employ first, and how many these are."""
    employing = round(how_many * rate("population.employing"))
    later = (
        round(employing * rate("population.births_employing") / 4),
        round((how_many - employing) * rate("population.births_idle") / 4),
    )
    stock = (employing, how_many - employing)
    parts = [
        np.concatenate([np.full(s, -1), np.repeat(np.arange(QUARTERS), n)]) for s, n in zip(stock, later, strict=True)
    ]
    return np.concatenate(parts).astype(np.int64), len(parts[0])


def _sections_and_sizes(random: np.random.Generator, born: Ints, employing: Flags) -> tuple[Ints, Reals]:
    counts = industries().counts
    many = int(employing.sum())
    section = np.concatenate(
        [weighted(random, counts[:, 1:].sum(axis=1), many), weighted(random, counts[:, 0], len(born) - many)]
    )
    classes = counts[:, 1:].copy()
    newborn = classes * np.array([1.6, 0.7, 0.35, 0.15, 0.05, 0.0, 0.0])  # new establishments are small (A)
    size_class = np.where(
        born[:many] < 0,
        weighted_by_group(random, classes, section[:many]),
        weighted_by_group(random, newborn, section[:many]),
    )
    low, high = np.log(SIZE_LOW[size_class]), np.log(SIZE_HIGH[size_class])
    size = np.zeros(len(born))
    size[:many] = np.floor(np.exp(low + (high - low) * random.random(many)))
    return section, size


def _ownership(random: np.random.Generator, section: Ints, employing: Flags, size: Reals, born: Ints) -> Ints:
    """0 an enterprise of its own, 1 a chain, 2 a public body.

    Larger establishments are more often part of a group, and new ones less often: groups seldom close.
    """
    table = industries()
    draw = random.random(len(section))
    larger = np.where(size < 5, 0.75, 1.25) * np.where(born < 0, 1.0, rate("population.births_in_groups"))
    public = np.minimum(table.public[section] * np.where((table.public[section] > 0.6) & (born < 0), 1.0, larger), 1.0)
    chain = table.chain[section] * larger
    return np.where(employing & (draw < public), 2, np.where(employing & (draw < public + chain), 1, 0))


def _forms(random: np.random.Generator, section: Ints, size: Reals, employing: Flags) -> Ints:
    """Legal form of an establishment that is an enterprise of its own."""
    draw = random.random(len(section))
    social = np.isin(section, _SOCIAL)
    sole = np.where(
        employing, np.where(size < 5, rate("forms.enk_small"), rate("forms.enk_other")), rate("forms.enk_idle")
    )
    foreign = sole + np.where(employing, rate("forms.nuf"), rate("forms.nuf_idle"))
    member = foreign + np.where(
        employing, np.where(social, rate("forms.fli_social"), rate("forms.fli")), rate("forms.fli_idle")
    )
    form = np.where(draw < sole, ENK, np.where(draw < foreign, NUF, np.where(draw < member, FLI, AS)))
    return np.where((form == FLI) & (draw > (foreign + 2 * member) / 3), STI, form)


def _codes(random: np.random.Generator, section: Ints) -> Ints:
    table = industries()
    weights = np.where(table.section == np.arange(len(SECTIONS))[:, None], table.weight, 0.0)
    return weighted_by_group(random, weights, section)


def _groups(random: np.random.Generator, kind: Ints, section: Ints, municipality: Ints) -> tuple[Enterprises, Ints]:
    """Chains by section and public bodies by county; and for every establishment its group, -1 for none."""
    owner = np.full(len(kind), -1, dtype=np.int64)
    form: list[int] = []
    sections: list[int] = []
    places: list[int] = []
    for value, cell, size in ((1, section, _CHAIN_SIZE), (2, geography().county[municipality], _PUBLIC_SIZE)):
        for group in np.unique(cell[kind == value]):
            members = np.flatnonzero((kind == value) & (cell == group))
            bodies = max(1, round(len(members) / size))
            weights = 1 / np.arange(1, bodies + 1) ** 0.6
            owner[members] = len(form) + weighted(random, weights, len(members))
            towns = municipality[random.choice(members, bodies)]
            places.extend(int(t) for t in towns)
            form.extend([AS] * bodies if value == 1 else [ORGL if n % 4 == 3 else KOMM for n in range(bodies)])
            sections.extend([int(group) if value == 1 else SECTIONS.index("O")] * bodies)
    count = len(form)
    return (
        Enterprises(
            form=np.array(form, dtype=np.int64),
            only_child=np.full(count, -1, dtype=np.int64),
            section=np.array(sections, dtype=np.int64),
            code=_codes(random, np.array(sections, dtype=np.int64)),
            municipality=np.array(places, dtype=np.int64),
            born=np.full(count, -1, dtype=np.int64),
            died=np.full(count, NEVER, dtype=np.int64),
            registered_on=random.integers(4000, 14000, count),
            group=np.ones(count, dtype=bool),
        ),
        owner,
    )


def _joined(first: Enterprises, second: Enterprises) -> Enterprises:
    return Enterprises(**{name: np.concatenate([getattr(first, name), getattr(second, name)]) for name in vars(first)})
