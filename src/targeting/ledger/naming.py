"""Which plans name an establishment: as slot, standby or newcomer."""

from __future__ import annotations

import sqlalchemy as sa

from targeting.ledger.tables import plans
from targeting.ledger.trail import plans_naming_sql

__all__ = ["plans_naming"]


def plans_naming(connection: sa.Connection, establishment: str) -> tuple[str, ...]:
    """The ids of the plans that ever named `establishment`, oldest first."""
    chosen = sa.select(plans.c.id).where(plans.c.id.in_(plans_naming_sql(establishment))).order_by(plans.c.event)
    return tuple(connection.execute(chosen).scalars())
