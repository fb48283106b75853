"""Publishing is all or nothing: what a reader of the published folder may rely on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from targeting.domain import AsOf, BadInputError, NotFoundError, Quarter, RefusedError, Target
from targeting.published import (
    ESTABLISHMENTS,
    SCORES,
    SECTORS,
    PublishedTables,
    Run,
    TargetRun,
    open_current,
    open_run,
    ranked,
    run_ids,
    tie_break,
    write_run,
)

NUMBERS = ["311111110", "311111129", "311111137"]


def run(digit: str = "a", as_of: date = date(2026, 4, 1)) -> Run:
    about = TargetRun("v1", "0" * 64, "lightgbm", ("past_breaches",), trained_until="2026-01-01")
    return Run(AsOf(as_of), Quarter.of(as_of), seed=7, inputs=digit * 64, targets={Target.BHT_USE: about})


def establishment(number: str) -> dict[str, object]:
    texts = {field.name: "x" for field in ESTABLISHMENTS if field.type == pa.string()}
    flags = {field.name: False for field in ESTABLISHMENTS if field.type == pa.bool_()}
    lists = {"priority_areas": ["cleaning"], "quality_flags": [], "approvals_missing": []}
    return {**texts, **flags, **lists, "establishment": number, "employees_low": 1, "age_months": None}


def score(rank: int, number: str, value: float) -> dict[str, object]:
    reason = {"feature": "f", "theme": "t", "value": "2", "contribution": 0.4, "text_nb": "nb", "text_en": "en"}
    return {"rank": rank, "establishment": number, "score": value, "low": 0.0, "high": 1.0, "reasons": [reason]}


def tables(values: tuple[float, ...] = (0.2, 0.9, 0.2)) -> PublishedTables:
    order = ranked(NUMBERS, values, seed=7)
    rows = [score(place + 1, NUMBERS[row], values[row]) for place, row in enumerate(order)]
    return PublishedTables(
        establishments=pa.Table.from_pylist([establishment(n) for n in NUMBERS], schema=ESTABLISHMENTS),
        sectors=SECTORS.empty_table(),
        scores={Target.BHT_USE: pa.Table.from_pylist(rows, schema=SCORES)},
    )


def test_what_was_written_is_what_is_read(tmp_path: Path) -> None:
    written = write_run(tmp_path, run(), tables())
    current = open_current(tmp_path)
    assert current.about.run == written == "a" * 16
    assert current.scores(Target.BHT_USE).equals(tables().scores[Target.BHT_USE])
    assert current.establishments.equals(tables().establishments)
    assert current.about.targets == run().targets


def test_equal_scores_are_ordered_by_the_recorded_draw(tmp_path: Path) -> None:
    write_run(tmp_path, run(), tables())
    listed = open_current(tmp_path).scores(Target.BHT_USE).column("establishment").to_pylist()
    tied = sorted([NUMBERS[0], NUMBERS[2]], key=lambda number: tie_break(7, number))
    assert listed == [NUMBERS[1], *tied]


def test_the_same_content_twice_changes_nothing(tmp_path: Path) -> None:
    write_run(tmp_path, run(), tables())
    before = {path: path.read_bytes() for path in (tmp_path / "published").rglob("*") if path.is_file()}
    write_run(tmp_path, run(), tables())
    assert before == {path: path.read_bytes() for path in (tmp_path / "published").rglob("*") if path.is_file()}


def test_other_content_under_the_same_id_is_refused_and_the_old_run_serves_on(tmp_path: Path) -> None:
    write_run(tmp_path, run(), tables())
    with pytest.raises(RefusedError, match="never replaced"):
        write_run(tmp_path, run(), tables((0.2, 0.8, 0.2)))
    assert open_current(tmp_path).scores(Target.BHT_USE).column("score")[0].as_py() == 0.9


def test_a_crash_while_writing_leaves_the_last_run_in_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_run(tmp_path, run("a"), tables())

    def power_cut(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("targeting.published.writing._settle", power_cut)
    with pytest.raises(KeyboardInterrupt):
        write_run(tmp_path, run("b"), tables())
    assert open_current(tmp_path).about.run == "a" * 16
    assert run_ids(tmp_path) == ("a" * 16,)


def test_a_run_can_be_published_without_being_put_into_service(tmp_path: Path) -> None:
    write_run(tmp_path, run("a"), tables())
    write_run(tmp_path, run("b", date(2025, 1, 1)), tables(), current=False)
    assert open_current(tmp_path).about.run == "a" * 16
    assert run_ids(tmp_path) == ("b" * 16, "a" * 16)


def test_a_changed_file_is_noticed(tmp_path: Path) -> None:
    write_run(tmp_path, run(), tables())
    path = tmp_path / "published" / ("a" * 16) / "scores_bht_use.parquet"
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(BadInputError, match="scores_bht_use"):
        open_current(tmp_path)


@pytest.mark.parametrize("run_id", ["f" * 16, "../CURRENT", ""])
def test_an_unknown_run_is_not_found(tmp_path: Path, run_id: str) -> None:
    write_run(tmp_path, run(), tables())
    with pytest.raises(NotFoundError):
        open_run(tmp_path, run_id)


def test_before_the_first_run_the_message_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="pipelines score"):
        open_current(tmp_path)


def test_a_target_that_was_not_scored_is_not_found(tmp_path: Path) -> None:
    write_run(tmp_path, run(), tables())
    with pytest.raises(NotFoundError, match="work_crime"):
        open_current(tmp_path).scores(Target.WORK_CRIME)


def spoilt(column: str, values: list[object]) -> PublishedTables:
    scores = tables().scores[Target.BHT_USE]
    index = scores.schema.get_field_index(column)
    changed = scores.set_column(index, scores.field(column), pa.array(values, scores.field(column).type))
    return tables()._replace(scores={Target.BHT_USE: changed})


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("rank", [1, 3, 2]),
        ("score", [0.1, 0.2, 0.9]),
        ("low", [0.95, 0.0, 0.0]),
        ("high", [1.2, 1.0, 1.0]),
        ("establishment", [NUMBERS[1], NUMBERS[1], NUMBERS[0]]),
        ("establishment", [NUMBERS[1], "399999999", NUMBERS[0]]),
    ],
)
def test_scores_that_break_a_promise_are_refused(tmp_path: Path, column: str, values: list[object]) -> None:
    with pytest.raises(RefusedError):
        write_run(tmp_path, run(), spoilt(column, values))
    assert not list((tmp_path / "published").iterdir())


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    lacking = tables()._replace(establishments=tables().establishments.drop_columns(["name"]))
    with pytest.raises(BadInputError, match="expected a column name"):
        write_run(tmp_path, run(), lacking)


def test_inputs_must_be_a_hash() -> None:
    with pytest.raises(BadInputError, match="sha256"):
        replace(run(), inputs="yesterday")
