"""Opening a ledger: SQLite by default, PostgreSQL by URL, brought up to date by the one set of migrations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from targeting.domain import BadInputError, TargetingError

__all__ = ["Ledger", "UnavailableError", "open_ledger", "url_of"]

_MIGRATIONS: Final = Path(__file__).with_name("migrations")
_CHAIN_LOCK: Final = 0x7A17
"""Any number, as long as every writer asks PostgreSQL for the same."""

_DRIVERS: Final = {
    "sqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}

_WAIT: Final = 10
"""Seconds a writer waits for its turn, on either database."""

_SERVER_SIDE: Final = f"-c lock_timeout={_WAIT}s -c idle_in_transaction_session_timeout=60s"
"""A writer that hangs loses its turn instead of keeping it from everybody."""


class UnavailableError(TargetingError):
    """The database does not answer, was lost on the way, or other writers are not done in time: try again.

    Nothing is half-written. Whether a lost answer was an act is for the idempotency key to tell at the second try.
    """


@dataclass(frozen=True)
class Ledger:
    """An open ledger. One `write` is one transaction: all of it or nothing. Safe to share between threads.

    Threads of one process wait for their turn before they take a connection, so that waiting writers leave the
    connections to readers; writers of other processes meet at the database's own lock.
    """

    engine: sa.Engine
    turn: Lock = field(default_factory=Lock, repr=False, compare=False)

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """One consistent state to read from, however long it takes. Raises `UnavailableError`."""
        with self._begun(self._on_server(isolation_level="REPEATABLE READ", postgresql_readonly=True)) as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """The only writer of its moment: the chain has one end, so two cannot extend it at once.

        READ COMMITTED, because what is read must be what stands once the turn has come, not what stood while waiting.
        Raises `UnavailableError` when the turn does not come in ten seconds.
        """
        if not self.turn.acquire(timeout=_WAIT):
            raise _unavailable("other writers")
        try:
            with self._begun({"writes": True, **self._on_server(isolation_level="READ COMMITTED")}) as connection:
                yield connection
        finally:
            self.turn.release()

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()

    @contextmanager
    def _begun(self, options: dict[str, Any]) -> Iterator[sa.Connection]:
        try:
            with ExitStack() as stack:
                connection = stack.enter_context(self.engine.connect().execution_options(**options))
                stack.enter_context(connection.begin())
                if options.get("writes") and connection.dialect.name == "postgresql":
                    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_CHAIN_LOCK)))
                yield connection
        except (sa.exc.OperationalError, sa.exc.TimeoutError) as cause:
            raise _unavailable(type(getattr(cause, "orig", None) or cause).__name__) from cause

    def _on_server(self, **options: Any) -> dict[str, Any]:
        return options if self.engine.dialect.name == "postgresql" else {}


def _unavailable(got: str) -> UnavailableError:
    return UnavailableError(
        expected="the ledger's database to answer", got=got, where="the ledger", do="try again in a moment"
    )


def url_of(home: Path) -> str:
    """Where the ledger is when nothing says otherwise.

    >>> url_of(Path("var"))
    'sqlite:///var/ledger.db'
    """
    return f"sqlite:///{home / 'ledger.db'}"


def open_ledger(url: str) -> Ledger:
    """The ledger at `url`, migrated to the newest schema; a new SQLite file is made, its folder too.

    `url` begins with sqlite:/// or postgresql://; anything else is a `BadInputError`, which never repeats the URL,
    because it may hold a password. Raises `UnavailableError` when the server does not answer.
    """
    ledger = Ledger(_engine(_checked(url)))
    with ledger.write() as connection:
        _migrate(connection)
    return ledger


def _checked(url: str) -> sa.URL:
    try:
        parsed = sa.make_url(url)
        return parsed.set(drivername=_DRIVERS[parsed.drivername])
    except (sa.exc.ArgumentError, ValueError, KeyError):
        raise BadInputError(
            expected="a URL that begins with sqlite:/// or postgresql://", got="another", where="the ledger's URL"
        ) from None


def _engine(url: sa.URL) -> sa.Engine:
    """No statement's parameters in any log: they would be personal data."""
    if url.get_backend_name() == "sqlite":
        if url.database:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = sa.create_engine(url, hide_parameters=True)
        _take_transactions_in_hand(engine)
        return engine
    arguments = {"connect_timeout": _WAIT, "application_name": "targeting", "options": _SERVER_SIDE}
    return sa.create_engine(
        url, hide_parameters=True, pool_pre_ping=True, pool_timeout=_WAIT, max_overflow=15, connect_args=arguments
    )


def _migrate(connection: sa.Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _take_transactions_in_hand(engine: sa.Engine) -> None:
    """Python's sqlite3 begins late and not at all before DDL; a writer must hold the lock before it reads the end."""

    @sa.event.listens_for(engine, "connect")
    def connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout={_WAIT * 1000}")  # first: switching to WAL may itself have to wait
        for pragma in ("foreign_keys=ON", "journal_mode=WAL", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def begun(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
