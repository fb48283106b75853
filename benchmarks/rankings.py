"""Lists of 300 out of 950 000 with three filters, against the same bytes ready-made on the same server.

    python -m benchmarks.rankings [--establishments 950000] [--home FOLDER] [--seconds 3] [--rounds 5] [--out FILE]

Publishes a made-up country (once a folder), starts one uvicorn worker of the real application on this machine and asks
in interleaved rounds, over kept-alive connections: real lists under 96 combinations of three filters (the service
remembers which rows a page has, not their text), the same bodies ready-made and with their look kept in the audit as a
list's is, the same ready-made without a look, and an empty answer. Prints a table, writes JSON. Read ratios, not
absolutes. The server's processor time per answer is the figure that a busy machine disturbs least.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from benchmarks.load import Load, fetch, load
from benchmarks.rankings_country import COUNTIES, INDUSTRIES, publish_country
from benchmarks.rankings_server import READY

__all__ = ["measure"]

_LIMIT: Final = 300
_CONNECTIONS: Final = 32
_START_SECONDS: Final = 120
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_LIST, _KEPT, _PLAIN, _EMPTY = "list", "ready-made, look kept", "ready-made, no look", "empty"


class Server(NamedTuple):
    """The running service, the session to ask it with, and how long its first answer took."""

    process: int
    port: int
    cookie: str
    first_answer: float

    def processor_seconds(self) -> float:
        """How long its processor worked so far."""
        fields = Path(f"/proc/{self.process}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def memory(self) -> dict[str, int]:
        """Its memory in bytes: its own, and what it has mapped of files, which the page cache may drop."""
        status = Path(f"/proc/{self.process}/status").read_text("ascii")
        found = dict(line.split(":") for line in status.splitlines() if line.startswith("Rss"))
        return {name: int(found[name].split()[0]) * 1024 for name in ("RssAnon", "RssFile")}


def measure(home: Path, seconds: float, rounds: int) -> dict[str, Any]:
    """Everything measured on the run that is published under `home`."""
    with tempfile.TemporaryDirectory() as ready, _serving(home, Path(ready)) as server:
        questions = _questions()
        sizes = _make_ready(server, questions, Path(ready))
        paths = {
            _LIST: questions,
            _KEPT: [f"/ready/kept/{number}" for number in range(len(questions))],
            _PLAIN: [f"/ready/plain/{number}" for number in range(len(questions))],
            _EMPTY: ["/ready/empty"],
        }
        loads: dict[str, list[Load]] = {name: [] for name in paths}
        worked = dict.fromkeys(paths, 0.0)
        for name in [*paths, *itertools.chain.from_iterable(paths for _ in range(rounds))]:
            before = server.processor_seconds()
            loads[name].append(load(server.port, server.cookie, paths[name], seconds, _CONNECTIONS))
            worked[name] += server.processor_seconds() - before
        found = {name: _figures(ran, worked[name]) for name, ran in loads.items()}
        about = {"bytes": float(np.mean(sizes)), "first_answer": server.first_answer, "memory": server.memory()}
        return {**about, "figures": found, "ratios": _ratios(found)}


def _questions() -> list[str]:
    wanted = itertools.product(COUNTIES[:8], INDUSTRIES[:6], (1, 5))
    asked = [
        f"/v1/rankings/bht_use?limit={_LIMIT}&county={county}&industry={industry}&employees_min={employees}"
        for county, industry, employees in wanted
    ]
    np.random.default_rng(1).shuffle(asked)
    return asked


def _make_ready(server: Server, questions: Sequence[str], folder: Path) -> list[int]:
    """Keep each answer to be sent again, and see that both ways give the very same bytes; their sizes."""
    sizes = []
    for number, question in enumerate(questions):
        body = fetch(server.port, server.cookie, question)
        (folder / f"{number}.json").write_bytes(body)
        for way in ("kept", "plain"):
            assert fetch(server.port, server.cookie, f"/ready/{way}/{number}") == body
        sizes.append(len(body))
    return sizes


def _figures(loads: Sequence[Load], worked: float) -> dict[str, float]:
    """Over all rounds but the first, which warms up; processor time over all of them."""
    counted = loads[1:]
    latencies = np.concatenate([one.latencies for one in counted])
    answers = sum(len(one.latencies) for one in loads)
    return {
        "rate": float(np.median([len(one.latencies) / one.seconds for one in counted])),
        "p50_ms": float(np.percentile(latencies, 50) * 1000),
        "p99_ms": float(np.percentile(latencies, 99) * 1000),
        "processor_ms": worked / answers * 1000,
        "answers": len(latencies),
    }


def _ratios(found: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
    """Lists against both ways of sending the same bytes ready-made."""
    return {
        name: {figure: found[_LIST][figure] / found[name][figure] for figure in ("rate", "p99_ms", "processor_ms")}
        for name in (_KEPT, _PLAIN)
    }


@contextmanager
def _serving(home: Path, ready: Path) -> Iterator[Server]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "--factory", "benchmarks.rankings_server:create"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--no-access-log", "--log-level", "warning"]
    environment = {**os.environ, "TARGETING_HOME": str(home), READY: str(ready)}
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            cookie = _log_in(port)
            begun = time.perf_counter()
            fetch(port, cookie, _questions()[0])
            yield Server(process.pid, port, cookie, time.perf_counter() - begun)
        finally:
            process.terminate()


def _log_in(port: int) -> str:
    """A planner's session, as soon as the service answers."""
    form = b"name=ada&roles=planner"
    origin = f"http://127.0.0.1:{port}"
    head = f"POST /login HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: {origin}\r\nConnection: close\r\n"
    head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(form)}\r\n\r\n"
    until = time.perf_counter() + _START_SECONDS
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port)) as connection:
                connection.sendall(head.encode() + form)
                answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode("latin-1")
            break
        except ConnectionError:
            if time.perf_counter() > until:
                raise
            time.sleep(0.2)
    lines = answer.partition("\r\n\r\n")[0].split("\r\n")
    return next(line.partition(": ")[2].partition(";")[0] for line in lines if line.lower().startswith("set-cookie:"))


def _hashing_seconds(home: Path) -> float:
    """The floor of opening: hashing every file of the run."""
    begun = time.perf_counter()
    for path in sorted((home / "published").glob("*/*")):
        with path.open("rb") as file:
            hashlib.file_digest(file, "sha256")
    return time.perf_counter() - begun


def _render(found: Mapping[str, Any]) -> str:
    lines = [f"{'':24s}{'requests/s':>12s}{'p50 ms':>9s}{'p99 ms':>9s}{'processor ms':>14s}{'answers':>9s}"]
    lines += [
        f"{name:24s}{one['rate']:12.0f}{one['p50_ms']:9.1f}{one['p99_ms']:9.1f}{one['processor_ms']:14.2f}"
        f"{one['answers']:9.0f}"
        for name, one in found["figures"].items()
    ]
    lines += [
        f"list against {name}: {one['rate']:.2f} of the rate, {one['p99_ms']:.2f} of the p99, "
        f"{one['processor_ms']:.2f} of the processor time"
        for name, one in found["ratios"].items()
    ]
    own, mapped = (found["memory"][name] / 2**20 for name in ("RssAnon", "RssFile"))
    lines.append(
        f"{found['establishments']} rows, {found['bytes'] / 1000:.0f} kB an answer; first answer after "
        f"{found['first_answer']:.1f} s, hashing the files takes {found['hashing']:.1f} s; "
        f"memory {own:.0f} MiB and {mapped:.0f} MiB of mapped files"
    )
    return "\n".join(lines)


def main() -> None:
    """Publish what is to be measured, measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--establishments", type=int, default=950_000)
    parser.add_argument("--home", type=Path, help="where the country is kept; a temporary folder without it")
    parser.add_argument("--seconds", type=float, default=3.0, help="of each round of each kind of answer")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path, help="where the JSON goes")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        home = given.home or Path(temporary)
        if not (home / "published" / "CURRENT").is_file():
            publish_country(home, given.establishments)
        found = {"establishments": given.establishments, "hashing": _hashing_seconds(home)}
        found |= measure(home, given.seconds, given.rounds)
    print(_render(found))
    if given.out:
        given.out.write_text(json.dumps(found, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
