"""From a store to a printed ranking, twice: the same inputs give the same models, runs and bytes."""

from __future__ import annotations

import csv
import io
import json
import shutil
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest

from pipelines import rank, score, train
from pipelines.progress import Progress
from targeting.domain import AsOf, BadInputError, NotFoundError, RefusedError, Target
from targeting.modelling.registry import champion
from targeting.published import open_current
from tests.lib.small_country import small_country, store_of

AS_OF = AsOf(date(2026, 10, 1))
SILENT = Progress("test", visible=False)


class Made(NamedTuple):
    home: Path
    report: train.TrainReport
    run: str


def _make(home: Path) -> Made:
    store_of(small_country(7, 250), home)
    report = train.train(home, None, AS_OF, SILENT)
    return Made(home, report, score.score(home, AS_OF, SILENT))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return _make(tmp_path_factory.mktemp("one"))


def _files(home: Path) -> dict[str, bytes]:
    folders = (home / "published", home / "models")
    return {str(p.relative_to(home)): p.read_bytes() for folder in folders for p in folder.rglob("*") if p.is_file()}


def test_a_second_home_with_the_same_inputs_is_the_same_bytes(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train.Tracker, "record", lambda *_, **__: "")  # its own database is a record of each training
    again = _make(tmp_path)
    assert again.run == made.run
    assert _files(again.home) == _files(made.home)


def test_every_cohort_is_ranked_whole_and_described(made: Made) -> None:
    run = open_current(made.home)
    assert set(run.about.targets) == set(Target)
    known = set(run.establishments.column("establishment").to_pylist())
    for target in Target:
        scores = run.scores(target)
        assert scores.column("rank").to_pylist() == list(range(1, scores.num_rows + 1))
        assert set(scores.column("establishment").to_pylist()) <= known
        assert run.about.targets[target].release == champion(made.home, target)
    assert set(run.sectors.column("target").to_pylist()) <= {str(target) for target in Target}


def test_scoring_again_is_the_same_run_and_another_day_another(made: Made) -> None:
    before = _files(made.home)
    assert score.score(made.home, AS_OF, SILENT) == made.run
    assert _files(made.home) == before


def test_few_labels_release_a_rule_and_the_report_says_why(made: Made) -> None:
    text = train.render(made.report)
    assert text.count("the fallback rule is released") == len(Target)
    assert "labelled inspections known before 2026-10-01" in text


def test_the_ranking_as_json_has_the_promised_keys(made: Made) -> None:
    listed = json.loads(rank.rank(made.home, Target.BHT_USE, 3, "json"))
    assert [row["rank"] for row in listed] == [1, 2, 3]
    assert set(listed[0]) == {
        "rank",
        "establishment",
        "enterprise",
        "name",
        "industry",
        "county",
        "employees",
        "score",
        "band",
        "listing_probability",
        "reasons",
    }
    assert set(listed[0]["reasons"][0]) == {"feature", "theme", "value", "contribution", "text_nb", "text_en"}


def test_the_ranking_as_csv_and_as_table_has_the_same_rows(made: Made) -> None:
    listed = json.loads(rank.rank(made.home, Target.WORKING_ENVIRONMENT, 4, "json"))
    rows = list(csv.DictReader(io.StringIO(rank.rank(made.home, Target.WORKING_ENVIRONMENT, 4, "csv"))))
    assert [row["establishment"] for row in rows] == [row["establishment"] for row in listed]
    table = rank.rank(made.home, Target.WORKING_ENVIRONMENT, 4, "table")
    assert all(row["establishment"] in table for row in listed)


def test_a_limit_beyond_the_cohort_gives_the_cohort(made: Made) -> None:
    run = open_current(made.home)
    assert len(rank.rows(run, Target.WORK_CRIME, 10**6)) == run.scores(Target.WORK_CRIME).num_rows


def test_wrong_use_is_said(made: Made, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="table, csv, json"):
        rank.rank(made.home, Target.BHT_USE, 1, "xml")
    with pytest.raises(NotFoundError, match="pipelines score"):
        rank.rank(tmp_path, Target.BHT_USE, 1, "json")
    with pytest.raises(NotFoundError, match="pipelines train"):
        score.score(tmp_path, AS_OF, SILENT)


def test_one_target_without_labels_is_refused_and_among_all_reported(tmp_path: Path) -> None:
    store_of(small_country(7, 20), tmp_path)
    early = AsOf(date(2018, 1, 2))
    with pytest.raises(RefusedError):
        train.train(tmp_path, Target.BHT_USE, early, SILENT)
    report = train.train(tmp_path, None, early, SILENT)
    assert [one.version for one in report.targets] == [None] * len(Target)
    assert "not trained" in train.render(report)


def test_the_open_part_of_a_run_is_the_run_without_work_crime(made: Made, tmp_path: Path) -> None:
    """What people without the a-krim role see is named, and made, as if no closed target had been scored."""
    home = shutil.copytree(made.home, tmp_path / "home", ignore=shutil.ignore_patterns("published"))
    shutil.rmtree(home / "models" / Target.WORK_CRIME)
    run = score.score(home, AS_OF, SILENT)

    without, part = open_current(home), open_current(made.home).open_part()
    assert run == without.about.run == part.about.run != made.run
    assert part.about.targets == without.about.targets
    assert part.establishments.equals(without.establishments)
    assert part.sectors.equals(without.sectors)
    assert all(part.scores(target).equals(without.scores(target)) for target in without.about.targets)
