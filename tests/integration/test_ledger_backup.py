"""The backups of the operations page, taken while others write, restored, and held against a head noted elsewhere."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from targeting.ledger import EventKind, Ledger, head, open_ledger, record_event, url_of, verify
from tests.lib.ledger_story import event, filled
from tests.lib.postgres import Postgres


def write_on(ledger: Ledger) -> None:
    for _ in range(20):
        with ledger.write() as connection:
            record_event(connection, event(EventKind.SIGNED_IN, plan=None))


def noted(ledger: Ledger) -> str:
    with ledger.read() as connection:
        return head(connection)


def goes_on_whole(restored: Ledger, head_before: str) -> None:
    assert verify(restored, head_before) == ()
    with restored.write() as connection:
        record_event(connection, event(EventKind.SIGNED_IN, plan=None))
    assert verify(restored, head_before) == ()
    restored.close()


def test_a_copy_of_the_sqlite_file(tmp_path: Path) -> None:
    ledger = filled(url_of(tmp_path))
    before = noted(ledger)
    copy = tmp_path / "backup" / "ledger.db"
    copy.parent.mkdir()
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write_on, ledger)
        with closing(sqlite3.connect(tmp_path / "ledger.db")) as source:
            source.execute("VACUUM INTO ?", [str(copy)])
        writing.result()
    ledger.close()

    goes_on_whole(open_ledger(url_of(copy.parent)), before)


def test_a_dump_of_the_postgresql_database(tmp_path: Path, postgres: Postgres) -> None:
    name, restored = postgres.fresh(), postgres.fresh("template0")
    ledger = filled(postgres.url(name))
    before = noted(ledger)
    plain = {database: postgres.url(database).replace("+psycopg", "") for database in (name, restored)}
    dump = tmp_path / "ledger.dump"
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write_on, ledger)
        run(postgres.program("pg_dump"), "--format=custom", f"--file={dump}", f"--dbname={plain[name]}")
        writing.result()
    run(
        postgres.program("pg_restore"),
        "--exit-on-error",
        "--single-transaction",
        "--no-owner",
        f"--dbname={plain[restored]}",
        str(dump),
    )
    ledger.close()

    goes_on_whole(open_ledger(postgres.url(restored)), before)
    for database in (name, restored):
        postgres.drop(database)


def run(*command: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    subprocess.run(command, check=True, env=environment)
