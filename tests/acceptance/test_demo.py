"""What a newcomer gets: the whole way on a synthetic country, twice, from the command line."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from subprocess import CompletedProcess

import pyarrow.parquet as pq
import pytest

from tests.lib.command_line import run_pipelines

pytestmark = pytest.mark.night

_ESTABLISHMENTS, _SEED = "12000", "7"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "home"


@pytest.fixture(scope="module")
def demo(home: Path) -> CompletedProcess[str]:
    return run_pipelines(home, "demo", "--establishments", _ESTABLISHMENTS, "--seed", _SEED)


@pytest.fixture(scope="module")
def published(home: Path, demo: CompletedProcess[str]) -> Path:
    assert demo.returncode == 0, demo.stderr
    return home / "published" / (home / "published" / "CURRENT").read_text().strip()


def test_the_demo_ends_well_and_keeps_quiet_on_stderr_away_from_a_terminal(demo: CompletedProcess[str]) -> None:
    assert demo.returncode == 0, demo.stderr
    assert "it/s" not in demo.stderr
    assert "never evidence" in demo.stdout


def test_it_prints_the_forward_backtest_and_the_ratio_to_both_oracles(demo: CompletedProcess[str]) -> None:
    assert "ours/obs." in demo.stdout
    assert "ours/full" in demo.stdout
    assert "bht_use" in demo.stdout


def test_the_first_list_holds_300_living_employing_establishments_with_the_duty(home: Path, published: Path) -> None:
    plan = _plan(home)
    facts = pq.read_table(published / "establishments.parquet").to_pandas().set_index("establishment")
    listed = [slot["establishment"] for slot in plan["slots"]]
    chosen = facts.loc[listed]

    assert len(listed) == len(set(listed)) == 300
    assert (chosen["bht_duty"] == "yes").all()
    assert (chosen["employees_low"] >= 1).all()
    assert chosen["living"].all()
    assert not chosen["sole_proprietor"].any()


def test_the_first_list_is_the_best_scores_among_the_eligible(home: Path, published: Path) -> None:
    plan = _plan(home)
    scores = pq.read_table(published / "scores_bht_use.parquet").to_pandas().set_index("establishment")["score"]
    listed = {slot["establishment"]: slot["arm"] for slot in plan["slots"]}
    ranked = [number for number, arm in listed.items() if arm == "ranked"]

    assert scores[ranked].min() >= scores.median()
    assert scores[ranked].mean() > scores.mean() * 1.1


def test_rank_gives_what_scripts_rely_on(home: Path, published: Path) -> None:
    answer = run_pipelines(home, "rank", "bht_use", "--limit", "300", "--format", "json")
    rows = json.loads(answer.stdout)

    assert answer.returncode == 0, answer.stderr
    assert len(rows) == 300
    keys = {"rank", "establishment", "enterprise", "name", "industry", "county", "employees", "score", "reasons"}
    assert all(keys <= set(row) for row in rows)
    assert [row["rank"] for row in rows] == list(range(1, 301))
    assert all(len(row["reasons"]) >= 1 for row in rows)
    assert all(row["establishment"][0] in "23" for row in rows)


@pytest.mark.night
def test_the_same_seed_gives_the_same_published_bytes(
    home: Path, published: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    again = tmp_path_factory.mktemp("again") / "home"
    second = run_pipelines(again, "demo", "--establishments", _ESTABLISHMENTS, "--seed", _SEED)

    assert second.returncode == 0, second.stderr
    assert _digests(again / "published") == _digests(home / "published")


def test_a_demo_never_touches_a_home_that_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "snapshots").mkdir()

    refused = run_pipelines(tmp_path, "demo", "--establishments", "2000")

    assert refused.returncode == 1
    assert "TARGETING_HOME" in refused.stderr
    assert (tmp_path / "snapshots").is_dir()


def _plan(home: Path) -> dict[str, list[dict[str, str]]]:
    (file,) = (home / "plans").glob("*.json")
    content: dict[str, list[dict[str, str]]] = json.loads(file.read_text())
    return content


def _digests(folder: Path) -> dict[str, str]:
    files = [file for file in folder.rglob("*") if file.is_file()]
    return {str(f.relative_to(folder)): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}
