"""The triggers that make a table append-only, in the words of each database."""

from __future__ import annotations

from alembic import op

__all__ = ["forbid_changes"]

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
