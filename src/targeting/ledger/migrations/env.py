"""Alembic's door to the migrations. The connection is handed over by `opening`, never made here."""

from __future__ import annotations

from alembic import context

from targeting.ledger.tables import METADATA

__all__ = ["run"]


def run() -> None:
    """Run the migrations inside the caller's transaction: a failed one leaves nothing behind."""
    context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
    context.run_migrations()


if __name__ == "env_py":  # the name Alembic loads this file under; doctest collection imports it under another
    run()
