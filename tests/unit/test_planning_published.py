"""Planning from the published run, and `python -m pipelines plan` from a candidates file."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.plan import plan, plan_from_published, run
from targeting.domain import BadInputError, NotFoundError, Target
from targeting.planning import Exploration, default_problem
from targeting.published import open_current
from tests.lib.published_run import publish

_AS_OF = date(2027, 1, 1)


def _months_before(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 - months
    return date(index // 12, index % 12 + 1, day.day)


def _may_be_planned(row: dict[str, Any]) -> bool:
    """DOMAIN 7.3 once more, written over one row."""
    recently = row["last_inspected_on"] and row["last_inspected_on"] > _months_before(_AS_OF, 12)
    on_topic = row["last_bht_inspected_on"] and row["last_bht_inspected_on"] > _months_before(_AS_OF, 24)
    other = row["other_authority_on"] and abs((row["other_authority_on"] - _AS_OF).days) <= 60
    young = row["age_months"] is not None and row["age_months"] < 6
    barred = row["sole_proprietor"] or row["open_case"] or row["bankrupt"] or row["winding_up"] or not row["living"]
    dutiless = row["bht_duty"] != "yes" or row["employees_low"] == 0 or row["bht_dispensation"] == "full"
    return not (recently or on_topic or other or young or barred or dutiless)


def test_with_no_exploration_the_default_plan_is_the_published_order_of_the_eligible(tmp_path: Path) -> None:
    publish(tmp_path, establishments=900, as_of=_AS_OF)
    published = open_current(tmp_path)
    facts = {row["establishment"]: row for row in published.establishments.to_pylist()}
    listed = published.scores(Target.BHT_USE).column("establishment").to_pylist()
    expected = [name for name in listed if _may_be_planned(facts[name])][:40]
    problem = replace(
        default_problem(), capacity=40, seed=published.about.seed, exploration=Exploration(share=0.0), standby=()
    )
    made = plan_from_published(tmp_path, problem)
    assert [slot.establishment for slot in made.slots] == expected
    assert len(made.eligible) + sum(made.eligibility.counts.values()) == len(listed)


def test_the_default_plan_is_written_under_plans_by_its_hash(tmp_path: Path) -> None:
    publish(tmp_path, establishments=900, as_of=_AS_OF)
    page = run(tmp_path, None, None, None)
    (path,) = (tmp_path / "plans").glob("*.json")
    document = json.loads(path.read_text())
    assert document["hash"] == path.stem
    assert document["problem"]["seed"] == open_current(tmp_path).about.seed
    assert {slot["arm"] for slot in document["slots"]} == {"ranked", "exploration"}
    assert "Not eligible:" in page


def test_without_a_published_run_the_planner_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="pipelines score"):
        run(tmp_path, None, None, None)


def _candidates(path: Path) -> Path:
    rng = np.random.default_rng(1)
    pq.write_table(
        pa.table(
            {
                "establishment": [f"{number:09d}" for number in range(300)],
                "enterprise": [f"e{number}" for number in rng.integers(0, 150, 300)],
                "score": rng.random(300),
                "county": rng.choice(["03", "11"], 300),
            }
        ),
        path,
    )
    return path


_PROBLEM = """
capacity = 20
seed = 4
[exploration]
share = 0.2
[[at_least]]
where = { county = "03" }
count = 12
[[at_most_per]]
column = "enterprise"
count = 1
"""


def test_a_plan_from_a_file_has_the_promised_parts_and_the_same_bytes_twice(tmp_path: Path) -> None:
    problem, candidates = tmp_path / "problem.toml", _candidates(tmp_path / "candidates.parquet")
    problem.write_text(_PROBLEM)
    outs = [tmp_path / "one" / "plan.json", tmp_path / "two" / "plan.json"]
    for out in outs:
        plan(problem, candidates, out)
    assert outs[0].read_bytes() == outs[1].read_bytes()
    tables = [out.with_name("plan.probabilities.parquet") for out in outs]
    assert tables[0].read_bytes() == tables[1].read_bytes()
    document = json.loads(outs[0].read_text())
    assert {"slots", "standby", "objective", "bound", "gap", "prices", "excluded", "hash"} <= set(document)
    assert document["gap"] == 0.0
    assert [slot["arm"] for slot in document["slots"]] == ["ranked"] * 16 + ["exploration"] * 4
    everybody = pq.read_table(tables[0])
    assert sum(everybody["probability"].to_pylist()) == pytest.approx(4)
    assert min(everybody["probability"].to_pylist()) > 0
    stated = dict(zip(everybody["establishment"].to_pylist(), everybody["probability"].to_pylist(), strict=True))
    for slot in document["slots"][16:]:
        assert slot["inclusion_probability"] == stated[slot["establishment"]]


def test_files_that_are_not_what_they_should_be_are_named(tmp_path: Path) -> None:
    problem = tmp_path / "problem.toml"
    problem.write_text(_PROBLEM)
    broken = tmp_path / "candidates.parquet"
    broken.write_text("no parquet")
    with pytest.raises(BadInputError, match=r"candidates\.parquet"):
        plan(problem, broken, tmp_path / "plan.json")
    with pytest.raises(BadInputError, match=r"absent\.toml"):
        plan(tmp_path / "absent.toml", _candidates(broken), tmp_path / "plan.json")
