"""`python -m pipelines areas`: what the runs say of each priority area, what was found there, and how to spread N."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from pipelines.__main__ import app
from pipelines.plan_acts import ledger_at
from targeting.ledger import Outcome, OutcomeResult
from targeting.planning import life
from targeting.published import open_current
from tests.lib.plan_story import APPROVER, by, plan_record
from tests.lib.published_run import AREAS, publish
from tests.lib.small_country import number


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TARGETING_HOME", str(tmp_path))
    publish(tmp_path, establishments=120, digit="f", as_of=date(2026, 10, 1))
    publish(tmp_path, establishments=900, digit="a", as_of=date(2027, 1, 1), release="v2")
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["areas", *words])


def document(*words: str) -> dict[str, Any]:
    answer = run("--format", "json", *words)
    assert answer.exit_code == 0, answer.output
    read: dict[str, Any] = json.loads(answer.stdout)
    return read


def test_every_area_has_its_figures_its_trend_and_its_share(home: Path) -> None:
    read = document("--target", "bht_use", "--inspections", "60", "--minimum", "5")
    areas = read["areas"]

    assert (read["run"], read["as_of"], read["inspections"]) == ("a" * 16, "2027-01-01", 60)
    assert [one["area"] for one in areas] == list(AREAS)
    assert sum(one["allocation"]["inspections"] for one in areas) == 60
    for one in areas:
        assert one["low"] <= one["expected_rate"] <= one["high"]
        assert [(point["run"][0], point["as_of"]) for point in one["trend"]] == [
            ("f", "2026-10-01"),
            ("a", "2027-01-01"),
        ]
        assert one["allocation"]["minimum"] == 5 <= one["allocation"]["inspections"]
        assert one["allocation"]["last_ten"] >= one["allocation"]["next_ten"]
        assert one["allocation"]["why"].keys() == {"nb", "en"}


def test_outcomes_of_earlier_plans_are_the_last_results(home: Path) -> None:
    record = plan_record(ranked=8, explored=0)
    day = date(2027, 1, 4)
    with ledger_at(home).write() as connection:
        life.draft(connection, by(), record)
        life.propose(connection, by(), record.id)
        life.approve(connection, by(APPROVER), record.id)
        found = [Outcome(number(i), OutcomeResult.INSPECTED, i < 3, None, day, day) for i in range(8)]
        life.record(connection, by(), record.id, found)
    members = {row["establishment"]: row["priority_areas"] for row in open_current(home).establishments.to_pylist()}

    for one in document("--inspections", "30")["areas"]:
        inside = [i for i in range(8) if one["area"] in members.get(number(i), [])]
        shown = sum(i < 3 for i in inside) if len(inside) >= 5 else None
        assert one["last_results"]["inspected"] == len(inside)
        assert one["last_results"]["breaches"] == shown
    other = document("--inspections", "30", "--target", "working_environment")["areas"]
    assert [one["last_results"]["inspected"] for one in other] == [0] * len(AREAS)


def test_the_page_is_for_planners(home: Path) -> None:
    answer = run("--inspections", "60", "--minimum", "5")

    assert answer.exit_code == 0, answer.output
    assert "2026-10-01 50.0% → 2027-01-01 50.0%" in answer.output
    assert "hvorfor (why)" in answer.output
    assert "avtakende utbytte (returns)" in answer.output


def test_what_cannot_be_is_answered_in_words(home: Path, tmp_path: Path) -> None:
    too_many = run("--inspections", "6", "--minimum", "5")
    assert too_many.exit_code == 1
    assert "the smallest relaxation that helps" in too_many.output
    assert run("--format", "xml").exit_code == 2
    assert run("--target", "nothing").exit_code == 2
    assert {one["allocation"]["inspections"] for one in document("--inspections", "0")["areas"]} == {0}


def test_without_a_run_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TARGETING_HOME", str(tmp_path))
    answer = run()

    assert answer.exit_code == 2
    assert "pipelines score" in answer.output
