"""What a quarter must not be scored on: caught before it is stored or before it is scored, with the reason in words."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.ingest import IngestReport, ingest, render
from pipelines.progress import Progress
from pipelines.synthetic import synthetic
from targeting.domain import AsOf, BadInputError, IndustryCode, NotFoundError, Standard
from targeting.parameters.industry_codes import CODES
from targeting.parameters.industry_pairs import translate
from targeting.snapshots import AsOfView, Store
from targeting.tables import Establishments
from targeting.watching import (
    Check,
    InputFacts,
    Light,
    Reference,
    check_inputs,
    input_facts,
    keep_reference,
    load_pinned,
    load_reference,
    pin_reference,
    pins,
    worst,
)

SILENT = Progress("test", visible=False)
PINNED_ON, AS_OF = AsOf(date(2026, 10, 1)), AsOf(date(2027, 1, 1))
Unit = dict[str, Any]


class Country(NamedTuple):
    """A home whose registers came in September and in December, and the establishments as they came last."""

    home: Path
    units: list[Unit]


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Country:
    files, home = tmp_path_factory.mktemp("files"), tmp_path_factory.mktemp("home")
    synthetic(2000, 4, files, None, SILENT)
    units: list[Unit] = []
    for kind in ("enheter", "underenheter"):
        found = json.loads(gzip.decompress((files / f"{kind}_2015-12-31.json.gz").read_bytes()))
        units = [_in_sn2025(unit) for unit in found]
        news = [unit | {"navn": f"{unit['navn']} NY"} if place < 50 else unit for place, unit in enumerate(units)]
        for day, content in (("2026-09-20", units), ("2026-12-28", news)):
            assert not ingest([bulk(files, content, day, kind)], home, None, False, SILENT).refused
    return Country(home, units)


def _in_sn2025(unit: Unit) -> Unit:
    """The unit with its code as the register writes it since September 2025; without one where none is known."""
    code = unit.get("naeringskode1", {}).get("kode", "")
    every = [code, *translate(IndustryCode(code, Standard.SN2007), Standard.SN2025)] if code else []
    known = [one for one in every if one in CODES[Standard.SN2025]]
    rest = {name: value for name, value in unit.items() if not name.startswith("naeringskode")}
    return rest | {"naeringskode1": {"kode": known[0]}} if known else rest


@pytest.fixture
def home(country: Country, tmp_path: Path) -> Path:
    return Path(shutil.copytree(country.home, tmp_path / "home"))


def bulk(folder: Path, units: Iterable[Unit], day: str = "2026-12-30", kind: str = "underenheter") -> Path:
    path = folder / f"{kind}_{day}.json.gz"
    path.write_bytes(gzip.compress(json.dumps(list(units)).encode(), mtime=0))
    return path


def load(home: Path, path: Path, *, guard: bool) -> IngestReport:
    return ingest([path], home, None, False, SILENT, guard=guard)


def facts_of(home: Path, as_of: AsOf) -> InputFacts:
    with TemporaryDirectory() as scratch, AsOfView.open(Store(home), None, [as_of], scratch=Path(scratch)) as view:
        return input_facts(view)


def seen(home: Path, as_of: AsOf = AS_OF) -> dict[str, Check]:
    """The worst check of each code, of the units alone, against the country as it was a quarter before."""
    store = Store(home)
    checks = check_inputs(facts_of(store.home, as_of), facts_of(store.home, PINNED_ON))
    found: dict[str, Check] = {}
    for check in checks:
        if check.where.partition(".")[0] in ("establishments", "enterprises"):
            found[check.code] = max(found.get(check.code, check), check, key=lambda one: list(Light).index(one.light))
    return found


def changed(units: list[Unit], change: Callable[[Unit], Unit]) -> list[Unit]:
    return [change(dict(unit)) for unit in units]


def bytes_of(home: Path) -> dict[str, bytes]:
    return {str(path.relative_to(home)): path.read_bytes() for path in sorted(home.rglob("*")) if path.is_file()}


def test_an_ordinary_quarter_is_not_red(country: Country) -> None:
    assert worst(seen(country.home).values()) is not Light.RED


def test_the_same_register_again_passes_the_guard(country: Country, home: Path, tmp_path: Path) -> None:
    report = load(home, bulk(tmp_path, country.units[:-1]), guard=True)
    assert not report.refused
    assert {check.code for check in report.checks} == {"FIL001", "FIL002", "FIL003"}
    assert worst(report.checks) is Light.GREEN


def test_a_file_with_a_third_of_its_rows_missing_leaves_nothing(country: Country, home: Path, tmp_path: Path) -> None:
    whole = country.units
    path, before = bulk(tmp_path, whole[: len(whole) * 2 // 3]), bytes_of(home)
    (refused,) = load(home, path, guard=True).refused
    assert "2,000 in the last file of its kind" in refused.reason
    assert "−33%" in refused.reason
    assert bytes_of(home) == before
    assert not load(home, path, guard=False).refused  # the plain command takes what a person hands it


def test_a_file_a_little_smaller_is_stored_and_said(country: Country, home: Path, tmp_path: Path) -> None:
    whole = country.units
    report = load(home, bulk(tmp_path, whole[: len(whole) * 95 // 100]), guard=True)
    assert worst(report.checks) is Light.YELLOW
    assert "unlike the last file of its kind" in render(report)


def test_a_new_code_standard_is_refused_at_the_door(country: Country, home: Path, tmp_path: Path) -> None:
    def turned(unit: Unit) -> Unit:
        if "naeringskode1" in unit:
            code = unit["naeringskode1"]["kode"]
            unit["naeringskode1"] = {"kode": f"{code[1]}{code[0]}.{code[3:]}"}
        return unit

    path = bulk(tmp_path, changed(country.units, turned))
    (refused,) = load(home, path, guard=True).refused
    assert "A new code standard looks like this" in refused.reason
    load(home, path, guard=False)
    found = seen(home)
    assert (found["INP009"].light, found["INP010"].light, found["INP011"].light) == (Light.RED,) * 3
    assert "En ny kodestandard" in found["INP009"].reason_nb


def test_codes_in_a_form_nobody_knows_are_refused_at_the_door(country: Country, home: Path, tmp_path: Path) -> None:
    def renamed(unit: Unit) -> Unit:
        return unit | {"naeringskode1": {"kode": "A-100"}}

    (refused,) = load(home, bulk(tmp_path, changed(country.units, renamed)), guard=True).refused
    assert "could not be read and went to quarantine" in refused.reason


def test_another_standards_valid_codes_are_seen_against_the_reference(
    country: Country, home: Path, tmp_path: Path
) -> None:
    """All five-digit codes are in the list of their standard, and no unit had them: only the reference can tell."""
    path = bulk(tmp_path, changed(country.units, lambda unit: unit | {"naeringskode1": {"kode": "03.110"}}))
    assert not load(home, path, guard=True).refused
    found = seen(home)
    assert found["INP009"].light is Light.GREEN
    assert (found["INP010"].light, found["INP011"].light) == (Light.RED, Light.RED)


def test_three_times_the_employees_is_red(country: Country, home: Path, tmp_path: Path) -> None:
    def tripled(unit: Unit) -> Unit:
        return unit | {"antallAnsatte": 3 * unit["antallAnsatte"]} if "antallAnsatte" in unit else unit

    assert not load(home, bulk(tmp_path, changed(country.units, tripled)), guard=True).refused
    assert seen(home)["INP003"].light is Light.RED


def test_a_column_that_went_empty_is_red(country: Country, home: Path, tmp_path: Path) -> None:
    def homeless(unit: Unit) -> Unit:
        return {name: value for name, value in unit.items() if name != "beliggenhetsadresse"}

    load(home, bulk(tmp_path, changed(country.units, homeless)), guard=True)
    check = seen(home)["INP007"]
    assert (check.light, check.where.partition(".")[0]) == (Light.RED, "establishments")
    assert "is empty for" in check.reason_en


def test_a_register_that_stopped_coming_is_red(country: Country) -> None:
    found = {as_of: seen(country.home, AsOf(as_of))["INP006"] for as_of in (date(2027, 1, 1), date(2027, 6, 1))}
    assert [check.light for check in found.values()] == [Light.GREEN, Light.RED]
    assert "the newest row became known on 2026-12-28" in found[date(2027, 6, 1)].reason_en


def test_without_a_reference_one_check_says_so(country: Country) -> None:
    checks = check_inputs(facts_of(country.home, AS_OF), None)
    assert [check.light for check in checks if check.code == "INP000"] == [Light.YELLOW]
    assert not {"INP001", "INP004", "INP007", "INP010"} & {check.code for check in checks}


def test_the_facts_are_those_that_pandas_counts(country: Country) -> None:
    told = facts_of(country.home, AS_OF)
    rows = pd.concat(pq.read_table(path).to_pandas() for path in Store(country.home).paths(Establishments))
    known = rows[pd.to_datetime(rows["known_on"]) < pd.Timestamp(AS_OF.day)]
    newest = known.sort_values(["known_on", "version"]).groupby("establishment").tail(1)
    living = newest[newest["status"] == "living"]
    found = told.units["establishments"]
    assert (told.tables["establishments"].rows, told.tables["establishments"].duplicated) == (len(known), 0)
    assert (found.living, found.employees) == (len(living), living["employees"].sum())
    assert found.places == living["municipality"].value_counts().to_dict()
    assert found.nulls["employees"] == round(living["employees"].isna().mean(), 6) > 0
    codes = living["industry_standard"].fillna("none") + " " + living["industry_code"]
    assert found.codes == codes.value_counts().to_dict()


def test_two_rows_of_one_key_are_counted_and_one_of_them_counts(country: Country, home: Path) -> None:
    (path, *_) = Store(home).paths(Establishments)
    table = pq.read_table(path)
    pq.write_table(pa.concat_tables([table, table.slice(0, 3)]), path)
    told, before = facts_of(home, AS_OF), facts_of(country.home, AS_OF)
    assert told.tables["establishments"].duplicated == 3
    assert told.units == before.units


def test_the_facts_of_a_day_do_not_see_later_rows(country: Country, home: Path, tmp_path: Path) -> None:
    before = facts_of(home, PINNED_ON)
    load(home, bulk(tmp_path, country.units[:500]), guard=False)
    assert facts_of(home, PINNED_ON) == before


def test_a_reference_is_pinned_by_somebody_for_a_reason(country: Country, home: Path) -> None:
    assert load_pinned(home) is None
    first, second = (Reference(facts_of(home, on), {}) for on in (PINNED_ON, AS_OF))
    at = datetime(2027, 1, 2, tzinfo=UTC)
    pin_reference(home, keep_reference(home, first), "kari", "a good quarter", at)
    pin_reference(home, keep_reference(home, second), "ola", "the new standard is right", at)
    assert [(one.by, one.as_of) for one in pins(home)] == [("kari", "2026-10-01"), ("ola", "2027-01-01")]
    assert load_pinned(home) == second
    for by, why, reference, error in (
        ("", "why", first.id, BadInputError),
        ("kari", " ", first.id, BadInputError),
        ("kari", "why", "0" * 16, NotFoundError),
    ):
        with pytest.raises(error):
            pin_reference(home, reference, by, why, at)
    path = home / "watching" / "references" / f"{second.id}.json"
    path.write_text(path.read_text().replace('"living":', '"living":1', 1))
    with pytest.raises(BadInputError, match="the content of reference"):
        load_reference(home, second.id)
