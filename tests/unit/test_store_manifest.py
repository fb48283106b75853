"""The manifest: what its lines say together, and what a crash may leave of the last one."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from targeting.domain import BadInputError
from targeting.snapshots.manifest import FileRecord, LoadRecord, TableCounts, append, read_manifest


def record(name: str, **more: object) -> LoadRecord:
    files = (FileRecord("roles", f"{name}.parquet", "ab", 3),)
    whole = {"files": files, "counts": (TableCounts("roles", 3, 3, 3),), **more}
    return LoadRecord(name, "roller", f"{name}.csv", f"sha-{name}", date(2026, 1, 2), **whole)  # type: ignore[arg-type]


def test_a_record_survives_its_line() -> None:
    assert LoadRecord.from_line(record("a", purged_numbers=("12",)).to_line(), "here") == record(
        "a", purged_numbers=("12",)
    )


def test_no_manifest_is_an_empty_one(tmp_path: Path) -> None:
    assert read_manifest(tmp_path / "manifest.jsonl").loads == ()


def test_a_retired_file_no_longer_counts(tmp_path: Path) -> None:
    path = tmp_path / "manifest.jsonl"
    append(path, record("a"))
    append(path, record("b", retired=("roles/a.parquet",)))
    assert [each.name for each in read_manifest(path).files("roles")] == ["b.parquet"]


def test_a_torn_last_line_is_not_there_and_the_next_load_writes_over_it(tmp_path: Path) -> None:
    path = tmp_path / "manifest.jsonl"
    append(path, record("a"))
    with path.open("a") as stream:
        stream.write('{"id": "b", "source_')
    assert [load.id for load in read_manifest(path).loads] == ["a"]
    append(path, record("c"))
    assert [load.id for load in read_manifest(path).loads] == ["a", "c"]


def test_a_line_that_is_no_record_is_an_error_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "manifest.jsonl"
    path.write_text('{"id": "b"}\n')
    with pytest.raises(BadInputError, match=r"manifest\.jsonl line 1"):
        read_manifest(path)
