"""What one plan could not inspect reaches the next: from the filled-in list through the store to the reason."""

from __future__ import annotations

import csv
import io
import random
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.ingest import ingest
from pipelines.outcomes import outcomes
from pipelines.plan import plan_from_published
from pipelines.progress import steps
from targeting.cohort import choose_union
from targeting.domain import AsOf, Quarter, Target
from targeting.labels import label_rows
from targeting.planning import life, probabilities, problem_from_toml
from targeting.planning.exports import Format, export_of, written
from targeting.published import ESTABLISHMENTS, SCORES, SECTORS, PublishedTables, Run, write_run
from targeting.scoring import write_establishments
from targeting.snapshots import AsOfView, Store
from targeting.tables import Enterprises, Establishments, MissedVisits
from tests.lib import published_run as lib
from tests.lib.plan_story import APPROVER, PLAN, by, new_ledger, plan_record
from tests.lib.small_country import conforming, number, store_of

KNOWN_ON = date(2027, 3, 1)
PROBLEM = problem_from_toml("""
capacity = 3
[exclude]
months_since_missed_closed_down = { below = 24 }
months_since_missed_no_answer = { below = 6 }
""")
GIVEN_UP = {0: "closed_down", 1: "no_answer", 2: "no_capacity"}


def store_with_the_units_of_the_plan(home: Path) -> Store:
    units = [
        {
            "establishment": number(index),
            "enterprise": number(100 + index),
            "known_on": date(2025, 11, 1),
            "version": 0,
            "status": "living",
            "industry_code": "81.210",
            "industry_standard": "SN2025",
            "employees_registered": True,
            "started_on": date(2015, 1, 1),
        }
        for index in range(6)
    ]
    owners = [
        {"enterprise": row["enterprise"], "known_on": row["known_on"], "version": 0, "status": "living", "form": "AS"}
        for row in units
    ]
    tables = {"establishments": conforming(Establishments, units), "enterprises": conforming(Enterprises, owners)}
    return store_of(tables, home)


def give_up(home: Path) -> None:
    """A plan of these six is carried out: three could not be inspected, the others were, and found in order."""
    ledger = new_ledger(home)
    with ledger.write() as connection:
        life.draft(connection, by(), plan_record())
        life.propose(connection, by(), PLAN)
        life.approve(connection, by(APPROVER), PLAN)
        export = export_of(life.live_plan(connection, PLAN), AsOf(date(2027, 1, 1)), "v1")
    rows = list(csv.DictReader(io.StringIO(written(export, Format.CSV).decode("utf-8-sig"), newline="")))
    for row in rows:
        index = next(index for index in range(6) if number(index) == row["establishment"])
        made = {"result": "inspected", "breach": "nei", "inspected_on": "2027-02-01"}
        row.update({"result": "not_inspected", "reason": GIVEN_UP[index]} if index in GIVEN_UP else made)
    path = home / "plan.csv"
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    report = outcomes(ledger, home, by(), PLAN, [path], KNOWN_ON)
    assert [path.name.split("_2027")[0] for path in report.files] == [
        "tilsyn",
        "kontrollpunkt",
        "reaksjon",
        "ikke_gjennomfort",
    ]


def reasons(home: Path, store: Store, day: date, digit: str) -> dict[str, str | None]:
    """Why each establishment is left out of the plan that is drawn on `day`."""
    with AsOfView.open(store, None, [AsOf(day)]) as view:
        choose_union(view, [Target.BHT_USE])
        write_establishments(view, home / "establishments.parquet")
    establishments = pq.read_table(home / "establishments.parquet").cast(ESTABLISHMENTS)
    rows = lib.score_rows(random.Random(1), establishments.to_pylist(), Target.BHT_USE, 1)
    about = {Target.BHT_USE: lib.target_run(Target.BHT_USE, "v1")}
    scores = {Target.BHT_USE: pa.Table.from_pylist(rows, schema=SCORES)}
    run = Run(AsOf(day), Quarter.of(day), 1, digit * 64, about)
    write_run(home, run, PublishedTables(establishments, SECTORS.empty_table(), scores))
    told = probabilities(plan_from_published(home, PROBLEM)).to_pylist()
    return {row["establishment"]: row["excluded_because"] for row in told}


def test_the_next_draw_leaves_out_what_could_not_be_inspected_for_its_time(tmp_path: Path) -> None:
    store = store_with_the_units_of_the_plan(tmp_path)
    assert set(reasons(tmp_path, store, date(2027, 1, 1), "a").values()) == {None}
    give_up(tmp_path)
    with steps("ingest") as progress:
        assert ingest([tmp_path / "outcomes"], tmp_path, None, False, progress).refused == ()

    kept = [row for path in store.paths(MissedVisits) for row in pq.read_table(path).to_pylist()]
    assert sorted((row["establishment"], row["reason"], row["known_on"]) for row in kept) == sorted(
        (number(index), reason, KNOWN_ON) for index, reason in GIVEN_UP.items()
    )
    assert label_rows(store, Target.BHT_USE).num_rows == 3  # a visit that was given up is no label

    closed, silent = (
        "months_since_missed_closed_down below 24",
        "months_since_missed_no_answer below 6",
    )
    everybody = dict.fromkeys(map(number, range(6)))
    spring, autumn, later = date(2027, 4, 1), date(2027, 10, 1), date(2029, 4, 1)
    assert reasons(tmp_path, store, spring, "b") == everybody | {number(0): closed, number(1): silent}
    assert reasons(tmp_path, store, autumn, "c") == everybody | {number(0): closed}
    assert reasons(tmp_path, store, later, "d") == everybody
