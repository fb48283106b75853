"""What a mapped run promises beside its answers: old runs say so, changed files are refused, gaps in ranks are kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

import targeting.published.list_columns
from api.ranked_list import ranked_list
from api.schemas.rankings import RankingFilters
from targeting.domain import BadInputError, Target
from targeting.published import AGGREGATES, establishment_rows_of, open_run, reduce_run, settle_run
from targeting.published.ranked_rows import list_file, rows_file
from tests.lib.published_run import publish
from tests.lib.signed_in import signed_in
from tests.lib.two_runs import ONLY_WORK_CRIME, SEEN, WHOLE_ID, publish_both

TARGET = Target.BHT_USE


def every_other_row_gone(home: Path, run: str) -> None:
    whole = open_run(home, run)
    kept = {
        target: frozenset(whole.scores(target).column("establishment").to_pylist()[::2])
        for target in whole.about.targets
    }
    aggregates = {target: AGGREGATES.empty_table() for target in kept}
    settle_run(reduce_run(whole, kept, aggregates))


def paged(client: TestClient, query: str) -> list[dict[str, object]]:
    rows, cursor = [], ""
    while cursor is not None:
        page = client.get(f"/v1/rankings/{TARGET}?{query}&cursor={cursor}").json()
        rows += page["rows"]
        cursor = page["next"]
    return rows


def test_a_run_without_mapped_lists_says_score_again(tmp_path: Path) -> None:
    run = publish(tmp_path)
    path = tmp_path / "published" / run / "run.json"
    about = json.loads(path.read_text("utf-8"))
    for name in (rows_file(TARGET), list_file(TARGET)):
        del about["files"][name]
        (path.parent / name).unlink()
    path.write_text(json.dumps(about), "utf-8")
    with pytest.raises(BadInputError, match="score again"):
        open_run(tmp_path, run).ranked_list(TARGET)
    answer = signed_in(tmp_path).get(f"/v1/rankings/{TARGET}")
    assert answer.status_code == 503


@pytest.mark.parametrize("name", [rows_file(TARGET), list_file(TARGET)])
def test_a_changed_byte_keeps_a_run_out_of_service(tmp_path: Path, name: str) -> None:
    publish(tmp_path)
    client = signed_in(tmp_path)
    assert client.get("/healthz/ready").json()["run"] == "a" * 16
    publish(tmp_path, seed=2, digit="b")
    spoilt = tmp_path / "published" / ("b" * 16) / name
    content = bytearray(spoilt.read_bytes())
    content[len(content) // 2] ^= 1
    spoilt.write_bytes(content)
    assert client.get(f"/v1/rankings/{TARGET}").json()["run"] == "a" * 16


def test_rows_that_were_taken_out_are_gone_at_the_next_request(tmp_path: Path) -> None:
    run = publish(tmp_path)
    client = signed_in(tmp_path)
    before = client.get(f"/v1/rankings/{TARGET}?limit=1000")
    every_other_row_gone(tmp_path, run)
    after = client.get(f"/v1/rankings/{TARGET}?limit=1000", headers={"If-None-Match": before.headers["etag"]})
    assert after.status_code == 200, "a run keeps its id, so its content has to be part of the tag"
    assert after.json()["rows"] == before.json()["rows"][::2]
    assert after.json()["total"] == len(after.json()["rows"])


def test_pages_of_a_list_with_gaps_cover_every_row_once(tmp_path: Path) -> None:
    every_other_row_gone(tmp_path, publish(tmp_path, establishments=300))
    client = signed_in(tmp_path)
    for query in ("limit=7", "limit=7&county=03", "limit=1"):
        whole = client.get(f"/v1/rankings/{TARGET}?limit=1000&{query.partition('&')[2]}").json()
        assert paged(client, query) == whole["rows"]
        assert [row["rank"] for row in whole["rows"]] != list(range(1, len(whole["rows"]) + 1))


def test_many_blocks_answer_as_one_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(tmp_path / "one", establishments=400)
    monkeypatch.setattr(targeting.published.list_columns, "BLOCK", 64)
    publish(tmp_path / "many", establishments=400)
    lists = [ranked_list(open_run(tmp_path / home, "a" * 16), TARGET) for home in ("one", "many")]
    assert [len(one.blocks) for one in lists] == [1, 6]
    questions: list[dict[str, Any]] = [
        {},
        {"county": "03"},
        {"industry": "41", "employees_min": 1},
        {"area": "kindergartens"},
    ]
    for filters in [RankingFilters(**one) for one in questions]:
        passing = [one.passing(filters) for one in lists]
        assert len(passing[0]) == len(passing[1]) == len(passing[0].rows()) > 0
        assert np.array_equal(passing[0].rows(), passing[1].rows())
        for begin in (0, 1, 63, 64, 200, 340, 399):
            later = passing[0].rows()[passing[0].rows() >= begin]
            for count in (1, 9, 1000):
                assert all(np.array_equal(one.first(count, begin), later[:count]) for one in passing)
    anyhow = np.array([300, 2, 64, 63])
    assert lists[0].fragments.take(anyhow) == lists[1].fragments.take(anyhow)


def test_numbers_beyond_all_columns_pass_nobody_or_everybody(tmp_path: Path) -> None:
    publish(tmp_path)
    client = signed_in(tmp_path)
    known = client.get(f"/v1/rankings/{TARGET}?employees_min=0").json()["total"]
    for query, total in (("employees_min=1" + "0" * 30, 0), ("employees_max=1" + "0" * 30, known)):
        assert client.get(f"/v1/rankings/{TARGET}?{query}").json()["total"] == total


def test_the_open_part_shows_nothing_of_whom_only_closed_targets_list(tmp_path: Path) -> None:
    publish_both(tmp_path / "without", tmp_path / "with")
    whole = open_run(tmp_path / "with", WHOLE_ID)
    asked = [SEEN, ONLY_WORK_CRIME]
    shown = [{row["establishment"] for row in establishment_rows_of(run, asked)} for run in (whole, whole.open_part())]
    assert shown == [{SEEN, ONLY_WORK_CRIME}, {SEEN}]
    assert whole.open_part().listed(asked) == {SEEN}
