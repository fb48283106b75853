"""A published run of a whole country, made up without a model: what lists are measured on."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from targeting.domain import AsOf, Quarter, Target
from targeting.published import ESTABLISHMENTS, SCORES, SECTORS, PublishedTables, Run, TargetRun, ranked, write_run

__all__ = ["COUNTIES", "INDUSTRIES", "publish_country"]

COUNTIES: Final = ("03", "11", "15", "18", "31", "32", "33", "34", "39", "40", "42", "46", "50", "55", "56")
INDUSTRIES: Final = ("41", "43", "47", "56", "81", "85", "88", "10", "49", "01", "03", "25")
_AS_OF: Final = date(2027, 1, 1)
_SEED: Final = 7
_REASONS: Final = 4
_THEMES: Final = ("history", "workforce", "industry", "enterprise")
_WEIGHTS: Final = (3, 2, 7, 6, 5, 4, 3, 2)
_DEFAULTS: Final[dict[pa.DataType, Any]] = {pa.string(): "unknown", pa.bool_(): False}

Reals = np.ndarray[tuple[int], np.dtype[np.float64]]


def publish_country(home: Path, establishments: int, seed: int = _SEED) -> str:
    """Publish one scored target of `establishments` rows under `home`, each with reasons in words; the run's id."""
    rng = np.random.default_rng(seed)
    numbers = _numbers(establishments)
    about = TargetRun("v1", "0" * 64, "lightgbm", ("synthetic",), trained_until="2026-10-01")
    run = Run(AsOf(_AS_OF), Quarter.of(_AS_OF), seed, f"{establishments:064x}", {Target.BHT_USE: about})
    scores = _scores(rng, numbers, seed)
    return write_run(home, run, PublishedTables(_facts(rng, numbers), SECTORS.empty_table(), {Target.BHT_USE: scores}))


def _numbers(count: int) -> list[str]:
    """Sorted synthetic organisation numbers: they start with 2 and have a valid check digit."""
    stems = np.arange(20_000_000, 20_000_000 + count * 11 // 10 + 20)
    total = sum(weight * (stems // 10 ** (7 - place) % 10) for place, weight in enumerate(_WEIGHTS))
    check = -total % 11
    return [str(one) for one in (stems * 10 + check)[check < 10][:count]]


def _facts(rng: np.random.Generator, numbers: list[str]) -> pa.Table:
    count = len(numbers)
    counties = np.array(COUNTIES)[rng.choice(len(COUNTIES), count, p=_shares(len(COUNTIES)))]
    codes = np.char.add(np.array(INDUSTRIES)[rng.choice(len(INDUSTRIES), count)], ".")
    codes = np.char.add(codes, np.array([f"{n}00" for n in range(1, 8)])[rng.choice(7, count)])
    employees = np.where(rng.random(count) < 0.5, 1, rng.integers(5, 300, count))
    inspected = np.where(rng.random(count) < 0.2, 20_800 - rng.integers(1, 4000, count), 0)
    columns: dict[str, Any] = {
        "establishment": numbers,
        "enterprise": numbers,
        "name": [f"SYNTETISK VIRKSOMHET {row} AS" for row in range(count)],
        "industry_code": codes,
        "industry": codes,
        "industry_standard": np.array(["SN2007", "SN2025"])[rng.choice(2, count)],
        "county": counties,
        "municipality": np.char.add(counties, np.array([f"{n:02d}" for n in range(1, 25)])[rng.choice(24, count)]),
        "employees_low": employees,
        "employees": np.where(employees == 1, "1-4", employees.astype(str)),
        "bht_duty": np.array(["yes", "conditional", "no"])[rng.choice(3, count, p=[0.5, 0.2, 0.3])],
        "bht_dispensation": np.full(count, "none"),
        "sole_proprietor": rng.random(count) < 0.1,
        "priority_areas": _areas(rng, count),
        "quality_flags": pa.ListArray.from_arrays(pa.array(np.zeros(count + 1), pa.int32()), pa.array([], pa.string())),
        "last_inspected_on": pa.array(inspected, pa.int32(), mask=inspected == 0).cast(pa.date32()),
    }
    arrays = [_column(columns.get(field.name), field, count) for field in ESTABLISHMENTS]
    return pa.Table.from_arrays(arrays, schema=ESTABLISHMENTS)


def _column(values: Any, field: pa.Field, count: int) -> pa.Array:
    if values is not None:
        return (values if isinstance(values, pa.Array) else pa.array(values)).cast(field.type)
    return pa.nulls(count, field.type) if field.nullable else pa.repeat(_DEFAULTS[field.type], count)


def _shares(count: int) -> Reals:
    shares: Reals = np.linspace(2.0, 0.5, count)
    falling: Reals = shares / shares.sum()
    return falling


def _areas(rng: np.random.Generator, count: int) -> pa.Array:
    """One area for a third, none for the others."""
    member = rng.random(count) < 1 / 3
    names = np.array(["cleaning", "construction_injuries", "kindergartens"])[rng.choice(3, int(member.sum()))]
    return pa.ListArray.from_arrays(pa.array(np.r_[0, np.cumsum(member)], pa.int32()), pa.array(names))


def _scores(rng: np.random.Generator, numbers: list[str], seed: int) -> pa.Table:
    count = len(numbers)
    drawn = rng.beta(2, 4, count)
    order = ranked(numbers, drawn.tolist(), seed)
    score = drawn[order]
    columns = {
        "rank": np.arange(1, count + 1),
        "establishment": np.array(numbers)[order],
        "score": score,
        "low": np.clip(score - 0.08, 0, 1),
        "high": np.clip(score + 0.08, 0, 1),
        "band": pa.nulls(count, pa.int64()),
        "listing_probability": rng.random(count).round(3),
        "reasons": _reasons(rng, count),
    }
    return pa.Table.from_arrays([_column(columns[field.name], field, count) for field in SCORES], schema=SCORES)


def _reasons(rng: np.random.Generator, count: int) -> pa.Array:
    """Four reasons a row, in sentences of the length that real ones have."""
    picked = rng.integers(0, 40, count * _REASONS)
    value = rng.integers(0, 60, count * _REASONS)
    texts = {
        "feature": [f"synthetic_feature_{one}" for one in range(40)],
        "theme": [_THEMES[one % len(_THEMES)] for one in range(40)],
        "text_nb": [
            f"Ved de siste {one + 1} tilsynene ble det funnet flere brudd enn vanlig i næringen." for one in range(40)
        ],
        "text_en": [
            f"The last {one + 1} inspections found more breaches than is usual in the industry." for one in range(40)
        ],
    }
    parts = {name: pa.array(known).take(pa.array(picked)) for name, known in texts.items()}
    parts |= {"value": pa.array(value).cast(pa.string()), "contribution": pa.array(rng.normal(0, 0.5, len(picked)))}
    kind = SCORES.field("reasons").type
    reasons = pa.StructArray.from_arrays([parts[field.name] for field in kind.value_type], fields=list(kind.value_type))
    offsets = pa.array(np.arange(0, len(picked) + 1, _REASONS), pa.int32())
    return pa.ListArray.from_arrays(offsets, reasons, type=kind)
