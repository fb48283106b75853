"""The quarterly run at night: whole or not at all, the same wherever it is worked on, and stopped by what is wrong."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from subprocess import Popen

import pytest

from targeting.published import open_current, run_ids
from targeting.snapshots.lock import exclusive
from tests.lib.cluster import cluster, wait_for
from tests.lib.killed_quarter import ROWS, run_quarter
from tests.lib.quarter_home import QUARTER, QuarterHome, build
from tests.lib.spoilt import SPOILT

pytestmark = pytest.mark.night

KILLS, SEED = int(os.environ.get("TARGETING_KILLS", "4")), 20270101
"""A few on each change, fifty with `make test-night`."""
REASONS = {
    "a third of the rows gone": "2,000 in the last file of its kind",
    "another code standard": "A new code standard looks like this",
    "everybody grown": "employing units",
}
COMMAND = ("-m", "pipelines", "quarterly", "--as-of", str(QUARTER), "--partition-rows", str(ROWS))


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> QuarterHome:
    return build(tmp_path_factory.mktemp("before"))


@pytest.fixture(scope="module")
def undisturbed(before: QuarterHome, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home after a quarterly run that nobody disturbed, in one process."""
    home = before.copy(tmp_path_factory.mktemp("undisturbed"))
    run_quarter(home.home, home.inbox)
    return home.home


def results(home: Path) -> dict[str, str]:
    """What a quarter leaves: every file of the store and of the published runs, by content."""
    files = [path for part in ("snapshots", "quarantine", "published") for path in (home / part).rglob("*")]
    kept = (path for path in files if path.is_file() and path.name != ".lock")
    return {str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest() for path in kept}


def orphans(home: Path) -> list[str]:
    """Whatever a crash may have left: folders of work, drafts, partial files."""
    odd = [*home.rglob("*.partial"), *home.rglob(".draft-*"), *home.rglob(".loading-*"), *home.rglob(".CURRENT-*")]
    work = [path for path in (home / "work").iterdir() if path.name != ".lock"]
    return [str(path.relative_to(home)) for path in (*odd, *work)]


def unchanged(was: Path, home: Path) -> None:
    """Nothing was loaded and nothing published."""
    assert results(home) == results(was)


def command(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *COMMAND, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env=os.environ | {"TARGETING_HOME": str(home)} | environment,
    )


def test_a_quarter_is_published_reported_and_leaves_nothing_behind(before: QuarterHome, undisturbed: Path) -> None:
    old, new = open_current(before.home).about, open_current(undisturbed).about
    assert (old.as_of, new.as_of) != (new.as_of, old.as_of)
    assert new.as_of == QUARTER
    assert set(run_ids(undisturbed)) == {old.run, new.run}
    assert orphans(undisturbed) == []
    steps = json.loads((undisturbed / "quarterly" / f"{QUARTER}.steps.json").read_text())["steps"]
    assert [one["state"] for one in steps] == ["done"] * len(steps)
    assert (undisturbed / "monitor" / str(QUARTER) / "monitor.html").stat().st_size > 1000


@pytest.mark.kills
def test_killed_at_any_moment_it_ends_with_the_very_bytes_of_an_undisturbed_run(
    before: QuarterHome, undisturbed: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    runner = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.lib.killed_quarter",
            str(before.home),
            str(home),
            str(before.inbox),
            str(KILLS),
            str(SEED),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert runner.returncode == 0, runner.stderr
    told = json.loads(runner.stdout)
    assert told["killed"] + told["ended"] == KILLS
    assert told["killed"] >= KILLS // 2, told
    assert len(told["after"]) >= min(4, KILLS // 2), "killed in different steps"
    assert set(told["in_service"]) <= {"before", "new"}
    assert results(home) == results(undisturbed)
    assert orphans(home) == []


@pytest.mark.night
def test_a_cluster_that_loses_a_worker_gives_the_same_files(
    before: QuarterHome, undisturbed: Path, repository: Path, tmp_path: Path
) -> None:
    home = before.copy(tmp_path)
    with cluster(repository, tmp_path) as (address, workers):
        command_ = Popen(
            [sys.executable, *COMMAND, str(home.inbox), "--engine", f"dask://{address}"],
            env=os.environ | {"TARGETING_HOME": str(home.home)},
            cwd=repository,
            stderr=subprocess.PIPE,
            text=True,
        )
        scored = wait_for(lambda: next((home.home / "work").glob("*/parts/*/*.parquet"), None), command_)
        workers[0].send_signal(signal.SIGKILL)
        _, errors = command_.communicate(timeout=240)
    assert scored is not None
    assert command_.returncode == 0, errors
    assert results(home.home) == results(undisturbed)
    assert orphans(home.home) == []


def test_nobody_answers_where_a_scheduler_should_be(before: QuarterHome, tmp_path: Path) -> None:
    home = before.copy(tmp_path)
    answer = command(home.home, "--engine", "http://127.0.0.1:1")
    assert (answer.returncode, "dask://HOST:PORT" in answer.stderr) == (2, True)
    unchanged(before.home, home.home)


@pytest.mark.parametrize("harm", ["missing", "corrupt"])
def test_a_store_that_is_not_whole_is_told_by_file(harm: str, before: QuarterHome, tmp_path: Path) -> None:
    home = before.copy(tmp_path).home
    path = sorted((home / "snapshots" / "establishments").glob("*.parquet"))[0]
    whole = path.read_bytes()
    path.unlink() if harm == "missing" else path.write_bytes(whole[:-1000] + b"x" * 1000)
    answer = command(home)
    assert answer.returncode == 2, answer.stderr
    assert path.name in answer.stderr
    assert "Traceback" not in answer.stderr
    path.write_bytes(whole)
    unchanged(before.home, home)


@pytest.mark.night
def test_a_full_disk_is_told_and_the_next_start_goes_on(before: QuarterHome, undisturbed: Path, tmp_path: Path) -> None:
    home = before.copy(tmp_path)
    full = subprocess.run(
        [sys.executable, *COMMAND, str(home.inbox)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"TARGETING_HOME": str(home.home)},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000)),
    )
    assert full.returncode == 3, full.stderr
    assert "room and the right to write" in full.stderr
    assert "Traceback" not in full.stderr
    assert open_current(home.home).about.as_of != QUARTER
    again = command(home.home, str(home.inbox))
    assert again.returncode == 0, again.stderr
    assert results(home.home) == results(undisturbed)
    assert orphans(home.home) == []


def test_a_folder_nobody_may_write_to_is_told() -> None:
    answer = command(Path("/proc"))
    assert answer.returncode == 3, answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_second_run_at_once_is_refused(before: QuarterHome, tmp_path: Path) -> None:
    home = before.copy(tmp_path).home
    with exclusive(home / "quarterly", "quarterly run"):
        answer = command(home)
    assert (answer.returncode, "still running" in answer.stderr) == (1, True)
    unchanged(before.home, home)


def test_a_dry_run_tells_all_and_changes_nothing(before: QuarterHome, tmp_path: Path) -> None:
    home = before.copy(tmp_path).home
    was = {str(path.relative_to(home)) for path in home.rglob("*")}
    answer = command(home, "--dry-run", str(before.inbox))
    assert answer.returncode == 0, answer.stderr
    told = answer.stdout
    assert all(path.name in told for path in before.inbox.iterdir())
    assert " new, " in told
    assert open_current(home).about.run in told
    assert {str(path.relative_to(home)) for path in home.rglob("*")} - {"ledger.db"} == was
    unchanged(before.home, home)


@pytest.mark.night
def test_what_is_wrong_with_the_input_is_caught_before_anything_is_published(
    before: QuarterHome, undisturbed: Path, tmp_path: Path
) -> None:
    """After a pinned quarter: a third of a register gone, a new code standard, a quarter that drifted."""
    home = Path(shutil.copytree(undisturbed, tmp_path / "home"))
    served = open_current(home).about.run
    pinned = subprocess.run(
        [sys.executable, "-m", "pipelines", "monitor", "--pin", "--by", "ida", "--why", "a good quarter"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"TARGETING_HOME": str(home)},
    )
    assert pinned.returncode == 0, pinned.stderr
    for place, (name, spoil) in enumerate(SPOILT.items()):
        inbox = tmp_path / f"inbox{place}"
        inbox.mkdir()
        spoil(before.registers, inbox)
        answer = command(home, str(inbox))
        assert answer.returncode == 1, (name, answer.stderr)
        assert REASONS[name] in answer.stderr, (name, answer.stderr)
        assert open_current(home).about.run == served, name
        assert run_ids(home) == run_ids(undisturbed), name
