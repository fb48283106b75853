"""A seeded matrix with a known truth: numbers, flags, categories, nulls, assignment effects and late labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from targeting.domain import Quarter
from targeting.features.family import Feature, FeatureKind
from targeting.modelling.specification import Specification, load_specification

__all__ = ["EFFECT", "FEATURES", "SPECIFICATION", "seeded_frame", "seeded_specification"]

FIRST = Quarter(2021, 1)
INDUSTRIES = ("43.210", "43.220", "56.101", "56.102", "62.010", "81.210", "85.100")
EFFECT = dict(zip(INDUSTRIES, (0.6, 0.3, 0.8, 0.5, -0.9, 0.4, -0.4), strict=True))


def _feature(name: str, kind: FeatureKind, unit: str, monotone: int = 0) -> Feature:
    return Feature(
        name=name,
        kind=kind,
        unit=unit,
        title_nb=name,
        title_en=name,
        phrase_nb=f"{name} er {{value}}",
        phrase_en=f"{name} is {{value}}",
        theme="seeded",
        source="seeded.frame",
        null="not known",
        legal_basis="none: a test",
        personal=False,
        monotone=monotone,
        targets=(),
    )


FEATURES = (
    _feature("past_breaches", FeatureKind.INTEGER, "breaches", monotone=1),
    _feature("industry_rate", FeatureKind.REAL, "share 0-1"),
    _feature("employees_low", FeatureKind.INTEGER, "persons"),
    _feature("margin", FeatureKind.REAL, "ratio"),
    _feature("last_breach", FeatureKind.FLAG, "yes/no", monotone=1),
    _feature("noise", FeatureKind.REAL, "ratio"),
    _feature("industry", FeatureKind.CATEGORY, "code"),
    _feature("county", FeatureKind.CATEGORY, "code"),
)

SPECIFICATION = """
target = "bht_use"
owner = "tests"
cohort = "seeded"
capacity = 300
seed = 11
fallback = "sector_rate"

[label]
meaning = "seeded"
horizon_quarters = 1
maturation_days = 180

[training]
first_day = 2021-01-01

[features]
include = ["*"]

[nuisance]
form = "document"
office = "*"

[splits]
first_test = "2022Q1"
number = 5

[gates]
min_rows = 100
min_breaches = 20
min_test_rows = 30
max_ece = 0.1

[[candidates]]
name = "random"
kind = "rule"
baseline = true

[[candidates]]
name = "sector_rate"
kind = "rule"
baseline = true
features = ["industry_rate"]

[[candidates]]
name = "past_breaches"
kind = "rule"
baseline = true
features = ["past_breaches"]
missing = 0.0

[[candidates]]
name = "logistic"
kind = "logistic"
strength = 0.1
knots = 2

[[candidates]]
name = "lightgbm"
kind = "lightgbm"
trees = 60
min_leaf = 20

[[candidates]]
name = "blend"
kind = "blend"
of = ["logistic", "lightgbm"]
"""


def seeded_specification(folder: Path, text: str = SPECIFICATION) -> Specification:
    """The specification above, read from a file as in production."""
    path = folder / "bht_use.toml"
    path.write_text(text, "utf-8")
    return load_specification(path)


def seeded_frame(rows: int = 1600, seed: int = 1, quarters: int = 14) -> pd.DataFrame:
    """One row an inspection, with `truth` (its breach probability as inspected) beside the matrix's own columns."""
    draw = np.random.default_rng(seed)
    quarter = [FIRST.next(int(step)) for step in draw.integers(0, quarters, rows)]
    industry = draw.choice(INDUSTRIES, rows)
    past = draw.poisson(0.8, rows).astype(float)
    employees = np.ceil(draw.lognormal(2.0, 1.2, rows))
    form = draw.choice(["document", "announced", "unannounced"], rows, p=[0.3, 0.5, 0.2])
    push = np.array([EFFECT[code] for code in industry]) + 0.45 * past - 0.25 * np.log(employees)
    push += 0.5 * ((past > 0) & (employees < 10)) + np.where(form == "document", 0.5, 0.0) - 0.2
    truth = 1.0 / (1.0 + np.exp(-push))
    occurred = pd.to_datetime([q.first_day for q in quarter]) + pd.to_timedelta(draw.integers(0, 85, rows), unit="D")
    past[draw.random(rows) < 0.3] = np.nan
    last = np.where(np.isnan(past), np.nan, past > 0)
    return pd.DataFrame(
        {
            "establishment": [f"{210_000_000 + int(n)}" for n in draw.integers(0, rows, rows)],
            "enterprise": "2",
            "as_of": pd.to_datetime([q.first_day for q in quarter]),
            "occurred_on": occurred,
            "label_known_on": occurred + pd.to_timedelta(draw.integers(60, 181, rows), unit="D"),
            "inspection": [f"i{n}" for n in range(rows)],
            "random_selection": pd.array([None] * rows, dtype="boolean"),
            "label": (draw.random(rows) < truth).astype("int8"),
            "form": form,
            "office": draw.choice(["north", "south"], rows),
            "past_breaches": past,
            "industry_rate": np.clip(0.5 + 0.15 * np.array([EFFECT[code] for code in industry]), 0.05, 0.95),
            "employees_low": employees,
            "margin": np.where(draw.random(rows) < 0.5, np.nan, draw.normal(0.0, 1.0, rows)),
            "last_breach": last,
            "noise": draw.normal(0.0, 1.0, rows),
            "industry": pd.array(industry, dtype="str"),
            "county": pd.array(draw.choice(["03", "11", "46"], rows), dtype="str"),
            "truth": truth,
        }
    )
