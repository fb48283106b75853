"""Look-ups in the audit, answers by idempotency key, and the gaps around the triggers closed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from targeting.ledger.migrations.append_only import close_the_gaps

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_KEYS = {
    "plan_events": (("number",), ("hash",), ("plan", "sequence")),
    "plans": (("id",),),
    "slots": (("plan", "establishment"),),
    "standbys": (("plan", "per", "value", "place"),),
    "slot_events": (("plan", "establishment", "event"),),
    "outcomes": (("plan", "establishment", "event"),),
    "trials": (("id",),),
}
_INDEXES = (
    ("events_of_actor", "plan_events", ("actor", "number")),
    ("events_of_establishment", "plan_events", ("establishment", "number")),
    ("events_of_kind", "plan_events", ("kind", "number")),
    ("slots_of_establishment", "slots", ("establishment",)),
    ("standbys_of_establishment", "standbys", ("establishment",)),
    ("slot_events_of_establishment", "slot_events", ("establishment",)),
    ("slot_events_of_taken", "slot_events", ("taken",)),
)


def upgrade() -> None:
    """Add two columns that are null in every earlier event, the indexes of the questions asked, and `requests`."""
    op.add_column("plan_events", sa.Column("establishment", sa.String(9), nullable=True))
    op.add_column("plan_events", sa.Column("target", sa.String(40), nullable=True))
    for name, table, columns in _INDEXES:
        op.create_index(name, table, list(columns))
    _make_requests()
    for table, keys in _KEYS.items():
        close_the_gaps(table, keys)


def downgrade() -> None:
    """There is no way back: an audit trail is not dropped by a migration."""
    raise NotImplementedError("the ledger is append-only; restore a backup instead")


def _make_requests() -> None:
    op.create_table(
        "requests",
        sa.Column("person", sa.String(200), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("route", sa.String(200), nullable=False),
        sa.Column("request_hash", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("person", "key"),
    )
    op.create_index("requests_at", "requests", ["at"])
