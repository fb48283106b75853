"""The served list of a target: the very bytes of its rows one by one, and columns that say what the rows say."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.schemas.rankings import RankingRow
from targeting.domain import BadInputError, Target
from targeting.published import ESTABLISHMENTS, SCORES, ranked_batches, write_ranked_rows
from targeting.published.json_columns import json_objects, json_texts
from targeting.published.list_columns import NEVER, UNKNOWN
from targeting.published.mapped_list import MappedList, open_list
from targeting.published.ranked_rows import SHOWN, list_file, rows_file
from tests.lib.published_run import establishment_rows, score_rows

TARGET = Target.BHT_USE
NAMES = ('A "quoted" name', "back\\slash", "line\nbreak", "tab\t", "Ærlig & <Øl> Å", "", "\x7f", "雪 ☃ 𝄞")


def rows(count: int = 400, seed: int = 1) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    rng = random.Random(seed)
    people = establishment_rows(rng, count, date(2027, 1, 1))
    for one, name in zip(people, NAMES, strict=False):
        one["name"] = name
    scores = score_rows(rng, people, TARGET, seed)
    for one in scores:
        one["score"], one["low"], one["high"] = rng.random(), rng.random() * 1e-9, 1.0
        one["listing_probability"] = rng.choice([None, 0.1 + 0.2])
    return people, scores


def written(folder: Path, batches: list[pa.RecordBatch]) -> MappedList:
    return open_list(folder, TARGET, write_ranked_rows(folder, TARGET, batches))


def batches_of(people: list[dict[str, Any]], scores: list[dict[str, Any]]) -> list[pa.RecordBatch]:
    tables = pa.Table.from_pylist(people, schema=ESTABLISHMENTS), pa.Table.from_pylist(scores, schema=SCORES)
    return list(ranked_batches(*tables))


def test_the_fields_are_those_that_the_api_promises() -> None:
    assert tuple(RankingRow.model_fields) == SHOWN


def test_every_row_is_the_object_that_orjson_writes_of_it(tmp_path: Path) -> None:
    people, scores = rows()
    facts = {one["establishment"]: one for one in people}
    lines = written(tmp_path, batches_of(people, scores))
    text = (tmp_path / rows_file(TARGET)).read_bytes()
    expected = []
    for score in scores:
        fact = facts[score["establishment"]]
        row = {name: score.get(name, fact.get(name)) for name in SHOWN}
        expected.append(orjson.dumps(row | ({"name": None} if fact["sole_proprietor"] else {})))
    assert text.splitlines() == expected
    assert lines.lines.to_pylist() == [one + b"\n" for one in expected]


def test_no_sole_proprietors_name_is_anywhere_in_the_files(tmp_path: Path) -> None:
    people, scores = rows()
    for one in people:
        one["name"] = f"HEMMELIG {one['establishment']}" if one["sole_proprietor"] else one["name"]
    listed = written(tmp_path, batches_of(people, scores))
    assert sum(one["sole_proprietor"] for one in people) > 20
    for name in (rows_file(TARGET), list_file(TARGET)):
        assert b"HEMMELIG" not in (tmp_path / name).read_bytes()
    assert listed.blocks[0].column("name").null_count > 20


def test_the_columns_say_what_the_rows_say(tmp_path: Path) -> None:
    people, scores = rows()
    facts = {one["establishment"]: one for one in people}
    listed = written(tmp_path, batches_of(people, scores)).blocks[0].to_pylist()
    for row, score in zip(listed, scores, strict=True):
        fact = facts[score["establishment"]]
        assert (row["rank"], str(row["establishment"])) == (score["rank"], score["establishment"])
        for name in ("industry_code", "industry_standard", "industry", "county", "municipality", "size_class"):
            assert row[name] == fact[name]
        low = UNKNOWN if fact["employees_low"] is None else fact["employees_low"]
        assert (row["employees_low"], row["employees_high"]) == (low, 4 if low == 1 else low)
        day = fact["last_inspected_on"]
        assert row["last_inspected_on"] == (NEVER if day is None else (day - date(1970, 1, 1)).days)
        areas = [name.removeprefix("area:") for name, flag in row.items() if name.startswith("area:") and flag]
        assert areas == fact["priority_areas"]


@settings(max_examples=15, deadline=None)
@given(cuts=st.lists(st.integers(0, 60), max_size=5))
def test_the_bytes_do_not_depend_on_how_the_rows_come(
    cuts: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    whole = pa.concat_batches(batches_of(*rows(60)))
    ends = [*sorted(min(one, whole.num_rows) for one in cuts), whole.num_rows]
    parts = [whole.slice(start, end - start) for start, end in zip([0, *ends], ends, strict=False)]
    one, other = tmp_path_factory.mktemp("whole"), tmp_path_factory.mktemp("parts")
    assert write_ranked_rows(one, TARGET, [whole]) == write_ranked_rows(other, TARGET, parts)
    assert sorted(path.name for path in other.iterdir()) == [list_file(TARGET), rows_file(TARGET)]


def test_columns_beyond_those_needed_are_no_matter_and_one_absent_is_named(tmp_path: Path) -> None:
    (batch,) = batches_of(*rows(20))
    more = batch.append_column("beside", pa.nulls(batch.num_rows))
    assert write_ranked_rows(tmp_path, TARGET, [more]) == write_ranked_rows(tmp_path, TARGET, [batch])
    with pytest.raises(BadInputError, match="a column county"):
        write_ranked_rows(tmp_path, TARGET, [batch.drop_columns(["county"])])


def test_a_list_of_nobody_is_a_list(tmp_path: Path) -> None:
    listed = written(tmp_path, [])
    assert (len(listed), listed.lines.to_pylist(), listed.dictionary("county")) == (0, [], [])


@given(st.lists(st.one_of(st.none(), st.text())))
def test_texts_are_encoded_as_orjson_does(values: list[str | None]) -> None:
    usable = [one for one in values if one is None or one.isprintable() or one.isascii()]
    assert json_texts(pa.array(usable, pa.string())).to_pylist() == [orjson.dumps(one).decode() for one in usable]


@given(st.lists(st.one_of(st.none(), st.floats())))
def test_numbers_are_encoded_as_orjson_does(values: list[float | None]) -> None:
    assert json_texts(pa.array(values, pa.float64())).to_pylist() == [orjson.dumps(one).decode() for one in values]


def test_a_slice_of_a_column_is_encoded_without_its_neighbours() -> None:
    reasons = pa.array([[{"a": '"'}], [], [{"a": "x"}, {"a": "y"}], [{"a": "\\"}]])
    assert json_texts(reasons.slice(1, 2)).to_pylist() == ["[]", '[{"a":"x"},{"a":"y"}]']
    assert json_objects({"n": pa.array([1, None, 3]).slice(1)}).to_pylist() == ['{"n":null}', '{"n":3}']
