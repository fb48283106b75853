"""A trial from the published run to its one result, by the commands a planner uses."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from pipelines.ingest import ingest
from pipelines.progress import steps
from pipelines.trial import app
from pipelines.trial_acts import freeze_trial, tell
from targeting.domain import AsOf, BadInputError, RefusedError, Target
from targeting.labels import label_rows
from targeting.ledger import verify
from targeting.planning.trial import TrialArm
from targeting.snapshots import Store
from targeting.tables import MissedVisits
from tests.lib.plan_story import by, new_ledger
from tests.lib.published_run import publish

KNOWN_ON = date(2027, 3, 1)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TARGETING_HOME", str(tmp_path))
    publish(tmp_path, establishments=2500)
    return tmp_path


def run(*words: str, code: int = 0) -> str:
    answer = CliRunner().invoke(app, list(words))
    assert answer.exit_code == code, answer.output + repr(answer.exception)
    return answer.output


def designed(home: Path, *more: str) -> Path:
    path = home / "design.json"
    run("design", "--name", "autumn", "--per-arm", "30", "--rule", "age_months", "--out", str(path), *more)
    return path


def rows_of(visits: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(visits.read_text().splitlines()))


def filled(home: Path, rows: list[dict[str, str]], name: str = "filled.csv") -> Path:
    path = home / name
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


def answers(visits: Path, day: str = "2027-02-01") -> Iterator[dict[str, str]]:
    for number, row in enumerate(rows_of(visits)):
        if number == 0:
            yield row | {"result": "not_inspected", "reason": "moved"}
        else:
            yield row | {"result": "inspected", "breach": "ja" if number % 2 else "nei", "inspected_on": day}


def test_the_result_is_told_once_when_the_last_outcome_is_in(home: Path) -> None:
    trial, visits = freeze_trial(home, by(), designed(home, "--seed", "7"))
    rows = list(answers(visits))

    with pytest.raises(RefusedError, match="40 of 90 missing"):
        tell(home, by(), trial.id[:10], [filled(home, rows[:50])], KNOWN_ON)
    assert not (visits.parent / "result.txt").exists()

    first, second = filled(home, rows[:50], "one.csv"), filled(home, rows[50:], "two.csv")
    told = tell(home, by(), trial.id[:10], [first, second], KNOWN_ON)
    page = told.page.read_text()
    assert "model less today's rule (the declared metric)" in page
    assert "not inspected, with a reason: 1" in page
    assert tell(home, by(minutes=5), trial.id, [first, second], KNOWN_ON) == told

    changed = filled(home, [*rows[:-1], rows[-1] | {"breach": "nei" if rows[-1]["breach"] == "ja" else "ja"}])
    with pytest.raises(RefusedError, match="read once"):
        tell(home, by(), trial.id, [changed], KNOWN_ON)
    assert told.page.read_text() == page
    assert verify(new_ledger(home)) == ()


def test_a_told_trial_teaches_the_next_training(home: Path) -> None:
    trial, visits = freeze_trial(home, by(), designed(home, "--seed", "7"))
    told = tell(home, by(), trial.id, [filled(home, list(answers(visits)))], KNOWN_ON)
    with steps("ingest") as progress:
        assert ingest([told.files[0].parent], home, None, False, progress).refused == ()

    store, arms = Store(home), {one.establishment: one.arm for one in trial.assignments}
    assert label_rows(store, Target.BHT_USE, AsOf(KNOWN_ON)).num_rows == 0  # not known before it was told
    seen = label_rows(store, Target.BHT_USE, AsOf(date(2027, 3, 2))).to_pylist()
    expected = [row for row in answers(visits) if row["result"] == "inspected"]
    assert {row["establishment"]: row["label"] for row in seen} == {
        row["establishment"]: int(row["breach"] == "ja") for row in expected
    }
    assert all(row["random_selection"] is (arms[row["establishment"]] is TrialArm.RANDOM) for row in seen)
    (missed,) = (row for path in store.paths(MissedVisits) for row in pq.read_table(path).to_pylist())
    assert (missed["establishment"], missed["reason"]) == (rows_of(visits)[0]["establishment"], "moved")


def test_the_list_of_visits_hides_the_arms_and_the_design_holds_them(home: Path) -> None:
    design = designed(home)
    trial, visits = freeze_trial(home, by(), design)

    assert {arm for _, _, arm in json.loads(design.read_text())["assignments"]} == {"model", "rule", "random"}
    assert not {"model", "rule", "random"} & set(visits.read_text().replace("\n", ",").split(","))
    assert [row["establishment"] for row in rows_of(visits)] == sorted(one.establishment for one in trial.assignments)


def test_what_was_visited_before_the_freezing_counts_for_no_arm(home: Path) -> None:
    trial, visits = freeze_trial(home, by(), designed(home))

    with pytest.raises(RefusedError, match="from 2027-01-04 on"):
        tell(home, by(), trial.id, [filled(home, list(answers(visits, "2027-01-03")))], KNOWN_ON)


def test_a_list_that_cannot_be_read_is_named_by_line(home: Path) -> None:
    trial, visits = freeze_trial(home, by(), designed(home))
    rows = list(answers(visits))

    with pytest.raises(BadInputError, match=r"filled\.csv, line 3, breach"):
        tell(home, by(), trial.id, [filled(home, [rows[0], rows[1] | {"breach": "maybe"}])], KNOWN_ON)
    with pytest.raises(BadInputError, match="trial"):
        tell(home, by(), trial.id, [filled(home, [rows[0] | {"trial": "d" * 64}])], KNOWN_ON)
    both = [filled(home, rows, "one.csv"), filled(home, [rows[1] | {"breach": "nei"}], "two.csv")]
    with pytest.raises(BadInputError, match="two that differ"):
        tell(home, by(), trial.id, both, KNOWN_ON)


def test_from_the_command_line(home: Path) -> None:
    assert "173 an arm see 45% against 60%" in run("power", "--rule", "0.45", "--model", "0.60")
    run("power", "--rule", "0.45", "--model", "0.45", code=2)
    design = designed(home)
    assert "30 inspections in each of 3 arms" in run("freeze", str(design), "--by", "ada")
    run("freeze", str(design), "--by", "ada", code=1)
    run("freeze", str(design), "--by", "ada", "--role", "auditor", code=1)
    (visits,) = home.glob("trials/*/visits.csv")
    run("result", visits.parent.name, str(visits), "--by", "ada", code=1)
    run("result", visits.parent.name, str(home / "absent.csv"), "--by", "ada", code=2)
    run("result", "nothere", str(visits), "--by", "ada", code=2)
    run("design", "--name", "x", "--per-arm", "3000", "--rule", "age_months", code=2)
