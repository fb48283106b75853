"""Outcomes: from a filled-in export or three files, row by row, into the ledger and back through the store."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import xlsxwriter

from pipelines.ingest import ingest
from pipelines.outcomes import OutcomesReport, outcomes, render
from pipelines.progress import steps
from targeting.domain import AsOf, BadInputError, Target
from targeting.feedback.outcomes import check_answers_told, read_upload
from targeting.ledger import Ledger, verify
from targeting.planning import life
from targeting.planning.exports import COLUMNS, Format, export_of, written
from targeting.snapshots import Store
from targeting.tables import Findings, Inspections, Reactions
from tests.lib.plan_story import APPROVER, PLAN, PLANNER, by, new_ledger, plan_record
from tests.lib.small_country import number

KNOWN_ON = date(2027, 3, 1)
THREE = (Inspections, Findings, Reactions)
HIT = {"result": "inspected", "breach": "ja", "inspected_on": "2027-02-01"}
MISS = {"result": "inspected", "breach": "nei", "inspected_on": "2027-02-02"}


def approved(home: Path, target: str = "bht_use") -> Ledger:
    ledger = new_ledger(home)
    with ledger.write() as connection:
        life.draft(connection, by(), plan_record(target))
        life.propose(connection, by(), PLAN)
        life.approve(connection, by(APPROVER), PLAN)
    return ledger


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return approved(tmp_path)


def filled_in(ledger: Ledger, cells: Mapping[int, Mapping[str, str]], extra: tuple[str, ...] = ()) -> bytes:
    """The CSV export with the cells of some slots filled in, by the slot's index."""
    with ledger.read() as connection:
        export = export_of(life.live_plan(connection, PLAN), AsOf(date(2027, 1, 1)), "v1")
    rows = list(csv.DictReader(io.StringIO(written(export, Format.CSV).decode("utf-8-sig"), newline="")))
    for index, values in cells.items():
        next(row for row in rows if row["establishment"] == number(index)).update(values)
    text = io.StringIO()
    writer = csv.DictWriter(text, [*COLUMNS, *extra], restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def record(home: Path, ledger: Ledger, *files: tuple[str, bytes]) -> OutcomesReport:
    paths = []
    for name, content in files:
        paths.append(home / name)
        paths[-1].write_bytes(content)
    return outcomes(ledger, home, by(PLANNER), PLAN, paths, KNOWN_ON)


def test_every_row_is_accepted_left_empty_or_quarantined(ledger: Ledger, tmp_path: Path) -> None:
    content = filled_in(
        ledger,
        {
            0: HIT,
            1: MISS | {"breach": "kanskje"},
            2: MISS | {"inspected_on": "2027-04-01"},
            3: {"result": "not_inspected", "reason": "did not feel like it"},
            4: {"result": "not_inspected", "reason": "moved"},
        },
    )
    report = record(tmp_path, ledger, ("plan.csv", content))

    assert (report.read, report.accepted, report.unfilled, len(report.quarantined)) == (6, 2, 1, 3)
    assert [line.split(": ")[0] for line in report.quarantined] == [
        "plan.csv, line 3, breach",
        "plan.csv, line 4, inspected_on",
        "plan.csv, line 5, reason",
    ]
    assert report.replaced == (life.Replacement(number(4), number(20)),)
    assert f"{number(4)} could not be inspected; standby: {number(20)}" in render(report)
    assert verify(ledger) == ()


def test_outcomes_come_back_through_the_store_with_their_dates(ledger: Ledger, tmp_path: Path) -> None:
    record(tmp_path, ledger, ("plan.csv", filled_in(ledger, {0: HIT, 5: MISS})))
    with steps("ingest") as progress:
        report = ingest([tmp_path / "outcomes"], tmp_path, None, False, progress)
    assert report.refused == ()

    store = Store(tmp_path)
    inspections = [row for path in store.paths(Inspections) for row in pq.read_table(path).to_pylist()]
    findings = [row for path in store.paths(Findings) for row in pq.read_table(path).to_pylist()]

    assert [(r["establishment"], r["origin"], r["random_selection"], r["known_on"]) for r in inspections] == [
        (number(0), "risk", False, KNOWN_ON),
        (number(5), "random", True, KNOWN_ON),
    ]
    assert [(row["control_point"], row["answer"], row["known_on"]) for row in findings] == [
        ("BHT-00", "breach", KNOWN_ON),
        ("BHT-00", "met", KNOWN_ON),
    ]


def test_control_points_may_be_answered_one_by_one(ledger: Ledger, tmp_path: Path) -> None:
    points = ("BHT-01", "BHT-03")
    hit = HIT | {"BHT-01": "oppfylt", "BHT-03": "brudd"}
    contradicted = MISS | {"BHT-01": "brudd"}
    report = record(tmp_path, ledger, ("plan.csv", filled_in(ledger, {0: hit, 1: contradicted}, points)))
    answers = next(path for path in report.files if path.name.startswith("kontrollpunkt")).read_text().splitlines()

    assert [line.split(",")[1:3] for line in answers[1:]] == [["BHT-01", "oppfylt"], ["BHT-03", "brudd"]]
    assert report.quarantined == ("plan.csv, line 3, breach: expected what the control points say, got the opposite",)


def test_a_filled_in_workbook_is_read_like_the_csv(ledger: Ledger, tmp_path: Path) -> None:
    rows = list(csv.reader(io.StringIO(filled_in(ledger, {0: HIT, 1: MISS}).decode(), newline="")))
    sink = io.BytesIO()
    book = xlsxwriter.Workbook(sink)
    book.add_worksheet("Forside")
    sheet = book.add_worksheet("Plan")
    for line, row in enumerate(rows):
        sheet.write_row(line, 0, row)
    book.close()

    assert record(tmp_path, ledger, ("plan.xlsx", sink.getvalue())).accepted == 2


def test_the_three_files_keep_every_answer_and_reaction(ledger: Ledger, tmp_path: Path) -> None:
    tilsyn = (
        "internTilsynsid,tildaenhet,startdato,tilsynsform\n"
        f"A1,{number(0)},2027-02-01,meldt\nA2,{number(99)},2027-02-01,meldt\nA3,{number(1)},2027-02-03,dokument\n"
    )
    answers = (
        "internTilsynsid,kontrollpunktId,svar\nA1,BHT-02,brudd\nA1,HMS-01,oppfylt\nA3,HMS-01,brudd\nA3,BHT-01,kanskje\n"
    )
    reactions = "internTilsynsid,bruddOgReaksjonsreferanse,reaksjonstype\nA1,R1,paalegg\n"
    report = record(
        tmp_path,
        ledger,
        ("tilsyn_2027.csv", tilsyn.encode()),
        ("kontrollpunkt_2027.csv", answers.encode()),
        ("reaksjon_2027.csv", reactions.encode()),
    )

    assert (report.read, report.accepted, len(report.quarantined)) == (8, 5, 3)
    with steps("ingest") as progress:
        ingest([tmp_path / "outcomes"], tmp_path, None, False, progress)
    store = Store(tmp_path)
    kept = {table: sum(pq.read_table(p).num_rows for p in store.paths(table)) for table in THREE}

    assert kept == {Inspections: 1, Findings: 2, Reactions: 1}


def test_a_file_broken_as_a_whole_changes_nothing(ledger: Ledger, tmp_path: Path) -> None:
    for name, content in (
        ("plan.csv", b""),
        ("plan.csv", b"a,b\n1,2\n"),
        ("plan.csv", b"\xff\xfe"),
        ("p.xlsx", b"PKxx"),
    ):
        with pytest.raises(BadInputError):
            record(tmp_path, ledger, (name, content))

    assert not (tmp_path / "outcomes").exists()
    with ledger.read() as connection:
        assert life.live_plan(connection, PLAN).outcomes == ()


def test_a_mere_breach_says_nothing_of_the_working_environment(tmp_path: Path) -> None:
    ledger = approved(tmp_path, "working_environment")
    with pytest.raises(BadInputError, match="control points"):
        record(tmp_path, ledger, ("plan.csv", filled_in(ledger, {0: HIT})))


def test_no_identity_number_gets_through_or_is_repeated(ledger: Ledger) -> None:
    person = "0101" + "9012345"
    content = filled_in(ledger, {0: HIT | {"name": f"about {person}"}})
    with ledger.read() as connection:
        upload = read_upload(content, "plan.csv", life.live_plan(connection, PLAN), KNOWN_ON)

    assert (upload.accepted, len(upload.quarantined)) == ((), 1)
    assert person not in str(upload)


def test_the_export_of_another_plan_is_refused_row_by_row(ledger: Ledger) -> None:
    content = filled_in(ledger, {0: HIT}).replace(PLAN.encode(), b"d" * 64)
    with ledger.read() as connection:
        upload = read_upload(content, "plan.csv", life.live_plan(connection, PLAN), KNOWN_ON)

    assert [one.column for one in upload.quarantined] == ["plan"]


def test_any_breach_alone_is_no_answer_where_the_label_counts_breaches(ledger: Ledger) -> None:
    with ledger.read() as connection:
        live = life.live_plan(connection, PLAN)
    told = read_upload(filled_in(ledger, {0: HIT}), "filled.csv", live, KNOWN_ON).accepted
    assert len(told) == 1
    check_answers_told(Target.BHT_USE, told)
    with pytest.raises(BadInputError, match="control-point columns"):
        check_answers_told(Target.WORKING_ENVIRONMENT, told)
