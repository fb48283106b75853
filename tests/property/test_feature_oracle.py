"""Every feature of every family, recomputed in plain Python from the raw tables, agrees with the SQL.

The oracle (`tests/lib/feature_oracle`) was written from the declarations before the SQL was. When the two differ, the
declaration settles it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pytest

from targeting.domain import AsOf
from targeting.features import Family, compute, load_families
from targeting.snapshots import AsOfView
from tests.lib.feature_oracle.comparison import FAMILIES, agree, crowded_country
from tests.lib.feature_oracle.known import Known, minus_years, raw_rows
from tests.lib.feature_oracle.rules import rule_tables
from tests.lib.small_country import number, small_country, store_of

SEEDS = (1, 2, 3, 4, 5, 6)
DAYS = (date(2018, 7, 1), date(2020, 2, 29), date(2023, 1, 1), date(2024, 8, 1), date(2025, 10, 1), date(2026, 10, 1))
STRANGER = number(9000)  # in no table: an establishment that was not known on the day
FAMILY = {family.name: family for family in load_families()}


class World(NamedTuple):
    view: AsOfView
    known: dict[date, Known]


@pytest.fixture(scope="module", params=SEEDS)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    seed: int = request.param
    tables = crowded_country(seed) if seed % 2 else small_country(seed)
    store = store_of(tables, tmp_path_factory.mktemp(f"seed-{seed}") / Path("home"))
    units = [*sorted(set(tables["establishments"]["establishment"].to_pylist())), STRANGER]
    cohort = pa.table(
        {"establishment": units * len(DAYS), "as_of": pa.array([day for day in DAYS for _ in units], pa.date32())}
    )
    with AsOfView.open(store, cohort, [AsOf(day) for day in DAYS], threads=1) as view:
        for name, rows in rule_tables(DAYS).items():
            view.put(name, rows)
        rows = raw_rows(tables)
        yield World(view, {day: _known(view, rows, day) for day in DAYS})


def _known(view: AsOfView, rows: dict[str, list[dict[str, object]]], day: date) -> Known:
    """The country on `day`, with the industry codes the view harmonised for that day and for a year before."""
    sql = "SELECT industry_sn2025, industry_sn2007 FROM industry_key WHERE as_of = ?"
    key = dict(view.connection.execute(sql, [day]).fetchall())
    now = Known(rows, day, _industries(view, "establishments_asof", day), key)
    before = Known(rows, minus_years(day, 1), _industries(view, "establishments_before_1y_asof", day))
    now.__dict__["a_year_ago"] = before
    return now


def _industries(view: AsOfView, relation: str, day: date) -> dict[str, str | None]:
    sql = f"SELECT establishment, industry FROM {relation} WHERE as_of = ?"
    return dict(view.connection.execute(sql, [day]).fetchall())


def test_the_oracle_covers_every_family() -> None:
    assert set(FAMILIES) == set(FAMILY)


@pytest.mark.parametrize("family", FAMILY.values(), ids=list(FAMILY))
def test_the_oracle_agrees_on_every_feature(world: World, family: Family) -> None:
    rows = compute(world.view, [family]).to_pylist()
    enterprises = dict(_enterprises(world.view))
    wrong = []
    for row in rows:
        key = row.pop("establishment"), row.pop("as_of")
        expected = FAMILIES[family.name](world.known[key[1]], key[0], enterprises[key])
        assert set(expected) == set(row)
        wrong += [(*key, name, expected[name], got) for name, got in row.items() if not agree(expected[name], got)]
    assert not wrong, f"{len(wrong)} cells differ, first (establishment, as_of, feature, oracle, SQL): {wrong[:5]}"


def _enterprises(view: AsOfView) -> list[tuple[tuple[str, date], str | None]]:
    rows = view.connection.execute("SELECT establishment, as_of, enterprise FROM cohort").fetchall()
    return [((establishment, as_of), enterprise) for establishment, as_of, enterprise in rows]


def test_the_comparison_is_not_empty(world: World) -> None:
    """Nearly every feature takes at least two values somewhere, else agreement would prove little."""
    table = compute(world.view, list(FAMILY.values()))
    constant = [name for name in table.column_names if len(table[name].unique()) < 2]
    assert len(constant) <= 6, constant
