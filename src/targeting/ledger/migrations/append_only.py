"""The triggers that make a table append-only, in the words of each database."""

from __future__ import annotations

from alembic import op

__all__ = ["close_the_gaps", "forbid_changes"]

_FUNCTION = """
CREATE OR REPLACE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'append-only: % of % is refused, write a new row', TG_OP, TG_TABLE_NAME; END $$
"""


def forbid_changes(table: str) -> None:
    """Refuse UPDATE and DELETE of rows of `table` (and TRUNCATE where there is such a thing)."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_FUNCTION)
        for kind, each in (("UPDATE OR DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
            name = f"{table}_append_only_{each.lower()}"
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {kind} ON {table} "
                f"FOR EACH {each} EXECUTE FUNCTION ledger_is_append_only()"
            )
        return
    for kind in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{kind.lower()} BEFORE {kind} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, 'append-only: {kind} of {table} is refused, write a new row'); END"
        )


def close_the_gaps(table: str, keys: tuple[tuple[str, ...], ...]) -> None:
    """Refuse what goes around the triggers of `forbid_changes`.

    SQLite: INSERT OR REPLACE deletes without asking a DELETE trigger, so an insert that meets one of the unique `keys`
    is refused first. PostgreSQL: a superuser's `session_replication_role` switches ordinary triggers off, so these
    fire always.
    """
    if op.get_bind().dialect.name == "postgresql":
        for each in ("row", "statement"):
            op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_append_only_{each}")
        return
    taken = " OR ".join(
        f"EXISTS (SELECT 1 FROM {table} WHERE {' AND '.join(f'{name} = NEW.{name}' for name in key)})" for key in keys
    )
    op.execute(
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {taken} "
        f"BEGIN SELECT RAISE(ABORT, 'append-only: {table} has such a row already, write a new one'); END"
    )
