"""The promise about time: nothing known on or after `as_of` changes what is seen at `as_of`.

For every feature family, for every relation they are made of, for the cohort and for the labels. The two ways to break
it are tried on random small countries: take away everything known from the day on, and add a second history about the
same units that became known from the day on but speaks of long before. The check itself is checked on a family that is
wrong on purpose.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from targeting.cohort import cohort_rows, register_rules
from targeting.domain import AsOf, RefusedError, Target
from targeting.features import Family, Feature, FeatureKind, compute, load_families
from targeting.labels import label_rows
from targeting.snapshots import AsOfView, Store
from targeting.tables import ALL_TABLES
from tests.lib.small_country import number, small_country, store_of
from tests.lib.time_travel import appended, truncated

SEEDS = range(7)
DAYS = [date(2021, 4, 1), date(2023, 7, 1), date(2025, 10, 1), date(2026, 1, 1), date(2026, 7, 1)]
FAMILIES = load_families()
WRONG = Path(__file__).parents[1] / "lib" / "wrong_family"
CORE = [f"{table.about.name}_asof" for table in ALL_TABLES] + [
    "establishments_before_1y_asof",
    "enterprises_before_1y_asof",
    "establishment_versions_asof",
    "enterprise_versions_asof",
    "bankruptcies_asof",
    "inspection_results_asof",
    "industry_key",
    "cohort",
]


def _histories(seed: int) -> tuple[AsOf, dict[str, dict[str, pa.Table]]]:
    """A day, and three stores' worth of tables that agree on everything known before it."""
    day, tables = DAYS[seed % len(DAYS)], small_country(seed)
    return AsOf(day), {
        "whole": tables,
        "truncated": truncated(tables, day),
        "appended": appended(tables, day, seed + 1000),
    }


def _seen(store: Store, as_of: AsOf, families: Sequence[Family]) -> dict[str, pa.Table]:
    """Every core relation, and the features of each family, for all establishments at `as_of`."""
    names = pa.array([number(1000 + i) for i in range(60)])
    pairs = pa.table({"establishment": names, "as_of": pa.array([as_of.day] * len(names), pa.date32())})
    with AsOfView.open(store, pairs, [as_of]) as view:
        register_rules(view)
        seen = {name: view.connection.sql(f"FROM {name} ORDER BY ALL").to_arrow_table() for name in CORE}
        return seen | {family.name: compute(view, [family]) for family in families}


def check_same(seen: dict[str, pa.Table], other: dict[str, pa.Table], name: str) -> None:
    """The leakage check: `name` holds the same rows, columns and values in both."""
    assert seen[name].num_rows == other[name].num_rows, f"{name}: another number of rows"
    for column in seen[name].column_names:
        assert seen[name][column].equals(other[name][column]), f"{name}.{column} depends on what was known later"


@pytest.mark.parametrize("seed", SEEDS)
def test_what_becomes_known_later_changes_no_relation_and_no_family(seed: int, tmp_path: Path) -> None:
    as_of, histories = _histories(seed)
    seen = {name: _seen(store_of(tables, tmp_path / name), as_of, FAMILIES) for name, tables in histories.items()}
    assert {*CORE, *(family.name for family in FAMILIES)} <= set(seen["whole"])
    for name in seen["whole"]:
        check_same(seen["whole"], seen["truncated"], name)
        check_same(seen["whole"], seen["appended"], name)


@pytest.mark.parametrize("history", ["truncated", "appended"])
@pytest.mark.parametrize("seed", SEEDS[2:4])
def test_cohorts_and_labels_do_not_see_the_future_either(seed: int, history: str, tmp_path: Path) -> None:
    as_of, histories = _histories(seed)
    whole, other = (store_of(histories[name], tmp_path / name) for name in ("whole", history))
    for target in Target:
        assert cohort_rows(whole, as_of, target).equals(cohort_rows(other, as_of, target))
        assert label_rows(whole, target, as_of).equals(label_rows(other, target, as_of))


def _wrong_family() -> Family:
    document = tomllib.loads((WRONG / "leaking_history.toml").read_text(encoding="utf-8"))
    features = tuple(
        Feature(**{**each, "kind": FeatureKind(each["kind"]), "targets": ()}) for each in document["feature"]
    )
    sql = (WRONG / "leaking_history.sql").read_text(encoding="utf-8").strip()
    return Family(**document["family"], sql=sql, features=features, constants=())


@pytest.mark.parametrize("history", ["truncated", "appended"])
def test_the_check_fails_on_a_family_that_goes_by_when_things_happened(history: str, tmp_path: Path) -> None:
    as_of, histories = _histories(0)
    whole, other = (
        _seen(store_of(histories[name], tmp_path / name), as_of, [_wrong_family()]) for name in ("whole", history)
    )
    with pytest.raises(AssertionError, match=r"leaking_history\.\w+ depends on what was known later"):
        check_same(whole, other, "leaking_history")


def test_such_a_family_is_not_even_loaded() -> None:
    with pytest.raises(RefusedError, match="leaking_history"):
        load_families(WRONG)


def test_a_fact_known_on_the_day_itself_is_not_seen(tmp_path: Path) -> None:
    tables = small_country(3)
    row = tables["inspections"].slice(0, 1)
    (known,) = row["known_on"].to_pylist()
    store = store_of({"inspections": row}, tmp_path)
    with AsOfView.open(store, None, [AsOf(known), AsOf(date.fromordinal(known.toordinal() + 1))]) as view:
        days = view.connection.sql("SELECT as_of - known_on FROM inspections_asof").fetchall()
    assert days == [(1,)]
