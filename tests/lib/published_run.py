"""Small published runs, written through the library's own writer, for tests of whatever reads published scores."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from targeting.domain import AsOf, EmployeeBand, Quarter, Target
from targeting.published import (
    ESTABLISHMENTS,
    SCORES,
    SECTORS,
    SIZE_CLASSES,
    Band,
    PublishedTables,
    Run,
    TargetRun,
    band_titles,
    ranked,
    write_run,
)
from tests.lib.small_country import number

__all__ = [
    "AREAS",
    "BANDED",
    "BANDS",
    "OPEN_TARGETS",
    "establishment_rows",
    "publish",
    "score_rows",
    "sector_rows",
    "target_run",
]

OPEN_TARGETS = tuple(target for target in Target if not target.closed)
BANDED = Target.UNLAWFUL_HIRING
BANDS = tuple(
    Band(place, *title, rate, rate - 0.06, rate + 0.06, 80)
    for place, (title, rate) in enumerate(zip(band_titles(3), (0.56, 0.4, 0.2), strict=True), 1)
)
AREAS = ("construction_injuries", "kindergartens", "approval_schemes")
CODES = (("41.000", "SN2025"), ("41.200", "SN2007"), ("81.210", "SN2025"), ("85.100", "SN2025"), ("85.100", "SN2007"))
PLACES = (("03", "0301"), ("31", "3103"), ("46", "4601"), ("55", "5501"))
UPPER_BOUNDS = (4, 9, 19, 49, 99, 249, 10**9)


def publish(
    home: Path,
    *,
    seed: int = 1,
    establishments: int = 120,
    digit: str = "a",
    as_of: date = date(2027, 1, 1),
    targets: Sequence[Target] = OPEN_TARGETS,
    release: str = "v1",
) -> str:
    """Publish a random run under `home` and put it into service; its id is `digit` sixteen times.

    With a closed target among `targets` its open part is named by fifteen and a 0.
    """
    rng = random.Random(seed)
    rows = establishment_rows(rng, establishments, as_of)
    about = {one: target_run(one, release) for one in targets}
    hidden = any(target.closed for target in targets)
    run = Run(
        AsOf(as_of),
        Quarter.of(as_of),
        seed,
        digit * 64,
        about,
        open_inputs=f"{digit * 15}0" * 4 if hidden else None,
    )
    scores = {one: pa.Table.from_pylist(score_rows(rng, rows, one, seed), schema=SCORES) for one in targets}
    tables = PublishedTables(
        establishments=pa.Table.from_pylist(rows, schema=ESTABLISHMENTS),
        sectors=pa.Table.from_pylist(sector_rows(rng, targets), schema=SECTORS),
        scores=scores,
    )
    return write_run(home, run, tables)


def establishment_rows(rng: random.Random, count: int, as_of: date) -> list[dict[str, Any]]:
    """`count` establishments with nulls wherever the schema allows them."""
    return [_establishment(rng, index, as_of) for index in range(count)]


def _establishment(rng: random.Random, index: int, as_of: date) -> dict[str, Any]:
    code, standard = rng.choice([*CODES, (None, None)])
    county, municipality = rng.choice([*PLACES, (None, None)])
    band = rng.choice([(None, None), (False, None), (True, None), (True, rng.randint(5, 300))])
    employees = EmployeeBand.of(*band)
    inspected = as_of - timedelta(days=rng.randint(1, 2000)) if rng.random() < 0.5 else None
    sole = rng.random() < 0.15
    return {
        "establishment": number(index),
        "enterprise": number(100_000 + index),
        "name": f"SYNTETISK {index} & <SØNNER>",
        "form": "ENK" if sole else "AS",
        "industry_code": code,
        "industry_standard": standard,
        "industry": code,
        "county": county,
        "municipality": municipality,
        "postal_code": None,
        "address_key": None,
        "employees_low": employees.low,
        "employees": str(employees),
        "size_class": _size_class(employees),
        "bht_duty": rng.choice(["yes", "conditional", "no"]),
        "bht_clause": "forskrift om organisering, ledelse og medvirkning § 13-1",
        "bht_dispensation": rng.choice(["none", "partial", "full"]),
        "living": True,
        "bankrupt": False,
        "winding_up": False,
        "sole_proprietor": sole,
        "foreign": False,
        "age_months": rng.choice([None, rng.randint(0, 400)]),
        "priority_areas": sorted(rng.sample(AREAS, rng.randint(0, 2))),
        "last_inspected_on": inspected,
        "last_bht_inspected_on": inspected if rng.random() < 0.5 else None,
        "open_case": rng.random() < 0.1,
        "other_authority_on": None,
        "quality_flags": [],
        "approvals_missing": [],
    }


def _size_class(employees: EmployeeBand) -> str | None:
    if not employees.low:
        return None
    high = employees.high or employees.low
    return next(name for name, bound in zip(SIZE_CLASSES, UPPER_BOUNDS, strict=True) if high <= bound)


def score_rows(rng: random.Random, rows: list[dict[str, Any]], target: Target, seed: int) -> list[dict[str, Any]]:
    """Scores with many ties for about nine of ten establishments, in the recorded order; bands for unlawful hiring."""
    cohort = [row["establishment"] for row in rows if rng.random() < 0.9]
    values = [rng.randint(0, 40) / 40 for _ in cohort]
    return [
        {
            "rank": place + 1,
            "establishment": cohort[row],
            **_scored(values[row], target),
            "reasons": [_reason(target, n) for n in range(rng.randint(0, 3))],
        }
        for place, row in enumerate(ranked(cohort, values, seed))
    ]


def _scored(value: float, target: Target) -> dict[str, Any]:
    if target is not BANDED:
        return {"score": value, "low": max(0.0, value - 0.1), "high": min(1.0, value + 0.1)}
    band = next(one for one in BANDS if value >= one.rate or one is BANDS[-1])
    return {"score": band.rate, "low": band.low, "high": band.high, "band": band.band}


def _reason(target: Target, index: int) -> dict[str, Any]:
    return {
        "feature": f"{target}_feature_{index}",
        "theme": "history",
        "value": str(index),
        "contribution": 0.5 - 0.25 * index,
        "text_nb": f"Det er funnet {index} brudd ved tidligere tilsyn.",
        "text_en": f"{index} breaches were found at earlier inspections.",
    }


def sector_rows(rng: random.Random, targets: Sequence[Target]) -> list[dict[str, Any]]:
    """One row per (area, target), ranked by expected rate."""
    return [
        {
            "area": area,
            "title_nb": f"Område {area}",
            "title_en": f"Area {area}",
            "target": str(target),
            "establishments": 10 + place,
            "employees": 100,
            "expected_rate": 0.5 - 0.1 * place,
            "low": 0.1,
            "high": 0.8,
            "expected_breaches": 5.0,
            "inspected_share": rng.random(),
            "rank": place + 1,
        }
        for target in targets
        for place, area in enumerate(AREAS)
    ]


def target_run(target: Target, release: str) -> TargetRun:
    """What a run says of the model behind `target`."""
    return TargetRun(
        release=release,
        model=f"{sum(map(ord, target)):064x}",
        candidate="lightgbm",
        features=(f"{target}_feature_0", f"{target}_feature_1"),
        trained_until="2026-10-01",
        bands=BANDS if target is BANDED else (),
        why_nb="Prøvd fremover i tid bommet sannsynlighetene." if target is BANDED else "",
        why_en="Tested forward in time the probabilities were off." if target is BANDED else "",
    )
