"""Opening a ledger: SQLite by default, PostgreSQL by URL, brought up to date by the one set of migrations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

__all__ = ["Ledger", "open_ledger", "url_of"]

_MIGRATIONS: Final = Path(__file__).with_name("migrations")
_CHAIN_LOCK: Final = 0x7A17
"""Any number, as long as every writer asks PostgreSQL for the same."""


@dataclass(frozen=True)
class Ledger:
    """An open ledger. One `write` is one transaction: all of it or nothing."""

    engine: sa.Engine

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """One consistent state to read from."""
        with self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """The only writer of its moment: the chain has one end, so two cannot extend it at once."""
        with self.engine.connect().execution_options(writes=True) as connection, connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_CHAIN_LOCK)))
            yield connection

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()


def url_of(home: Path) -> str:
    """Where the ledger is when no URL says otherwise.

    >>> url_of(Path("var"))
    'sqlite:///var/ledger.db'
    """
    return f"sqlite:///{home / 'ledger.db'}"


def open_ledger(url: str) -> Ledger:
    """The ledger at `url`, migrated to the newest schema; a new SQLite file is made, its folder too."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(url)
    if engine.dialect.name == "sqlite":
        _take_transactions_in_hand(engine)
    ledger = Ledger(engine)
    with ledger.write() as connection:
        _migrate(connection)
    return ledger


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
        for pragma in ("foreign_keys=ON", "journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def begun(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
