"""Input checks: what the store holds, against the pinned reference and the dated bounds, before anything is scored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from targeting.domain import Standard
from targeting.parameters import control_points
from targeting.parameters.counties import counties
from targeting.parameters.industry_codes import CODES
from targeting.parameters.watching import Bounds, Freshness, Limit, bounds, freshness
from targeting.watching.check import Check, Light, light_of
from targeting.watching.distance import noise, psi
from targeting.watching.facts import InputFacts, TableFacts, UnitFacts
from targeting.watching.telling import at_most, tell
from targeting.watching.words import Words, count, named, number, percent, say, signed

__all__ = ["check_inputs", "listed_examples", "unlisted"]

_SHOWN: Final = 3
_COUNTIES: Final = frozenset(county.code for county in counties())


def check_inputs(now: InputFacts, pinned: InputFacts | None) -> tuple[Check, ...]:
    """Every check of `now`, in a fixed order; without `pinned` those that need no reference, and one that says so."""
    limits, day = bounds(date.fromisoformat(now.as_of)), date.fromisoformat(now.as_of)
    found = [*_freshness(now, day)]
    if pinned is None:
        found.append(_check("INP000", Light.YELLOW, "", None, "", say("INP000")))
    for name, units in now.units.items():
        found += _codes(name, units, pinned.units[name] if pinned else None, limits)
        found += _places(name, units, pinned.units[name] if pinned else None, limits)
    found += _control_points(now, limits)
    found += [_duplicates(name, table, limits) for name, table in now.tables.items() if table.rows]
    if pinned is not None:
        found += _volumes(now, pinned, limits)
        found += _nulls(now, pinned, limits)
    return tuple(sorted(found, key=lambda one: (one.code, one.where)))


def _freshness(now: InputFacts, day: date) -> Iterator[Check]:
    for name, allowed in freshness(day).items():
        yield _age(name, now.tables[name].newest, allowed, day)


def _age(name: str, newest: str | None, allowed: Freshness, day: date) -> Check:
    where, bound = named("table", name), f"≤ {allowed.yellow} / {allowed.red}"
    if newest is None:
        return _check("INP006", Light.RED, name, None, bound, say("INP006", "absent", where=where, as_of=str(day)))
    age = (day - date.fromisoformat(newest)).days
    limit = Limit(yellow=allowed.yellow, red=allowed.red)
    words = say(
        "INP006", where=where, newest=newest, observed=age, as_of=str(day), bound=allowed.yellow, why=allowed.citation
    )
    return _check("INP006", light_of(age, limit), name, age, bound, words)


def _volumes(now: InputFacts, pinned: InputFacts, limits: Bounds) -> Iterator[Check]:
    for name, units in now.units.items():
        before = pinned.units[name]
        yield _change("INP001", name, units.living, before.living, limits.units)
        yield _change("INP002", name, units.employing, before.employing, limits.units, limits.least_rows)
        yield _change("INP003", name, units.employees, before.employees, limits.employees, limits.least_rows)
    for name, table in now.tables.items():
        before_table = pinned.tables[name]
        if name not in now.units and before_table.recent >= limits.least_rows:
            yield _change("INP004", name, table.recent, before_table.recent, limits.rows_a_year)
        if before_table.rows:
            yield _lost(name, table, before_table, limits.rows_lost)


def _change(code: str, name: str, figure: float, reference: float, limit: Limit, least: int = 1) -> Check:
    """How far `figure` is from `reference`, relative to it; a reference of fewer than `least` says nothing."""
    change = (figure - reference) / reference if reference else 0.0
    light = light_of(abs(change), limit) if reference >= least else Light.GREEN
    bound = f"{reference:.0f} ± {limit.yellow:.0%} / {limit.red:.0%}"
    words = say(
        code, where=named("table", name), observed=count(figure), reference=count(reference), change=signed(change)
    )
    return _check(code, light, name, figure, bound, words)


def _lost(name: str, table: TableFacts, before: TableFacts, limit: Limit) -> Check:
    lost = max(0.0, (before.rows - table.rows) / before.rows)
    words = say("INP005", where=named("table", name), observed=count(table.rows), reference=count(before.rows))
    bound = f"≥ {before.rows} - {limit.yellow:.1%} / {limit.red:.0%}"
    return _check("INP005", light_of(lost, limit), name, table.rows, bound, words)


def _nulls(now: InputFacts, pinned: InputFacts, limits: Bounds) -> Iterator[Check]:
    for name, units in now.units.items():
        before = pinned.units[name]
        if min(units.living, before.living) >= limits.least_rows:
            yield from _null_shares("INP007", name, units.nulls, before.nulls, limits.nulls)
    for name, table in now.tables.items():
        before_table = pinned.tables[name]
        if min(table.recent, before_table.recent) >= limits.least_rows:
            yield from _null_shares("INP008", name, table.nulls, before_table.nulls, limits.nulls)


def _null_shares(
    code: str, name: str, shares: Mapping[str, float], before: Mapping[str, float], limit: Limit
) -> Iterator[Check]:
    for column in sorted(shares.keys() & before.keys()):
        share, reference = shares[column], before[column]
        where = f"{name}.{column}"
        words = say(code, where=where, observed=percent(share), reference=percent(reference))
        bound = f"{reference:.4f} ± {limit.yellow} / {limit.red}"
        yield _check(code, light_of(abs(share - reference), limit), where, share, bound, words)


def _codes(name: str, units: UnitFacts, before: UnitFacts | None, limits: Bounds) -> Iterator[Check]:
    where = f"{name}.industry_code"
    coded = sum(units.codes.values())
    yield _share_of("INP009", where, unlisted(units.codes), coded, limits.unlisted_codes, limits)
    if before is None or not before.codes:
        return
    unseen = {code: rows for code, rows in units.codes.items() if code not in before.codes}
    yield _share_of("INP010", where, unseen, coded, limits.unseen_codes, limits)
    mixes = _beside(_divisions(units.codes), _divisions(before.codes))
    mixed = psi(*mixes)
    words = say("INP011", where=named("table", name), observed=number(mixed))
    light = light_of(mixed, limits.mix) if mixed > noise(*mixes) else Light.GREEN
    yield _check("INP011", light, where, round(mixed, 4), at_most(limits.mix), words)


def unlisted(codes: Mapping[str, int]) -> dict[str, int]:
    """The codes ("STANDARD CODE") that are not in their standard's list, or of no standard we know.

    >>> unlisted({"SN2007 88.911": 3, "SN2025 88.911": 2, "none 41.200": 1})
    {'SN2025 88.911': 2, 'none 41.200': 1}
    """
    listed = {f"{standard} {code}" for standard in Standard for code in CODES[standard]}
    return {code: rows for code, rows in codes.items() if code not in listed}


def _divisions(codes: Mapping[str, int]) -> dict[str, int]:
    made: dict[str, int] = {}
    for code, rows in codes.items():
        # "SN2007 41.200": a standard and a division, since the same division means other things in another standard.
        division = code.partition(".")[0]
        made[division] = made.get(division, 0) + rows
    return made


def _beside(one: Mapping[str, int], other: Mapping[str, int]) -> tuple[list[int], list[int]]:
    names = sorted({*one, *other})
    return [one.get(name, 0) for name in names], [other.get(name, 0) for name in names]


def _places(name: str, units: UnitFacts, before: UnitFacts | None, limits: Bounds) -> Iterator[Check]:
    seen = before.places if before is not None else None
    unknown = {
        place: rows
        for place, rows in units.places.items()
        if not _has_county(place, limits) or (seen is not None and place not in seen)
    }
    where = f"{name}.municipality"
    yield _share_of("INP012", where, unknown, sum(units.places.values()), limits.unknown_places, limits)


def _has_county(place: str, limits: Bounds) -> bool:
    return place[:2] in limits.other_counties or place[:2] in _COUNTIES


def _control_points(now: InputFacts, limits: Bounds) -> Iterator[Check]:
    points = now.control_points
    unknown = {point: rows for point, rows in points.items() if control_points.topic_of(point) is None}
    where = "findings.control_point"
    yield _share_of("INP013", where, unknown, sum(points.values()), limits.unknown_points, limits)


def _share_of(code: str, where: str, odd: Mapping[str, int], of: int, limit: Limit, limits: Bounds) -> Check:
    """The share of rows whose value is odd; of few rows a share is chance, and green."""
    share = sum(odd.values()) / of if of else 0.0
    light = light_of(share, limit) if of >= limits.least_rows else Light.GREEN
    words = say(code, where=where, observed=percent(share), examples=listed_examples(odd))
    return _check(code, light, where, round(share, 6), at_most(limit), words)


def listed_examples(odd: Mapping[str, int]) -> Words:
    """The most frequent odd values in brackets; nothing for none."""
    if not odd:
        return Words("", "")
    most = sorted(odd, key=lambda value: (-odd[value], value))[:_SHOWN]
    listing = ", ".join(most)
    return Words(f" (blant annet {listing})", f" (among them {listing})")


def _duplicates(name: str, table: TableFacts, limits: Bounds) -> Check:
    share = table.duplicated / table.rows
    words = say("INP014", where=named("table", name), observed=percent(share))
    light = light_of(share, limits.duplicates)
    return _check("INP014", light, name, round(share, 6), at_most(limits.duplicates), words)


def _check(code: str, light: Light, where: str, observed: float | None, bound: str, words: Words) -> Check:
    return tell(code, "inputs", light, where, observed, bound, words)
