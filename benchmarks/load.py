"""A small load generator: as many requests as come back over a few kept-alive connections, in a process of its own."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from typing import Final, NamedTuple

__all__ = ["Load", "fetch", "load"]

_BUFFER: Final = 1 << 20
_HEAD_END: Final = b"\r\n\r\n"


class Load(NamedTuple):
    """How long each answer took (seconds), how many bytes came, how long it all took."""

    latencies: list[float]
    received: int
    seconds: float


def load(port: int, cookie: str, paths: Sequence[str], seconds: float, connections: int) -> Load:
    """Ask for `paths` in turn over `connections`, for `seconds`. `AssertionError` when an answer is not 200."""
    asked = json.dumps([port, cookie, list(paths), seconds, connections])
    command = [sys.executable, "-m", "benchmarks.load"]
    done = subprocess.run(command, input=asked, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return Load(*json.loads(done.stdout))


def _load(port: int, cookie: str, paths: Sequence[str], seconds: float, connections: int) -> Load:
    found: list[list[tuple[float, int]]] = [[] for _ in range(connections)]
    begun = time.perf_counter()
    threads = [
        threading.Thread(target=_ask, args=(port, cookie, [*paths[place:], *paths[:place]], begun + seconds, one))
        for place, one in enumerate(found)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - begun
    answers = [answer for one in found for answer in one]
    assert all(one for one in found), "a connection got no answer"
    return Load([latency for latency, _ in answers], sum(size for _, size in answers), took)


def _ask(port: int, cookie: str, paths: Sequence[str], until: float, found: list[tuple[float, int]]) -> None:
    buffer = bytearray(_BUFFER)
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while (begun := time.perf_counter()) < until:
            size = _exchange(connection, cookie, paths[len(found) % len(paths)], buffer)
            found.append((time.perf_counter() - begun, size))


def _exchange(connection: socket.socket, cookie: str, path: str, buffer: bytearray) -> int:
    """One request and its answer, whose body is thrown away; its size."""
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n".encode())
    head, view = b"", memoryview(buffer)
    while _HEAD_END not in head:
        read = connection.recv_into(view)
        assert read, "the server closed the connection"
        head += buffer[:read]
    fields, _, body = head.partition(_HEAD_END)
    assert fields.startswith(b"HTTP/1.1 200 "), fields[:200]
    size = next(int(line[16:]) for line in fields.split(b"\r\n") if line.lower().startswith(b"content-length: "))
    left = size - len(body)
    while left > 0:
        left -= connection.recv_into(view)
    return size


def fetch(port: int, cookie: str, path: str) -> bytes:
    """The body of one answer."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
        connection.sendall(request.encode())
        received = b"".join(iter(lambda: connection.recv(_BUFFER), b""))
    head, _, body = received.partition(_HEAD_END)
    assert head.startswith(b"HTTP/1.1 200 "), received[:500]
    return body


if __name__ == "__main__":
    print(json.dumps(_load(*json.load(sys.stdin))))
