"""A register on this machine: a real HTTP server in a thread that answers as it was told to."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit


class Request(NamedTuple):
    """What was asked: the path, its parameters and the headers."""

    path: str
    params: dict[str, str]
    headers: dict[str, str]


class Answer(NamedTuple):
    """What is answered. `cut` leaves out that many bytes of the promised body and hangs up."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    cut: int = 0
    promise_length: bool = True


class Server(NamedTuple):
    """Its base address and every request it has answered, in order."""

    base: str
    requests: list[Request]


@contextmanager
def serving(answer: Callable[[Request], Answer]) -> Iterator[Server]:
    """Serve `answer` on a free port until the block ends."""
    requests: list[Request] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            request = Request(parts.path, dict(parse_qsl(parts.query)), {k.lower(): v for k, v in self.headers.items()})
            requests.append(request)
            self._send(answer(request))

        def _send(self, given: Answer) -> None:
            self.send_response(given.status)
            for name, value in given.headers:
                self.send_header(name, value)
            if given.promise_length and given.status != 304:
                self.send_header("Content-Length", str(len(given.body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(given.body[: len(given.body) - given.cut])
            self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield Server(f"http://127.0.0.1:{server.server_address[1]}", requests)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def scripted(*answers: Answer) -> Callable[[Request], Answer]:
    """Answer each request with the next of `answers`; the last one again for ever."""
    left = list(answers)
    return lambda _request: left.pop(0) if len(left) > 1 else left[0]
