"""A mirror holds a whole store and whole runs at every moment, at a real S3-compatible server and in a folder."""

from __future__ import annotations

import shutil
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.__main__ import app as commands
from targeting.domain import BadInputError, NotFoundError, RefusedError
from targeting.mirror import open_remote, pull, push, verify
from targeting.mirror.home_index import index_of
from targeting.mirror.remote import BLOCK, Head
from targeting.published import open_current, run_ids
from targeting.snapshots import Store
from tests.lib.killed_at import killed_at
from tests.lib.mirrored import (
    FIRST,
    SECOND,
    UNIT,
    at,
    files,
    folder_url,
    index_at,
    load,
    make_home,
    naming,
    purged,
    quarter,
    torn_off,
)
from tests.lib.published_run import publish
from tests.lib.s3_server import s3_server, with_rights_checked
from tests.lib.signed_in import signed_in


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with s3_server() as address, pytest.MonkeyPatch.context() as environment:
        for name, value in {"ACCESS_KEY_ID": "x", "SECRET_ACCESS_KEY": "x", "DEFAULT_REGION": "us-east-1"}.items():
            environment.setenv(f"AWS_{name}", value)
        environment.setenv("AWS_ENDPOINT_URL", address)
        open_remote("s3://bucket").fs.mkdir("bucket")
        yield address


def an_empty_mirror(kind: str, request: pytest.FixtureRequest) -> str:
    name = uuid.uuid4().hex
    if kind == "s3":
        request.getfixturevalue("server")
        return f"s3://bucket/{name}"
    return f"memory://{name}" if kind == "memory" else folder_url(request.getfixturevalue("tmp_path"))


@pytest.fixture(params=["s3", "file", "memory"])
def url(request: pytest.FixtureRequest) -> str:
    """An empty mirror of each kind, where storage behaves differently."""
    return an_empty_mirror(request.param, request)


@pytest.fixture(params=["file", "memory"])
def near(request: pytest.FixtureRequest) -> str:
    """An empty mirror on this machine, where only what is decided counts."""
    return an_empty_mirror(request.param, request)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_home(tmp_path_factory.mktemp("made"))


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "home"))


def test_what_is_pushed_and_pulled_is_the_same_to_the_byte_and_serves(home: Path, url: str, tmp_path: Path) -> None:
    first = push(home, at(url))
    assert (first.sent, first.removed, first.unreached) == (first.files - 2, 0, ()), "two pairs of files are equal"
    assert (push(home, at(url)).sent, push(home, at(url)).removed) == (0, 0)
    away = tmp_path / "away"
    assert pull(away, at(url)).run == FIRST
    assert files(away) == files(home)
    assert pull(away, at(url)).fetched == 0
    assert verify(at(url)).faults == ()
    assert open_current(away).establishments == open_current(home).establishments
    load(away, "the store opens and goes on")
    assert len(Store(away).manifest().loads) == 2


def test_the_mirror_follows_the_home_and_a_pulled_home_the_mirror(home: Path, near: str, tmp_path: Path) -> None:
    away = tmp_path / "away"
    push(home, at(near))
    pull(away, at(near))
    quarter(home)
    second = push(home, at(near))
    assert (second.sent < second.files, second.removed > 0) == (True, True), "what is there is not sent again"
    assert pull(away, at(near)).run == SECOND
    assert files(away) == torn_off(files(home))
    assert verify(at(near)).unnamed == 0
    assert len(at(near).fs.ls(f"{at(near).base}/heads")) == 1, "nothing tells of what was"
    publish(away, seed=3, digit="c")
    with pytest.raises(RefusedError, match="never pushed"):
        pull(away, at(near))


def test_a_purge_reaches_the_mirror_and_every_home_that_pulls(home: Path, url: str, tmp_path: Path) -> None:
    load(home, "second")
    push(home, at(url))
    standby, web = tmp_path / "standby", tmp_path / "web"
    pull(standby, at(url))
    pull(web, at(url), published_only=True)
    assert len(naming(standby, UNIT)) > 3
    before = at(url).objects().keys()
    purged(home)
    push(home, at(url))
    assert before - at(url).objects().keys()
    pull(standby, at(url))
    pull(web, at(url), published_only=True)
    assert files(standby) == files(home)
    assert files(web) == files(home, "published")
    assert naming(standby, UNIT) | naming(web, UNIT) == set()
    every = {one.sha256 for one in index_of(home).files.values()} | {index_of(home).content.sha256}
    assert at(url).objects().keys() == every, "and no object of before is left"


def test_a_machine_that_only_serves_gets_the_run_in_service_and_loses_none_it_has(
    home: Path, server: str, tmp_path: Path
) -> None:
    url, web = f"s3://bucket/{uuid.uuid4().hex}", tmp_path / "web"
    push(home, at(url))
    pull(web, at(url), published_only=True)
    assert files(web) == files(home, "published")
    client = signed_in(web)
    assert client.get("/v1/rankings/bht_use").json()["run"] == FIRST
    quarter(home)
    push(home, at(url))
    assert pull(web, at(url), published_only=True).run == SECOND
    assert client.get("/v1/rankings/bht_use").json()["run"] == SECOND
    assert run_ids(web) == (FIRST, SECOND)
    fresh = tmp_path / "fresh"
    pull(fresh, at(url), published_only=True)
    assert run_ids(fresh) == (SECOND,)


def test_a_push_to_s3_that_is_killed_is_finished_by_the_next(home: Path, server: str) -> None:
    url = f"s3://bucket/{uuid.uuid4().hex}"
    for moment in range(3, 100, 9):
        if not killed_at(moment, str(home), lambda: push(home, open_remote(url))):
            break
        assert at(url).head() is None or verify(at(url)).faults == ()
    assert 20 < moment < 90
    push(home, at(url))
    assert (verify(at(url)).faults, verify(at(url)).unnamed) == ((), 0)


def test_a_pull_while_pushes_go_on_is_of_one_push(home: Path, url: str, tmp_path: Path) -> None:
    push(home, at(url))
    states, over = [files(home, "published")], threading.Event()

    def pushing() -> None:
        for digit in "1234":
            (run,) = run_ids(home)
            shutil.rmtree(home / "published" / run)
            publish(home, seed=int(digit), establishments=30, digit=digit)
            states.append(files(home, "published"))
            push(home, at(url))
        over.set()

    writer, pulled = threading.Thread(target=pushing), list[dict[str, bytes]]()
    writer.start()
    while not over.is_set():
        away = tmp_path / f"away-{len(pulled)}"
        pull(away, at(url), published_only=True)
        pulled.append(files(away))
    writer.join()
    assert len(pulled) > 1
    assert [one for one in pulled if one not in states] == []


def test_of_two_who_push_at_the_same_moment_one_is_refused(home: Path, url: str) -> None:
    push(home, at(url))
    late = Head(1, index_of(home).under("published").content)
    with pytest.raises(RefusedError, match="the same moment"):
        at(url).offer(late)
    assert index_at(url) == index_of(home)


def test_large_files_go_in_blocks(home: Path, url: str, tmp_path: Path) -> None:
    large = home / "models" / "bht_use" / "v0123" / "large.bin"
    large.write_bytes(bytes(range(256)) * (2 * BLOCK // 256) + b"and a bit")
    push(home, at(url))
    pull(tmp_path / "away", at(url))
    assert files(tmp_path / "away") == files(home)


def test_what_a_killed_upload_left_at_s3_goes_and_kept_versions_are_told_of(home: Path, server: str) -> None:
    fs = at("s3://bucket").fs
    fs.mkdir("versioned")
    fs.make_bucket_versioned("versioned")
    for key in ("mine/objects/x", "another/objects/x"):
        fs.call_s3("create_multipart_upload", Bucket="versioned", Key=key)
    (told,) = push(home, at("s3://versioned/mine")).unreached
    assert "keeps versions" in told
    assert [one["Key"] for one in fs.list_multipart_uploads("versioned")] == ["another/objects/x"]


def test_errors_say_what_to_do(home: Path, server: str, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="make it, or mend the URL"):
        push(home, at("s3://nobucket/x"))
    with pytest.raises(NotFoundError, match="ever pushed"):
        pull(tmp_path / "away", at("s3://nobucket/x"))
    with pytest.raises(NotFoundError, match="mount"):
        at((tmp_path / "unmounted").as_uri())
    with pytest.raises(BadInputError, match="a URL like"):
        at("nonsense://x")
    with with_rights_checked(server), pytest.raises(RefusedError, match="the right to"):
        push(home, at("s3://bucket/x"))
    (tmp_path / "full" / "objects").mkdir(parents=True)
    run_json = index_of(home).files[f"published/{FIRST}/run.json"]
    (tmp_path / "full" / "objects" / run_json.sha256).symlink_to("/dev/full")
    with pytest.raises(BadInputError, match="a full disk"):
        push(home, at((tmp_path / "full").as_uri()))
    assert at((tmp_path / "full").as_uri()).head() is None


def test_from_the_command_line(home: Path, server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TARGETING_HOME", str(home))
    run = CliRunner().invoke
    assert run(commands, ["mirror", "push"]).exit_code == 2
    monkeypatch.setenv("TARGETING_MIRROR_URL", "s3://bucket/commands")
    assert "pushed" in run(commands, ["mirror", "push"]).output
    assert "pushed 0 of" in run(commands, ["mirror", "push"]).output
    assert run(commands, ["mirror", "verify"]).exit_code == 0
    monkeypatch.setenv("TARGETING_HOME", str(tmp_path / "web"))
    assert f"run in service: {FIRST}" in run(commands, ["mirror", "pull", "--published-only"]).output
    remote = at("s3://bucket/commands")
    sealed = index_of(home).files[f"published/{FIRST}/sectors.parquet"]
    remote.fs.pipe_file(f"{remote.base}/objects/{sealed.sha256}", b"x" * sealed.bytes)
    assert run(commands, ["mirror", "verify"]).exit_code == 1
