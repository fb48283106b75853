"""The tables of distributions beside this module, read once."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final, NamedTuple

import numpy as np

from targeting.sources.synthetic.arrays import Flags, Ints, Reals

__all__ = ["SECTIONS", "SIZE_HIGH", "SIZE_LOW", "Geography", "Industries", "geography", "industries", "rate"]

SECTIONS: Final = "ABCDEFGHIJKLMNOPQRS"
SIZE_LOW: Final = np.array([1, 5, 10, 20, 50, 100, 250], dtype=np.float64)
SIZE_HIGH: Final = np.array([5, 10, 20, 50, 100, 250, 900], dtype=np.float64)
"""Half-open size classes; the last has no published upper end (A)."""


class Industries(NamedTuple):
    """Codes, one entry a code, and sections, one entry a section."""

    sn2007: tuple[str, ...]
    sn2025: tuple[str, ...]
    section: Ints
    weight: Reals
    duty_before: Ints  # 0 not on the BHT list, 1 on it, 2 in part
    duty_now: Ints
    push: Reals  # codes x 4 targets
    counts: Reals  # sections x 8 size classes, the first without employees
    public: Reals
    chain: Reals
    accidents: Reals  # per employee and year

    def where(self, *prefixes: str) -> Flags:
        """Which codes lie under one of the SN2007 prefixes."""
        return np.array([code.startswith(prefixes) for code in self.sn2007])


class Geography(NamedTuple):
    """Municipalities, one entry each, and counties."""

    number: tuple[str, ...]
    name: tuple[str, ...]
    first_postal: Ints
    last_postal: Ints
    county: Ints
    share: Reals
    counties: tuple[str, ...]
    region: Ints
    ban: Flags


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath(name).read_text("utf-8"))


@lru_cache(maxsize=1)
def industries() -> Industries:
    """The industry table."""
    table = _table("industries.toml")["section"]
    rows = [(s, *row) for s, section in enumerate(SECTIONS) for row in table[section]["codes"]]
    columns = list(zip(*rows, strict=True))
    return Industries(
        sn2007=columns[1],
        sn2025=columns[2],
        section=np.array(columns[0]),
        weight=np.array(columns[3], dtype=np.float64),
        duty_before=np.array(columns[4]),
        duty_now=np.array(columns[5]),
        push=np.array(columns[6:10], dtype=np.float64).T,
        counts=np.array([table[s]["counts"] for s in SECTIONS], dtype=np.float64),
        public=np.array([table[s]["public"] for s in SECTIONS]),
        chain=np.array([table[s]["chain"] for s in SECTIONS]),
        accidents=np.array([table[s]["accidents"] for s in SECTIONS]) / 1000,
    )


@lru_cache(maxsize=1)
def geography() -> Geography:
    """Municipalities with their share: a county's first municipality weighs most (A)."""
    counties = _table("geography.toml")["county"]
    rows = []
    for place, county in enumerate(counties.values()):
        weights = 1 / np.arange(1, 1 + len(county["municipalities"]))
        for weight, municipality in zip(weights / weights.sum(), county["municipalities"], strict=True):
            rows.append((*municipality, place, weight * county["share"]))
    number, name, first, last, county_place, share = zip(*rows, strict=True)
    return Geography(
        number=number,
        name=name,
        first_postal=np.array(first),
        last_postal=np.array(last),
        county=np.array(county_place),
        share=np.array(share) / sum(share),
        counties=tuple(counties),
        region=np.array([county["region"] for county in counties.values()]),
        ban=np.array([county["ban"] for county in counties.values()]),
    )


@lru_cache(maxsize=1)
def _rates() -> dict[str, dict[str, float]]:
    return _table("rates.toml")


def rate(path: str) -> float:
    """One number of `rates.toml` by section and key; a name that is not there is a `KeyError`.

    >>> rate("inspections.random")
    0.02
    """
    section, key = path.split(".")
    return _rates()[section][key]
