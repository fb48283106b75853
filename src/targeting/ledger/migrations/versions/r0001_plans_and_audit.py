"""Plans, slots, standbys, outcomes, trials, and the chained events that wrote them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from targeting.ledger.migrations.append_only import forbid_changes

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = ("plan_events", "plans", "slots", "standbys", "slot_events", "outcomes", "trials")


def upgrade() -> None:
    """Make the tables and their triggers. Written out, not taken from `tables`: that module will move on."""
    _make_events_and_plans()
    _make_slots()
    _make_what_follows()
    for table in _TABLES:
        forbid_changes(table)


def downgrade() -> None:
    """There is no way back: an audit trail is not dropped by a migration."""
    raise NotImplementedError("the ledger is append-only; restore a backup instead")


def _text(name: str, size: int | None = None, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(size) if size else sa.Text(), nullable=null)


def _whole(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=null, autoincrement=False)


def _real(name: str, *, null: bool = False) -> sa.Column[float]:
    return sa.Column(name, sa.Double(), nullable=null)


def _of_event() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["event"], ["plan_events.number"])


def _of_plan() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["plan"], ["plans.id"])


def _make_events_and_plans() -> None:
    op.create_table(
        "plan_events",
        _whole("number"),
        _text("plan", 64, null=True),
        _whole("sequence", null=True),
        _text("at", 32),
        _text("kind", 40),
        _text("actor", 200),
        _text("reason_code", 60),
        _text("text"),
        _text("payload"),
        _text("attached"),
        _text("previous_hash", 64),
        _text("hash", 64),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("plan", "sequence"),
        sa.UniqueConstraint("hash"),
    )
    op.create_table(
        "plans",
        _text("id", 64),
        _text("run", 64),
        _text("target", 40),
        _text("author", 200),
        _text("problem"),
        _text("summary"),
        _text("created", 32),
        _whole("event"),
        _text("hash", 64),
        sa.PrimaryKeyConstraint("id"),
        _of_event(),
    )


def _make_slots() -> None:
    op.create_table(
        "slots",
        _text("plan", 64),
        _text("establishment", 9),
        _whole("place"),
        _text("arm", 20),
        _real("inclusion_probability"),
        _real("score"),
        _text("cells"),
        _text("strata"),
        _whole("event"),
        _text("hash", 64),
        sa.PrimaryKeyConstraint("plan", "establishment"),
        sa.CheckConstraint("inclusion_probability > 0 AND inclusion_probability <= 1", name="a_known_probability"),
        _of_plan(),
        _of_event(),
    )
    op.create_table(
        "standbys",
        _text("plan", 64),
        _text("per", 100),
        _text("value", 100),
        _whole("place"),
        _text("establishment", 9),
        _real("score"),
        _whole("event"),
        _text("hash", 64),
        sa.PrimaryKeyConstraint("plan", "per", "value", "place"),
        _of_plan(),
        _of_event(),
    )
    op.create_table(
        "slot_events",
        _text("plan", 64),
        _text("establishment", 9),
        _whole("event"),
        _text("kind", 20),
        _text("taken", 9, null=True),
        _real("score", null=True),
        _text("planner", 200),
        _text("reason_code", 60),
        _text("text"),
        _text("hash", 64),
        sa.PrimaryKeyConstraint("plan", "establishment", "event"),
        _of_plan(),
        _of_event(),
    )


def _make_what_follows() -> None:
    op.create_table(
        "outcomes",
        _text("plan", 64),
        _text("establishment", 9),
        _whole("event"),
        _text("result", 20),
        sa.Column("breach", sa.Boolean(), nullable=True),
        _text("reason", 60, null=True),
        sa.Column("occurred_on", sa.Date(), nullable=True),
        sa.Column("known_on", sa.Date(), nullable=False),
        _text("hash", 64),
        sa.PrimaryKeyConstraint("plan", "establishment", "event"),
        sa.CheckConstraint("(breach IS NULL) = (reason IS NOT NULL)", name="a_result_or_a_reason"),
        _of_plan(),
        _of_event(),
    )
    op.create_table(
        "trials",
        _text("id", 64),
        _text("design"),
        _whole("event"),
        _text("hash", 64),
        sa.PrimaryKeyConstraint("id"),
        _of_event(),
    )
