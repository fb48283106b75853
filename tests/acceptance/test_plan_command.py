"""What `python -m pipelines plan` answers: 0 with a plan, 1 when no plan keeps the rules, 2 for broken input."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from pipelines.__main__ import app
from tests.lib.published_run import publish

_SIZE = 300


def _columns() -> dict[str, Any]:
    rng = np.random.default_rng(1)
    return {
        "establishment": [f"2{number:08d}" for number in range(_SIZE)],
        "enterprise": [f"e{number}" for number in rng.integers(0, 150, _SIZE)],
        "score": rng.random(_SIZE).tolist(),
        "county": rng.choice(["03", "11", "46"], _SIZE).tolist(),
    }


def _changed(**columns: Any) -> pa.Table:
    """The usual candidates with columns replaced; null takes a column away."""
    merged = {**_columns(), **columns}
    return pa.table({name: values for name, values in merged.items() if values is not None})


def _first_score(value: float | None) -> pa.Table:
    return _changed(score=[value, *_columns()["score"][1:]])


class Desk:
    """A planner's folder: writes the two files, runs the command, reads the plan."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.out = folder / "PLAN.json"

    def plan(self, problem: str, candidates: pa.Table | None = None) -> Result:
        path, rows = self.folder / "problem.toml", self.folder / "candidates.parquet"
        path.write_text(problem)
        words = ["plan", "--problem", str(path), "--out", str(self.out)]
        if candidates is not None:
            pq.write_table(candidates, rows)
            words += ["--candidates", str(rows)]
        return CliRunner().invoke(app, words)

    @property
    def document(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads(self.out.read_text())
        return read


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("TARGETING_HOME", str(tmp_path / "home"))
    return Desk(tmp_path)


def _at_least(county: str, count: int) -> str:
    return f'[[at_least]]\nwhere = {{ county = "{county}" }}\ncount = {count}\n'


_OK = 'capacity = 20\nseed = 1\n[exploration]\nshare = 0.2\n[[at_most_per]]\ncolumn = "enterprise"\ncount = 1\n'
_TOO_MANY = "capacity = 20\n" + _at_least("03", 15) + _at_least("11", 10)
_CONTRADICTORY = "capacity = 20\n" + _at_least("03", 15) + '[[at_most]]\nwhere = { county = "03" }\ncount = 10\n'


_ONE_COUNTY = _changed(county=["03"] * _SIZE)
_NOBODY = _changed().slice(0, 0)


@pytest.mark.parametrize(
    ("problem", "candidates", "clash", "helps"),
    [
        (_TOO_MANY, _changed(), "a clash between «capacity 20», «at least 15", "» becomes"),
        (_CONTRADICTORY, _changed(), "«at least 15 where county=03», «at most 10", "county=03» becomes 10"),
        ("capacity = 0\n" + _at_least("03", 1), _changed(), "«capacity 0»", "becomes 0"),
        ("capacity = 9\n" + _at_least("11", 2), _ONE_COUNTY, "«at least 2 where county=11», for which", "becomes 0"),
        ("capacity = 9\n" + _at_least("03", 2), _NOBODY, "for which there are too few candidates", "becomes 0"),
        ("capacity = 500\n" + _at_least("99", 1), _changed(), "for which there are too few candidates", "becomes 0"),
    ],
    ids=["infeasible", "contradictory", "zero capacity", "one county only", "no candidates", "nobody there"],
)  # fmt: skip
def test_where_no_plan_keeps_the_rules_the_answer_is_1_and_says_what_helps(
    desk: Desk, problem: str, candidates: pa.Table, clash: str, helps: str
) -> None:
    answer = desk.plan(problem, candidates)

    assert answer.exit_code == 1
    assert clash in answer.output
    assert helps in answer.output.split("the smallest relaxation that helps")[1]
    assert not desk.out.exists()


@pytest.mark.parametrize(
    ("problem", "candidates", "slots", "said"),
    [
        ("capacity = 0", _changed(), 0, "The capacity is 0, so there is nothing to plan."),
        ("capacity = 500", _changed(), _SIZE, "slots are unfilled: every eligible establishment is in the plan."),
        ("capacity = 9", _changed().slice(0, 0), 0, "9 of 9 slots are unfilled: nobody is eligible."),
        ("capacity = 9", _changed(score=[0.5] * _SIZE), 9, "proved best (gap 0)"),
        ("capacity = 9", _changed(county=["03"] * _SIZE), 9, "proved best (gap 0)"),
        ("capacity = 9\n[exploration]\nshare = 1.0", _changed(), 9, "0 ranked, 9 drawn"),
        ('capacity = 9\n[[at_most]]\nwhere = { county = "3" }\ncount = 0', _changed(), 9,
         "Note: «at most 0 where county=3» is about no eligible establishment."),
    ],
    ids=["zero capacity", "above the cohort", "no candidates", "all ties", "one county", "all drawn", "misspelt"],
)  # fmt: skip
def test_the_edges_have_a_plan_and_say_what_it_is(
    desk: Desk, problem: str, candidates: pa.Table, slots: int, said: str
) -> None:
    answer = desk.plan(problem, candidates)

    assert answer.exit_code == 0, answer.output
    assert said in answer.output
    assert (len(desk.document["slots"]), desk.document["gap"]) == (slots, 0.0)


def test_when_all_scores_tie_the_seed_decides_and_repeats(desk: Desk) -> None:
    ties = _changed(score=[0.5] * _SIZE)
    plans = []
    for seed in (1, 1, 2):
        assert desk.plan(f"capacity = 9\nseed = {seed}", ties).exit_code == 0
        plans.append(desk.out.read_bytes())

    assert plans[0] == plans[1] != plans[2]


_HOURS = "capacity = 9\n[[total]]\ncolumn = 'county'\nat_most = 9\n"
_LATE = _columns()["establishment"][1:]


@pytest.mark.parametrize(
    ("candidates", "said"),
    [
        (_changed(score=None), "a candidates column score"),
        (_changed(enterprise=None), "a candidates column enterprise"),
        (_changed(establishment=None), "a candidates column establishment"),
        (_first_score(None), "candidates.score"),
        (_first_score(float("nan")), "candidates.score"),
        (_first_score(float("inf")), "candidates.score"),
        (_first_score(1.7), "a probability from 0 to 1 in every row, got 1 outside, such as 1.7"),
        (_first_score(-0.1), "a probability from 0 to 1 in every row"),
        (_changed(score=["high"] * _SIZE), "candidates.score"),
        (_changed(establishment=[_LATE[0], *_LATE]), "each establishment once, got 1 repeated"),
        (_changed(establishment=[None, *_LATE]), "a number in every row, got 1 empty"),
        (_changed(enterprise=[["e1"]] * _SIZE), "a column with one value a row, to count by"),
    ],
    ids=["no score", "no enterprise", "no number", "null score", "NaN", "infinite", "above 1", "below 0", "text score",
         "twice", "null number", "list"],
)  # fmt: skip
def test_broken_candidates_answer_2_and_name_the_column(desk: Desk, candidates: pa.Table, said: str) -> None:
    answer = desk.plan(_OK, candidates)

    assert answer.exit_code == 2
    assert said in answer.output
    assert "Traceback" not in answer.output
    assert not desk.out.exists()


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        ("capacity = 9\ncapasity = 9", "'capasity'"),
        ("capacity = -1", "a whole number of at least 0, got -1 (capacity)"),
        ("capacity = 9\n" + _at_least("03", -1), "at_least[0].count"),
        ("capacity = 9\n[exploration]\nshare = 1.5", "a share from 0 to 1, got 1.5"),
        ("capacity = 9\n[exploration]\nshare = nan", "exploration.share"),
        ("capacity = 9\n[exclude]\nregion = 'north'", "a candidates column region"),
        ("capacity = 9\n[standby]\nper = 'region'\ncount = 1", "a candidates column region"),
        (_HOURS + "weights = { 03 = 1 }", "a weight for every value of county"),
        (_HOURS + "weights = { 03 = -1 }", "total[0].weights.03"),
        ("capacity = 9\n[exclude]\ncounty = { is = '03', below = 1 }", "exclude.county"),
        ("capacity = ", "TOML"),
        ("", "the key capacity"),
    ],
)  # fmt: skip
def test_a_broken_problem_answers_2_and_names_the_key(desk: Desk, problem: str, said: str) -> None:
    answer = desk.plan(problem, _changed())

    assert answer.exit_code == 2
    assert said in answer.output
    assert "Traceback" not in answer.output


def test_plan_json_holds_what_the_contract_promises(desk: Desk) -> None:
    assert (
        desk.plan(_OK + "[standby]\nper = 'county'\ncount = 1\n[exclude]\ncounty = '46'\n", _changed()).exit_code == 0
    )
    document = desk.document

    assert {"slots", "standby", "objective", "bound", "gap", "prices", "excluded", "hash"} <= document.keys()
    for slot in document["slots"]:
        assert slot.keys() == {"establishment", "arm", "inclusion_probability", "score", "constraint_cells"}
        assert slot["arm"] in ("ranked", "exploration")
        assert (slot["inclusion_probability"] == 1.0) is (slot["arm"] == "ranked")
    assert document["objective"] == pytest.approx(sum(slot["score"] for slot in document["slots"]))
    assert document["bound"] - document["objective"] == document["gap"] == 0.0
    assert document["excluded"] == {"county = 46": _columns()["county"].count("46")}
    assert [price["rule"] for price in document["prices"]] == ["at most 1 per enterprise", "exploration share 0.2"]
    assert min(price["price"] for price in document["prices"]) >= 0
    assert {one["value"] for one in document["standby"]} == {"03", "11"}
    assert len(document["hash"]) == 64


@pytest.mark.parametrize(
    ("problem", "code"),
    [
        ("capacity = 30\n" + _at_least("03", 20) + _at_least("46", 20), 1),
        ("capacity = 30\n" + _at_least("99", 1), 1),
        ("capacity = 0", 0),
        ("capacity = 100000", 0),
        ("capacity = 30\n[exclude]\ncounty = ['03', '31', '46', '55']", 0),
        ("capacity = 30\n[[at_most]]\nwhere = { region = 'x' }\ncount = 1", 2),
    ],
)
def test_a_published_run_answers_alike(desk: Desk, problem: str, code: int) -> None:
    publish(desk.folder / "home", establishments=300)
    answer = desk.plan(problem)

    assert answer.exit_code == code, answer.output
    assert "Traceback" not in answer.output


def test_the_dial_shows_what_exploration_costs(desk: Desk) -> None:
    pq.write_table(_changed(), desk.folder / "candidates.parquet")
    (desk.folder / "problem.toml").write_text(_OK)
    words = [
        "dial",
        "--problem",
        str(desk.folder / "problem.toml"),
        "--candidates",
        str(desk.folder / "candidates.parquet"),
    ]
    answer = CliRunner().invoke(app, words)

    assert answer.exit_code == 0, answer.output
    rows = [line.split() for line in answer.output.splitlines()[2:]]
    assert [row[0] for row in rows] == ["0%", "5%", "10%", "15%", "20%", "30%", "40%", "50%"]
    assert [row[1] for row in rows] == ["0", "1", "2", "3", "4", "6", "8", "10"]
    assert float(rows[-1][2]) > float(rows[0][2]) == 0.0
