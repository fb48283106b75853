"""One set of migrations for both databases: from nothing, from the first version, and by several at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

import targeting.ledger
from targeting.ledger import EventKind, events_of, open_ledger, record_event, verify
from targeting.ledger.chain import GENESIS, canonical, event_hash
from targeting.ledger.tables import METADATA
from tests.lib.ledger_story import PLAN, event, filled
from tests.lib.postgres import Postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database in which nothing is yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.db'}"
    server: Postgres = request.getfixturevalue("postgres")
    name = server.fresh("template0")
    request.addfinalizer(lambda: server.drop(name))
    return server.url(name)


def migrate(url: str, revision: str) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(targeting.ledger.__file__).with_name("migrations")))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


def test_the_migrations_make_the_tables_and_indexes_the_code_names(empty_url: str) -> None:
    ledger = filled(empty_url)
    found = sa.MetaData()
    found.reflect(ledger.engine)

    for name, table in METADATA.tables.items():
        made = {column.name: (column.nullable, column.primary_key) for column in found.tables[name].columns}
        assert made == {column.name: (column.nullable, column.primary_key) for column in table.columns}, name
        assert {index.name for index in found.tables[name].indexes} >= {index.name for index in table.indexes}, name
    ledger.close()


def test_a_ledger_of_the_first_version_goes_on_whole(empty_url: str) -> None:
    """An event written before the columns of look-ups existed keeps its hash, and its export its place in the plan."""
    migrate(empty_url, "0001")
    old = {
        "number": 1,
        "plan": PLAN,
        "sequence": 1,
        "at": event(EventKind.DRAFTED).moment,
        "kind": "exported",
        "actor": "planner",
        "reason_code": "",
        "text": "",
        "payload": canonical({}),
        "attached": canonical([]),
        "previous_hash": GENESIS,
    }
    engine = sa.create_engine(empty_url)
    with engine.begin() as connection:
        names = ", ".join([*old, "hash"])
        values = ", ".join(f":{name}" for name in [*old, "hash"])
        statement = sa.text(f"INSERT INTO plan_events ({names}) VALUES ({values})")
        connection.execute(statement, {**old, "hash": event_hash(old)})
    engine.dispose()

    ledger = open_ledger(empty_url)
    with ledger.write() as connection:
        record_event(connection, event(EventKind.PROPOSED))
        assert [one.sequence for one in events_of(connection, PLAN)] == [1, 2]
    assert verify(ledger) == ()
    ledger.close()


def test_services_that_start_at_once_migrate_once(empty_url: str) -> None:
    def start(turn: int) -> None:
        ledger = open_ledger(empty_url)
        with ledger.write() as connection:
            record_event(connection, event(EventKind.SIGNED_IN, f"person {turn}", plan=None))
        ledger.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(start, range(4)))
    ledger = open_ledger(empty_url)

    assert verify(ledger) == ()
    with ledger.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM plan_events").scalar() == 4
    ledger.close()


def test_a_ledger_is_never_taken_back(empty_url: str) -> None:
    filled(empty_url).close()
    engine = sa.create_engine(empty_url)
    with pytest.raises(NotImplementedError, match="backup"), engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(targeting.ledger.__file__).with_name("migrations")))
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    engine.dispose()
    ledger = open_ledger(empty_url)

    assert verify(ledger) == ()
    ledger.close()
