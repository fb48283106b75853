"""Exports: what a planner opens holds the same list, carries the hash, and runs nothing."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from python_calamine import CalamineWorkbook

from targeting.domain import AsOf
from targeting.planning import life
from targeting.planning.exports import COLUMNS, NEVER_EVIDENCE, Export, Format, export_of, neutral, written
from tests.lib.plan_story import APPROVER, PLAN, by, new_ledger, plan_record
from tests.lib.small_country import number

NAMES = ["=HYPERLINK(1)", "+47 AS", "-1+1", "@SUM(A1)", "\tTAB", "\rRETURN"]


def published() -> pa.Table:
    return pa.table(
        {
            "establishment": [number(i) for i in range(6)],
            "enterprise": [number(100 + i) for i in range(6)],
            "name": NAMES,
            "industry_code": ["41.000"] * 6,
            "county": ["03"] * 6,
            "municipality": ["0301"] * 6,
            "employees": ["1-4", "5", "12", "0", "unknown", "250"],
        }
    )


@pytest.fixture
def export(tmp_path: Path) -> Export:
    ledger = new_ledger(tmp_path)
    with ledger.write() as connection:
        life.draft(connection, by(), plan_record())
        life.propose(connection, by(), PLAN)
        life.approve(connection, by(APPROVER), PLAN)
    with ledger.read() as connection:
        return export_of(life.live_plan(connection, PLAN), AsOf(date(2027, 1, 1)), "v1", published())


def sheets(content: bytes) -> dict[str, list[list[object]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_every_format_holds_the_same_slots(export: Export) -> None:
    plan = sheets(written(export, Format.XLSX))["Plan"]
    rows = list(csv.DictReader(io.StringIO(written(export, Format.CSV).decode("utf-8-sig"), newline="")))
    slots = json.loads(written(export, Format.JSON))["slots"]
    wanted = [number(i) for i in range(6)]

    assert [line[1] for line in plan[1:]] == wanted
    assert [row["establishment"] for row in rows] == wanted
    assert [slot["establishment"] for slot in slots] == wanted
    assert plan[0] == list(COLUMNS)


def test_every_format_carries_the_approved_hash(export: Export) -> None:
    approved = export.cover["approved hash"]

    assert len(approved) == 64
    assert {row["hash"] for row in export.rows} == {approved}
    assert json.loads(written(export, Format.JSON))["cover"]["approved hash"] == approved
    assert approved in written(export, Format.CSV).decode("utf-8-sig")


def test_the_cover_says_what_a_planner_must_know(export: Export) -> None:
    cover = {line[0]: line[1] for line in sheets(written(export, Format.XLSX))["Forside"]}

    assert (cover["run"], cover["as of"], cover["release"]) == ("1" * 16, "2027-01-01", "v1")
    assert (cover["author"], cover["approved by"]) == ("ada", "bo")
    assert cover["note"] == NEVER_EVIDENCE


@pytest.mark.parametrize("kind", Format)
def test_equal_plans_are_equal_bytes(export: Export, kind: Format) -> None:
    assert written(export, kind) == written(export, kind)


def test_no_name_can_become_a_formula(export: Export) -> None:
    in_csv = [
        r["name"] for r in csv.DictReader(io.StringIO(written(export, Format.CSV).decode("utf-8-sig"), newline=""))
    ]
    in_json = [slot["name"] for slot in json.loads(written(export, Format.JSON))["slots"]]
    in_xlsx = [line[3] for line in sheets(written(export, Format.XLSX))["Plan"][1:]]

    for names in (in_csv, in_json, in_xlsx):
        assert [str(name)[0] for name in names] == ["'"] * 6
    with zipfile.ZipFile(io.BytesIO(written(export, Format.XLSX))) as parts:
        assert not any(b"<f>" in parts.read(part) for part in parts.namelist() if part.startswith("xl/worksheets"))


@pytest.mark.parametrize("text", ["=a", "+a", "-a", "@a", "\ta", "\ra", "\na", " =a", "＝a"])
def test_what_starts_a_formula_is_made_text(text: str) -> None:
    assert neutral(text) == f"'{text}"


def test_an_unapproved_export_says_so(tmp_path: Path) -> None:
    ledger = new_ledger(tmp_path)
    with ledger.write() as connection:
        plan = life.draft(connection, by(), plan_record())

    assert export_of(plan, AsOf(date(2027, 1, 1)), "v1").cover["approved by"] == "not approved"
