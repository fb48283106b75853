"""One plan from the published run to its result, by the very commands a planner uses."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines import plan as planning
from pipelines.audit_commands import app as audit
from pipelines.plan_life import app
from tests.lib.published_run import publish

PROBLEM = """
capacity = 60
seed = 5
[exploration]
share = 0.5
bins = 4
[[at_most_per]]
column = "enterprise"
count = 1
[standby]
per = "county"
count = 3
[exclude]
sole_proprietor = true
"""


def test_from_a_published_run_to_what_the_plan_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TARGETING_HOME", str(tmp_path))
    publish(tmp_path, establishments=400)
    problem = tmp_path / "problem.toml"
    problem.write_text(PROBLEM)
    planning.run(tmp_path, problem, None, tmp_path / "PLAN.json")

    def run(*words: str, code: int = 0) -> str:
        result = CliRunner().invoke(app, list(words))
        assert result.exit_code == code, result.output + repr(result.exception)
        return result.output

    said = run("propose", str(tmp_path / "PLAN.json"), "--by", "ada")
    identifier = said.split()[1]
    run("approve", identifier, "--by", "ada", code=1)
    assert "approved" in run("approve", identifier, "--by", "bo")
    run("remove", identifier, "x", "--by", "ada", "--reason", "capacity", "--text", "late", code=1)
    run("withdraw", "nothere", "--by", "ada", "--text", "x", code=2)
    exported = tmp_path / "plan.csv"
    run("export", identifier, "--by", "ada", "--format", "csv", "--out", str(exported))

    rng = random.Random(3)
    rows = list(csv.DictReader(exported.read_text("utf-8-sig").splitlines()))
    for row in rows:
        hit = rng.random() < float(row["score"])
        row.update({"result": "inspected", "breach": "ja" if hit else "nei", "inspected_on": "2027-02-01"})
    rows[0].update({"result": "not_inspected", "breach": "", "reason": "closed_down", "inspected_on": ""})
    with exported.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)

    assert "accepted 60" in run("outcomes", identifier, str(exported), "--by", "ada", "--known-on", "2027-03-01")
    report = run("report", identifier)
    assert "prevalence of breach among the" in report
    assert "not to be quoted as prevalence" in report
    assert "times as wide as the difference estimator's" in report
    assert "times as often as a random inspection" in report
    assert "in progress" in run("list")
    assert "the ledger is whole" in CliRunner().invoke(audit, ["verify"]).output

    frame = next((tmp_path / "plans").glob("*/frame.parquet"))
    frame.write_bytes(frame.read_bytes() + b" ")
    run("report", identifier, code=2)
