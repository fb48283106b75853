"""The store: all or nothing, nothing twice, nothing lost, nothing overwritten, and forgetting when told to."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from targeting.domain import BadInputError, RefusedError
from targeting.snapshots import Store
from targeting.snapshots.manifest import TableCounts
from targeting.tables import ALL_TABLES, Enterprises, Establishments, Findings, Table
from tests.lib.small_country import Row, conforming, number, small_country, store_of

JAN, FEB, MAR = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)


def units(known_on: date, names: dict[str, str], **more: object) -> pa.Table:
    rows: list[Row] = [
        {"establishment": each, "known_on": known_on, "version": 0, "status": "living", "name": name, **more}
        for each, name in names.items()
    ]
    return conforming(Establishments, rows)


def load(
    store: Store, content: str, *tables: tuple[type[Table], pa.Table], complete: bool = False, day: date = MAR
) -> None:
    sha = hashlib.sha256(content.encode()).hexdigest()
    with store.begin("test", content, sha, day, complete=complete) as begun:
        for table, rows in tables:
            begun.add(table, rows)


def stored(store: Store, table: type[Table]) -> list[tuple[object, ...]]:
    """(first key column, known_on, status or answer) of every stored row, in key order."""
    names = [table.about.key[0], "known_on", "status" if "status" in table.columns() else "answer"]
    rows = [row for path in store.paths(table) for row in pq.read_table(path).select(names).to_pylist()]
    return sorted(tuple(row[name] for name in names) for row in rows)


def files_under(home: Path) -> dict[str, bytes]:
    return {str(p.relative_to(home)): p.read_bytes() for p in sorted(home.rglob("*")) if p.is_file()}


def test_equal_inputs_give_equal_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        store_of(small_country(1), tmp_path / name)
    assert files_under(tmp_path / "one") == files_under(tmp_path / "two")


def test_the_order_of_rows_in_a_file_does_not_matter(tmp_path: Path) -> None:
    tables = small_country(1)
    turned = {name: rows.take(list(reversed(range(len(rows))))) for name, rows in tables.items()}
    store_of(tables, tmp_path / "one")
    store_of(turned, tmp_path / "two")
    assert files_under(tmp_path / "one") == files_under(tmp_path / "two")


def test_content_that_is_in_the_store_is_known_and_refused(tmp_path: Path) -> None:
    store = Store(tmp_path)
    load(store, "a file", (Establishments, units(JAN, {number(1): "A"})))
    before = files_under(tmp_path)
    assert store.known(hashlib.sha256(b"a file").hexdigest())
    with pytest.raises(RefusedError, match="loaded before"):
        load(store, "a file", (Establishments, units(JAN, {number(1): "A"})))
    assert files_under(tmp_path) == before


def test_only_what_differs_from_the_newest_row_is_stored(tmp_path: Path) -> None:
    store = Store(tmp_path)
    load(store, "january", (Establishments, units(JAN, {number(1): "A", number(2): "B"})))
    load(store, "february", (Establishments, units(FEB, {number(1): "A", number(2): "B AS"})))
    assert stored(store, Establishments) == [
        (number(1), JAN, "living"),
        (number(2), JAN, "living"),
        (number(2), FEB, "living"),
    ]
    assert store.manifest().loads[1].counts == (TableCounts("establishments", read=2, accepted=2, stored=1),)


def test_a_value_that_comes_back_is_news_again(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for content, day, name in (("1", JAN, "A"), ("2", FEB, "B"), ("3", MAR, "A")):
        load(store, content, (Establishments, units(day, {number(1): name})))
    assert [row[1] for row in stored(store, Establishments)] == [JAN, FEB, MAR]


def test_an_answer_that_is_delivered_again_does_not_become_newly_known(tmp_path: Path) -> None:
    answer: Row = {"inspection": "T1", "control_point": "BHT-01", "known_on": JAN, "answer": "breach"}
    store = Store(tmp_path)
    load(store, "first", (Findings, conforming(Findings, [answer])))
    load(store, "again", (Findings, conforming(Findings, [answer | {"known_on": FEB}])))
    load(store, "mended", (Findings, conforming(Findings, [answer | {"known_on": MAR, "answer": "met"}])))
    assert stored(store, Findings) == [("T1", JAN, "breach"), ("T1", MAR, "met")]


def test_a_file_that_changes_nothing_is_remembered_and_adds_no_file(tmp_path: Path) -> None:
    store = Store(tmp_path)
    load(store, "january", (Establishments, units(JAN, {number(1): "A"})))
    load(store, "february", (Establishments, units(FEB, {number(1): "A"})))
    assert len(store.paths(Establishments)) == 1
    assert len(store.manifest().loads) == 2


def test_one_load_may_feed_several_tables(tmp_path: Path) -> None:
    store = store_of(small_country(2), tmp_path)
    (record,) = store.manifest().loads
    assert len(record.files) == len(ALL_TABLES)
    assert {path.name for path in tmp_path.glob("snapshots/*/*.parquet")} == {f"{record.id}.parquet"}


def test_the_manifest_tells_the_hash_and_rows_of_every_file(tmp_path: Path) -> None:
    store = store_of(small_country(2), tmp_path)
    for each in store.manifest().loads[0].files:
        path = tmp_path / "snapshots" / each.table / each.name
        assert hashlib.sha256(path.read_bytes()).hexdigest() == each.sha256
        assert pq.read_metadata(path).num_rows == each.rows


def test_a_load_that_fails_leaves_no_trace(tmp_path: Path) -> None:
    store = Store(tmp_path)
    load(store, "good", (Establishments, units(JAN, {number(1): "A"})))
    before = files_under(tmp_path)
    with pytest.raises(BadInputError), store.begin("test", "bad", "b" * 64, FEB) as begun:
        begun.add(Establishments, units(FEB, {number(2): "B"}))
        begun.quarantine([{"line": 1}])
        raise BadInputError(expected="a whole file", got="a truncated one")
    assert files_under(tmp_path) == before


def test_rows_that_break_the_contract_stop_the_load(tmp_path: Path) -> None:
    store = Store(tmp_path)
    wrong = units(JAN, {number(1): "A"}).drop_columns(["status"])
    with pytest.raises(BadInputError, match="no column status"):
        load(store, "wrong", (Establishments, wrong))
    assert store.manifest().loads == ()


def test_leftovers_of_a_crash_are_not_seen_and_are_gone_after_the_next_load(tmp_path: Path) -> None:
    store = Store(tmp_path)
    load(store, "good", (Establishments, units(JAN, {number(1): "A"})))
    orphan = tmp_path / "snapshots" / "establishments" / "0123456789abcdef.parquet"
    orphan.write_bytes(store.paths(Establishments)[0].read_bytes())
    staging = tmp_path / "snapshots" / ".loading-crashed"
    staging.mkdir()
    assert len(store.paths(Establishments)) == 1
    load(store, "next", (Establishments, units(FEB, {number(2): "B"})))
    assert not orphan.exists()
    assert not staging.exists()


def test_two_loads_at_once_is_a_clear_error(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.begin("test", "one", "1" * 64, JAN), pytest.raises(RefusedError, match="still running"):
        load(store, "two", (Establishments, units(JAN, {number(1): "A"})))


def test_quarantined_rows_are_counted_and_kept_beside_the_load(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.begin("test", "a.csv", "a" * 64, JAN) as begun:
        begun.add(Establishments, units(JAN, {number(1): "A"}), read=2)
        begun.quarantine([{"file": "a.csv", "line": 2, "expected": "nine digits", "got": "8 characters"}])
    (record,) = store.manifest().loads
    (counts,) = record.counts
    assert counts.read == counts.accepted + record.quarantined == 1 + 1
    assert '"line": 2' in (tmp_path / "quarantine" / f"{record.id}.jsonl").read_text()


def test_a_unit_that_a_complete_file_lacks_is_deleted_from_that_day(tmp_path: Path) -> None:
    store = Store(tmp_path)
    everyone = {number(n): "A" for n in range(10)}
    load(store, "january", (Establishments, units(JAN, everyone, municipality="0301")), complete=True)
    rest = {each: name for each, name in everyone.items() if each != number(4)}
    load(store, "february", (Establishments, units(FEB, rest, municipality="0301")), complete=True)
    assert (number(4), FEB, "deleted") in stored(store, Establishments)
    assert len(stored(store, Establishments)) == 10 + 1
    (gone,) = pq.read_table(store.paths(Establishments)[1]).to_pylist()
    assert gone["municipality"] == "0301"
    assert store.manifest().loads[1].counts[0].vanished == 1


def test_a_complete_file_that_lacks_more_than_a_fifth_is_refused(tmp_path: Path) -> None:
    store = Store(tmp_path)
    load(store, "january", (Establishments, units(JAN, {number(n): "A" for n in range(10)})), complete=True)
    with pytest.raises(RefusedError, match="lacks 3 of them"):
        load(store, "half", (Establishments, units(FEB, {number(n): "A" for n in range(7)})), complete=True)
    assert len(store.manifest().loads) == 1


def test_a_unit_whose_row_was_quarantined_is_not_taken_for_deleted(tmp_path: Path) -> None:
    store, everyone = Store(tmp_path), {number(n): "A" for n in range(10)}
    load(store, "january", (Establishments, units(JAN, everyone)), complete=True)
    readable = units(FEB, dict(list(everyone.items())[:9]))
    with store.begin("test", "february", "f" * 64, FEB, complete=True) as begun:
        begun.add(Establishments, readable)
        begun.quarantine([{"file": "february", "line": 10, "column": "navn", "expected": "a name", "got": "11 digits"}])
    assert store.manifest().loads[-1].counts[0].vanished == 0


def purge(store: Store, unit: str, day: date) -> None:
    with store.begin("test", f"feed {day}", hashlib.sha256(str(day).encode()).hexdigest(), day) as begun:
        begun.purge([unit])


def test_a_purged_number_is_in_no_file_any_more(tmp_path: Path) -> None:
    tables = small_country(5)
    unit = tables["establishments"]["establishment"][0].as_py()
    owner = tables["establishments"]["enterprise"][0].as_py()
    store = store_of(tables, tmp_path)
    rows_before = sum(each.rows for each in store.manifest().files("establishments"))
    purge(store, unit, date(2029, 1, 1))
    purge(store, owner, date(2029, 1, 2))
    for path in tmp_path.glob("snapshots/*/*.parquet"):
        assert {unit, owner}.isdisjoint(
            {value for column in pq.read_table(path).columns for value in column.unique().to_pylist()}
        )
    assert b"".join(files_under(tmp_path).values()).find(unit.encode()) == -1
    assert 0 < sum(each.rows for each in store.manifest().files("establishments")) < rows_before


def test_an_older_file_cannot_bring_a_purged_number_back_and_a_newer_one_can(tmp_path: Path) -> None:
    store = Store(tmp_path)
    load(store, "january", (Establishments, units(JAN, {number(1): "A", number(2): "B"})))
    purge(store, number(1), FEB)
    load(store, "older", (Establishments, units(date(2025, 6, 1), {number(1): "A", number(2): "B ANS"})))
    assert {row[0] for row in stored(store, Establishments)} == {number(2)}
    assert store.manifest().loads[-1].counts[0].purged == 1
    load(store, "newer", (Establishments, units(MAR, {number(1): "A"})))
    assert (number(1), MAR, "living") in stored(store, Establishments)


def test_a_purge_leaves_other_units_and_takes_their_reference_away(tmp_path: Path) -> None:
    store = Store(tmp_path)
    enterprise: Row = {"enterprise": number(9), "known_on": JAN, "version": 0, "status": "living"}
    load(
        store,
        "january",
        (Establishments, units(JAN, {number(1): "A"}, enterprise=number(9))),
        (Enterprises, conforming(Enterprises, [enterprise])),
    )
    purge(store, number(9), FEB)
    (row,) = pq.read_table(store.paths(Establishments)[0]).to_pylist()
    assert (row["establishment"], row["enterprise"]) == (number(1), None)
    assert store.paths(Enterprises) == ()
