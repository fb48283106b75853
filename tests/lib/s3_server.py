"""An S3-compatible server on this machine: moto's, in a process of its own, on a free loopback port."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["s3_server", "with_rights_checked"]

_PATIENCE = 60.0


@contextmanager
def s3_server() -> Iterator[str]:
    """The address of an empty server, which goes with the block."""
    chosen = _free_port()
    command = [str(Path(sys.executable).parent / "moto_server"), "-H", "127.0.0.1", "-p", str(chosen)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(process, chosen)
            yield f"http://127.0.0.1:{chosen}"
        finally:
            process.kill()


@contextmanager
def with_rights_checked(address: str) -> Iterator[None]:
    """While it lasts the server lets in only people it knows, and it knows nobody."""
    _count_unchecked(address, 0)
    try:
        yield
    finally:
        _count_unchecked(address, 10**9)


def _free_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        port: int = opened.getsockname()[1]
        return port


def _count_unchecked(address: str, requests: int) -> None:
    plain = {"Content-Type": "text/plain"}  # a form, which is what it would be called without, loses its body there
    asked = urllib.request.Request(f"{address}/moto-api/reset-auth", str(requests).encode(), plain, method="POST")
    urllib.request.urlopen(asked).close()


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(int(_PATIENCE / 0.05)):
        assert process.poll() is None, "the server ended"
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"no server after {_PATIENCE} s")
