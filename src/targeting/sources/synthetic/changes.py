"""What changes about a unit, and when: at most one change of each kind in the eleven years (a simplification)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from targeting.sources.synthetic.arrays import NEVER, Flags, Ints
from targeting.sources.synthetic.assumptions import SECTIONS, geography, industries, rate
from targeting.sources.synthetic.drawing import first_event, weighted
from targeting.sources.synthetic.population import AS, ENK, NUF, Enterprises, Establishments, Population
from targeting.sources.synthetic.randomness import stream
from targeting.sources.synthetic.timeline import APPROVAL_OF_AGENCIES, BAN_OF_HIRING, QUARTERS

__all__ = ["EXPOSED", "Changes", "Failures", "draw_changes", "draw_failures", "reborn"]

EXPOSED: Final = np.array([SECTIONS.index(s) for s in "FHIN"])
"""Sections with many bankruptcies and much work crime."""


@dataclass(frozen=True)
class Failures:
    """One entry an enterprise: quarters in which proceedings became known (`NEVER`: none)."""

    bankrupt: Ints
    compulsory: Ints
    winding_up: Ints
    removed: Ints


@dataclass(frozen=True)
class Changes:
    """One entry an establishment: quarter of each change, and what it becomes."""

    ownership: Ints
    new_enterprise: Ints
    name: Ints
    move: Ints
    new_municipality: Ints
    recode: Ints
    new_code: Ints
    crowd: Ints  # shared office address, -1 for an address of its own
    twin: Ints  # establishment whose address is taken over by a phoenix, -1 for none
    new_crowd: Ints


def draw_failures(population: Population, seed: int) -> Failures:
    """Why enterprises close: one to four quarters of proceedings before the deletion."""
    random = stream(seed, "failures")
    enterprises, places = population.enterprises, population.establishments
    count = len(enterprises.form)
    idle = places.size[np.maximum(enterprises.only_child, 0)] == 0
    company = np.isin(enterprises.form, (AS, NUF)) & ~enterprises.group & (enterprises.died < NEVER)
    share = np.where(
        np.isin(enterprises.section, EXPOSED), rate("survival.bankrupt_share_exposed"), rate("survival.bankrupt_share")
    )
    share = np.where(idle, rate("survival.bankrupt_share_idle"), share)
    draw = random.random(count)
    opened = enterprises.died - random.integers(1, 5, count)
    begins = (opened > enterprises.born + 1) & (opened >= 0) & company
    bankrupt = begins & (draw < share)
    compulsory = begins & ~bankrupt & (draw < share + rate("survival.compulsory_share"))
    voluntary = begins & ~bankrupt & ~compulsory & (draw > 0.6)
    gone = first_event(random, np.where((enterprises.form == ENK) & idle, rate("population.removed"), 0.0))
    gone = np.where((gone > enterprises.born) & (gone < enterprises.died), gone, NEVER)
    return Failures(
        bankrupt=np.where(bankrupt, opened, NEVER),
        compulsory=np.where(compulsory, opened, NEVER),
        winding_up=np.where(voluntary, opened, NEVER),
        removed=gone,
    )


def reborn(population: Population, failures: Failures, seed: int) -> tuple[Population, Ints]:
    """Some bankrupt businesses start again within a year: a newborn takes over section, code, place and address.

    The second result holds, for every establishment, the one whose address it took over, -1 for none.
    """
    random = stream(seed, "phoenix")
    places, enterprises = population.establishments, population.enterprises
    twin = np.full(len(places.born), -1, dtype=np.int64)
    section, code, town = places.section.copy(), places.code.copy(), places.municipality.copy()
    employing = np.arange(len(places.born)) < places.workplaces
    own = ~enterprises.group[places.enterprise] & (enterprises.form[places.enterprise] == AS)
    for q in range(QUARTERS - 1):
        fallen = enterprises.only_child[(failures.bankrupt == q) & np.isin(enterprises.section, EXPOSED)]
        fallen = fallen[fallen < places.workplaces]
        fallen = fallen[random.random(len(fallen)) < rate("population.phoenix")]
        later = np.flatnonzero(employing & own & (twin < 0) & (places.born > q) & (places.born <= q + 3))
        heirs = random.permutation(later)[: len(fallen)]
        for_heirs = fallen[: len(heirs)]
        twin[heirs] = for_heirs
        section[heirs], code[heirs], town[heirs] = section[for_heirs], code[for_heirs], town[for_heirs]
    gone = np.minimum(places.died, np.where(_own_idle(population), failures.removed[places.enterprise], NEVER))
    child, group = enterprises.only_child, enterprises.group
    return (
        Population(
            replace(places, section=section, code=code, municipality=town, died=gone),
            replace(
                enterprises,
                section=np.where(group, enterprises.section, section[child]),
                code=np.where(group, enterprises.code, code[child]),
                municipality=np.where(group, enterprises.municipality, town[child]),
                died=np.minimum(enterprises.died, failures.removed),
            ),
        ),
        twin,
    )


def _own_idle(population: Population) -> Flags:
    """Establishments that are an enterprise of their own and never employ."""
    places = population.establishments
    return np.asarray((places.size == 0) & ~population.enterprises.group[places.enterprise])


def draw_changes(population: Population, twin: Ints, seed: int) -> Changes:
    """Owners, names, places and industries that change."""
    random = stream(seed, "changes")
    places, enterprises = population.establishments, population.enterprises
    count = len(places.born)
    pace = np.where(places.size > 0, 1.0, rate("change.idle_factor"))
    own = ~enterprises.group[places.enterprise]
    when = {kind: first_event(random, pace * rate(f"change.{kind}")) for kind in ("name", "address", "industry")}
    sold = first_event(random, np.where((places.size > 0) & own, rate("change.ownership"), 0.0))
    recode, new_code = _recoded(random, places, when["industry"])
    crowd = _crowds(random, places, own & (enterprises.form[places.enterprise] == AS), twin)
    return Changes(
        ownership=_in_life(sold, places),
        new_enterprise=_buyers(random, places, enterprises),
        name=_in_life(when["name"], places),
        move=_in_life(when["address"], places),
        new_municipality=np.where(
            random.random(count) < 0.8, places.municipality, weighted(random, geography().share, count)
        ),
        recode=_in_life(recode, places),
        new_code=new_code,
        crowd=crowd,
        twin=twin,
        new_crowd=np.where(random.random(count) < 0.05, random.integers(0, max(int(crowd.max()) + 1, 1), count), -1),
    )


def _in_life(when: Ints, places: Establishments) -> Ints:
    return np.where((when > places.born) & (when < places.died), when, NEVER)


def _buyers(random: np.random.Generator, places: Establishments, enterprises: Enterprises) -> Ints:
    """A chain of the same section, or any chain where the section has none."""
    chains = np.flatnonzero(enterprises.group & (enterprises.form == AS))
    buyer = places.enterprise.copy()
    if len(chains) == 0:
        return buyer
    for section in range(len(SECTIONS)):
        members = np.flatnonzero(places.section == section)
        offered = chains[enterprises.section[chains] == section]
        buyer[members] = random.choice(offered if len(offered) else chains, len(members))
    return np.where(random.random(len(buyer)) < rate("change.sold_to_chain"), buyer, places.enterprise)


def _recoded(random: np.random.Generator, places: Establishments, when: Ints) -> tuple[Ints, Ints]:
    """A new industry in the same section; agencies leave for building and cleaning after the law of April 2023."""
    table = industries()
    new_code = places.code.copy()
    for section in range(len(SECTIONS)):
        members, codes = np.flatnonzero(places.section == section), np.flatnonzero(table.section == section)
        new_code[members] = random.choice(codes, len(members))
    lender = table.where("78.2")[places.code] & (random.random(len(when)) < rate("change.recoded_lenders"))
    refuge = np.flatnonzero(table.where("43.990", "81.210", "70.220"))
    new_code = np.where(lender, random.choice(refuge, len(when)), new_code)
    recode = np.where(lender, random.integers(BAN_OF_HIRING, APPROVAL_OF_AGENCIES + 2, len(when)), when)
    return np.where(new_code == places.code, NEVER, recode), new_code


def _crowds(random: np.random.Generator, places: Establishments, company: Flags, twin: Ints) -> Ints:
    """Companies that share an office address: one crowd is in one municipality."""
    crowd = np.full(len(places.born), -1, dtype=np.int64)
    inside = np.flatnonzero(company & (twin < 0) & (random.random(len(company)) < rate("population.crowded")))
    first = 0
    for town in np.unique(places.municipality[inside]):
        members = inside[places.municipality[inside] == town]
        offices = max(1, round(len(members) / rate("population.crowd")))
        crowd[members] = first + weighted(random, 1 / np.arange(1, offices + 1) ** 0.5, len(members))
        first += offices
    return crowd
