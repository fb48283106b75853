"""A new run is published again and again while people ask: no request is lost, and no answer is of two runs."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any, NamedTuple

import httpx2 as httpx
import pyarrow.parquet as pq
import pytest

from tests.lib.published_run import publish

pytestmark = pytest.mark.night

ADDRESSES = (
    "/v1/rankings/bht_use?limit=1000",
    "/v1/rankings/working_environment?limit=50&county=03",
    "/v1/sectors",
    "/v1/models",
    "/healthz/ready",
)
THREADS = 8
DIGITS = "bcdef"


class Seen(NamedTuple):
    address: str
    status: int
    headers: dict[str, str]
    body: dict[str, Any]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def service(home: Path) -> Iterator[str]:
    """A real server of one worker; every run has scores, releases and a number of rows of its own."""
    republish(home, "a")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {
        "TARGETING_HOME": str(home),
        "TARGETING_DANGEROUS_DEVELOPMENT_LOGIN": "true",
        "TARGETING_REQUESTS_AT_ONCE": "1000000",
    }
    command = [sys.executable, "-m", "uvicorn", "api.main:app", "--port", str(port), "--log-level", "warning"]
    with subprocess.Popen(command, env={**os.environ, **settings}, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(f"http://127.0.0.1:{port}/healthz/ready")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def republish(home: Path, digit: str) -> None:
    number = int(digit, 16)
    publish(home, seed=number, establishments=100 + number, digit=digit, release=f"v-{digit}")


def wait_for(address: str) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            if httpx.get(address).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the service does not answer")


def ask_until(service: str, done: Event, first: int) -> list[Seen]:
    """One person asking without a pause; an answer that does not come raises."""
    seen: list[Seen] = []
    with httpx.Client(base_url=service, headers={"Origin": service}, timeout=60) as client:
        assert client.post("/login", data={"name": f"ada {first}", "roles": "planner"}).status_code == 303
        while not done.is_set():
            address = ADDRESSES[(first + len(seen)) % len(ADDRESSES)]
            answer = client.get(address)
            seen.append(Seen(address, answer.status_code, dict(answer.headers), json.loads(answer.content)))
    return seen


def test_swapping_countries_loses_no_request_and_mixes_no_runs(service: str, home: Path) -> None:
    done = Event()
    with ThreadPoolExecutor(THREADS) as pool:
        asking = [pool.submit(ask_until, service, done, number) for number in range(THREADS)]
        try:
            for digit in DIGITS:
                time.sleep(0.5)
                republish(home, digit)
            time.sleep(1)
        finally:
            done.set()
        seen = [one for thread in asking for one in thread.result()]

    assert {one.status for one in seen} == {200}
    assert {one.address for one in seen} == set(ADDRESSES)
    runs = {one.body["run"] for one in seen}
    assert {digit * 16 for digit in "a" + DIGITS[-1]} <= runs, "the first was asked, and the last came into service"
    told: dict[tuple[str, str], tuple[str, dict[str, Any]]] = {}
    for one in seen:
        run, release = one.body["run"], f"v-{one.body['run'][0]}"
        assert run == one.headers["x-targeting-run"]
        assert release in one.headers["x-targeting-release"]
        assert one.body["release"] == release or set(one.body["release"].values()) == {release}
        # One run, one address: one body and one tag, whenever it was asked. So no row can be of another run.
        answer = (one.headers.get("etag", ""), one.body)
        assert told.setdefault((run, one.address), answer) == answer
    tags = {(run, tag) for (run, address), (tag, _) in told.items() if tag}
    assert len(tags) == len({tag for _, tag in tags}) == len({run for run, _ in tags})


def test_every_row_is_of_the_run_that_the_answer_names(service: str, home: Path) -> None:
    """The test above compares answers with each other; this one compares them with the files."""
    with httpx.Client(base_url=service, headers={"Origin": service}, timeout=60) as client:
        client.post("/login", data={"name": "ada", "roles": "planner"})
        for digit in "ab":
            republish(home, digit)
            page = client.get(ADDRESSES[0]).json()
            published = pq.read_table(home / "published" / page["run"] / "scores_bht_use.parquet")
            columns = ["rank", "establishment", "score", "reasons"]
            assert page["run"] == digit * 16
            assert [{name: row[name] for name in columns} for row in page["rows"]] == published.select(
                columns
            ).to_pylist()
