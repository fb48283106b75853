"""A service in a process of its own that can be killed and started again, and people who write to it meanwhile."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import httpx2

from targeting.planning.permissions import Role

__all__ = ["Asked", "Served", "Visitor"]

_SECRET = "0123456789abcdef" * 3
_PATIENCE = 60.0
_REPOSITORY = Path(__file__).resolve().parents[2]


class Asked(NamedTuple):
    """One write as it was sent, and its answer: null when the connection broke before one came."""

    who: Visitor
    path: str
    sent: dict[str, Any]
    answer: tuple[int, bytes] | None


class Served:
    """`uvicorn api.main:app` over `home` with the development login, always at the same address."""

    def __init__(self, home: Path, ledger_url: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("TARGETING_", "DB_"))},
            "TARGETING_HOME": str(home),
            "TARGETING_LEDGER_URL": ledger_url,
            "TARGETING_DANGEROUS_DEVELOPMENT_LOGIN": "true",
            "TARGETING_SESSION_SECRET": _SECRET,
            "TARGETING_REQUESTS_AT_ONCE": "100000",
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [sys.executable, "-m", "uvicorn", "api.main:app", "--port", str(self.port), "--log-level", "critical"]
        self._process = subprocess.Popen(command, cwd=_REPOSITORY, env=self._environment, stderr=subprocess.DEVNULL)
        until = time.monotonic() + _PATIENCE
        while True:
            assert self._process.poll() is None, "the service did not start"
            assert time.monotonic() < until, "the service does not answer"
            try:
                httpx2.get(f"{self.address}/healthz/live")
                return
            except httpx2.TransportError:
                time.sleep(0.05)

    def kill(self) -> None:
        """End it at once: no handler of it runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()


@dataclass(eq=False)
class Visitor:
    """Somebody with a browser's session, which outlives the service. `asked` are the writes they sent."""

    served: Served
    name: str
    role: Role
    asked: list[Asked] = field(default_factory=list)

    def __post_init__(self) -> None:
        own = {"Origin": self.served.address}
        self.client = httpx2.Client(base_url=self.served.address, headers=own, timeout=_PATIENCE)
        self.client.post("/login", data={"name": self.name, "roles": [self.role]})
        self.client.headers["X-CSRF-Token"] = self.client.get("/").text.partition('csrf_token" value="')[2][:64]

    def write(self, path: str, seen: str = "", **sent: Any) -> httpx2.Response:
        """Send a write with a new key, on the plan as it was `seen` (an ETag). Raises when the service dies over it."""
        headers = {
            "Idempotency-Key": uuid.uuid4().hex,
            **sent.pop("headers", {}),
            **({"If-Match": seen} if seen else {}),
        }
        asked = Asked(self, path, {**sent, "headers": headers}, None)
        try:
            given = self.client.post(path, **asked.sent)
        except httpx2.TransportError:
            self.asked.append(asked)
            raise
        self.asked.append(asked._replace(answer=(given.status_code, given.content)))
        return given

    def again(self, asked: Asked) -> tuple[int, bytes]:
        """The answer to the very same request sent once more."""
        given = self.client.post(asked.path, **asked.sent)
        return given.status_code, given.content

    def taken(self) -> list[Asked]:
        """Every write since this was asked last."""
        taken, self.asked = self.asked, []
        return taken
