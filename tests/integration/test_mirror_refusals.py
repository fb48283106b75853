"""Killed anywhere, tampered with, two writers: a mirror stays whole, and what would lose something is refused."""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path

import pytest

from targeting.domain import BadInputError, NotFoundError, RefusedError
from targeting.mirror import Index, open_remote, pull, push, verify
from targeting.mirror.home_index import index_of
from targeting.mirror.remote import Head
from targeting.published import open_current, open_run, recover_runs, run_ids
from targeting.snapshots import Store
from targeting.tables import Establishments
from tests.lib.killed_at import killed_at
from tests.lib.mirrored import (
    FIRST,
    SECOND,
    at,
    files,
    folder_url,
    index_at,
    load,
    make_home,
    purged,
    quarter,
    torn_off,
)
from tests.lib.published_run import publish


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_home(tmp_path_factory.mktemp("made"))


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "home"))


@pytest.fixture(params=["file", "memory"])
def near(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty mirror on this machine."""
    return folder_url(tmp_path) if request.param == "file" else f"memory://{uuid.uuid4().hex}"


def test_a_push_that_is_killed_anywhere_leaves_one_whole_state_and_is_finished_by_the_next(
    home: Path, tmp_path: Path
) -> None:
    url, mirror = folder_url(tmp_path), tmp_path / "mirrored"
    push(home, at(url))
    before, was = index_of(home), tmp_path / "was"
    shutil.copytree(mirror, was)
    memory = Path(shutil.copytree(home / "mirror", tmp_path / "memory"))
    quarter(home)
    after, seen = index_of(home), set()
    for moment in range(0, 400, 11):
        for there, kept in ((mirror, was), (home / "mirror", memory)):
            shutil.rmtree(there)
            shutil.copytree(kept, there)
        killed = killed_at(moment, str(tmp_path), lambda: push(home, open_remote(url)))
        remote = at(url)
        assert remote.head() is not None
        index = remote.index(remote.head())
        assert index in (before, after)
        assert verify(remote).faults == ()
        seen.add(index == after)
        push(home, at(url))
        assert (index_at(url), verify(at(url)).unnamed) == (after, 0)
        if not killed:
            break
    assert (killed, moment > 60, seen) == (False, True, {False, True})


def test_a_pull_that_is_killed_anywhere_leaves_a_home_that_serves_and_is_finished_by_the_next(
    home: Path, tmp_path: Path
) -> None:
    url, away, kept = folder_url(tmp_path), tmp_path / "away", tmp_path / "kept"
    push(home, at(url))
    pull(kept, at(url))
    load(home, "one to purge")
    quarter(home)
    purged(home)
    push(home, at(url))
    wanted, served = torn_off(files(home)), set()
    for moment in range(0, 800, 29):
        shutil.rmtree(away, ignore_errors=True)
        shutil.copytree(kept, away)
        killed = killed_at(moment, str(away), lambda: pull(away, at(url)))
        recover_runs(away)
        served.add(open_current(away).about.run)
        for one in run_ids(away):
            open_run(away, one)
        assert all(path.is_file() for path in Store(away).paths(Establishments))
        pull(away, at(url))
        assert files(away) == wanted
        if not killed:
            break
    assert (killed, moment > 60, served) == (False, True, {FIRST, SECOND})


def test_another_writer_is_refused_and_nothing_of_the_first_is_lost(home: Path, near: str, tmp_path: Path) -> None:
    push(home, at(near))
    other = tmp_path / "other"
    pull(other, at(near))
    load(home, "by the one")
    load(other, "by the other")
    push(home, at(near))
    before = index_at(near)
    with pytest.raises(RefusedError, match="two writers"):
        push(other, at(near))
    with pytest.raises(RefusedError, match="two writers"):
        push(other, at(near), take_over=True)
    with pytest.raises(RefusedError, match="never pushed"):
        pull(other, at(near))
    assert index_at(near) == before


def test_a_restored_home_does_not_empty_the_mirror_unless_it_is_told_to(home: Path, near: str, tmp_path: Path) -> None:
    restored = Path(shutil.copytree(home, tmp_path / "restored"))
    quarter(home)
    shutil.copy(home / "snapshots" / "manifest.jsonl", restored / "snapshots" / "manifest.jsonl")
    shutil.copytree(home / "snapshots", restored / "snapshots", dirs_exist_ok=True)
    push(home, at(near))
    with pytest.raises(RefusedError, match="--take-over"):
        push(restored, at(near))
    push(restored, at(near), take_over=True)
    assert index_at(near) == index_of(restored)
    with pytest.raises(NotFoundError):
        push(tmp_path / "mistyped", at(near))
    (tmp_path / "empty").mkdir()
    with pytest.raises(NotFoundError, match="empty home"):
        push(tmp_path / "empty", at(near))


def test_a_tampered_object_is_refused_and_the_home_is_as_it_was(home: Path, near: str, tmp_path: Path) -> None:
    push(home, at(near))
    web, away = tmp_path / "web", tmp_path / "away"
    pull(web, at(near), published_only=True)
    quarter(home)
    push(home, at(near))
    tampered = index_of(home).files[f"published/{SECOND}/establishments.parquet"]
    remote, before = at(near), files(web)
    for content in (b"x" * tampered.bytes, b"x" * (tampered.bytes - 1)):
        remote.fs.pipe_file(f"{remote.base}/objects/{tampered.sha256}", content)
        with pytest.raises(RefusedError, match="hash to its name"):
            pull(web, at(near), published_only=True)
        assert files(web) == before
        assert "establishments.parquet" in verify(at(near)).faults[0]
    assert push(home, at(near)).sent == 1, "a truncated object is sent again"
    assert pull(web, at(near), published_only=True).run == SECOND
    remote.remove_object(tampered.sha256)
    assert "not there" in verify(at(near)).faults[0]
    with pytest.raises(BadInputError, match="every object"):
        pull(away, at(near))
    assert not (away / "published" / "CURRENT").exists()


def test_a_file_that_is_not_what_its_seal_says_never_reaches_the_mirror(home: Path, near: str) -> None:
    push(home, at(near))
    publish(home, seed=3, digit="c")
    (home / "published" / ("c" * 16) / "sectors.parquet").write_bytes(b"broken")
    with pytest.raises(RefusedError, match=r"sectors\.parquet"):
        push(home, at(near))
    assert (index_at(near), verify(at(near)).faults) != (index_of(home), ())
    (home / "published" / ("c" * 16) / "sectors.parquet").unlink()
    with pytest.raises(RefusedError, match=r"sectors\.parquet"):
        push(home, at(near))


def test_what_retention_or_a_purge_left_half_done_is_not_pushed_and_is_finished_by_a_pull(
    home: Path, near: str, tmp_path: Path
) -> None:
    push(home, at(near))
    away = tmp_path / "away"
    pull(away, at(near))
    for one in (home, away):
        shutil.copytree(one / "published" / FIRST, one / "published" / f".reduced-{FIRST}")
        (one / "published" / FIRST).rename(one / "published" / f".expired-{FIRST}")
    with pytest.raises(RefusedError, match="interrupted"):
        push(home, at(near))
    pull(away, at(near))
    recover_runs(home)
    assert files(away) == files(home)
    assert [path.name for path in (away / "published").glob(".*")] == []


def test_an_index_that_names_another_file_than_its_seal_is_refused(home: Path, tmp_path: Path) -> None:
    url = folder_url(tmp_path)
    push(home, at(url))
    index = index_of(home)
    forged = dict(index.files)
    forged[f"published/{FIRST}/sectors.parquet"] = forged[f"published/{FIRST}/establishments.parquet"]
    at(url).send_text(Index(forged).content, Index(forged).text)
    at(url).offer(Head(2, Index(forged).content))
    with pytest.raises(RefusedError, match=r"sectors.parquet is not what .*run.json says"):
        pull(tmp_path / "away", at(url))
    outside = Index({"published/../../stolen": forged[f"published/{FIRST}/run.json"]})
    at(url).send_text(outside.content, outside.text)
    at(url).offer(Head(3, outside.content))
    with pytest.raises(BadInputError, match="stolen"):
        pull(tmp_path / "away", at(url))


def test_a_push_waits_for_storage_that_comes_back(home: Path, tmp_path: Path) -> None:
    url, waits = folder_url(tmp_path), []
    in_the_way = tmp_path / "mirrored" / "objects" / index_of(home).files["published/CURRENT"].sha256
    in_the_way.mkdir(parents=True)

    def mend(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            in_the_way.rmdir()

    push(home, open_remote(url, sleep=mend))
    assert (waits, verify(at(url)).faults) == ([1.0, 2.0], ())
