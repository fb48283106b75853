"""The ledger's tables, all but `requests` append-only: triggers refuse UPDATE and DELETE, a correction is a new row.

Grain and key stand in each comment. `event` points to the audit event that wrote the row, `hash` is the row's own
sha256; `chain` says how both hang together. Moments are kept as the very characters that were hashed (ISO 8601, UTC).
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

__all__ = [
    "ATTACHED",
    "GUARDED",
    "METADATA",
    "events",
    "outcomes",
    "plans",
    "requests",
    "slot_events",
    "slots",
    "standbys",
    "trials",
]

METADATA: Final = sa.MetaData()


def _id() -> sa.Column[str]:
    return sa.Column("plan", sa.String(64), sa.ForeignKey("plans.id"), nullable=False, primary_key=True)


def _attached() -> tuple[sa.Column[int], sa.Column[str]]:
    return (
        sa.Column("event", sa.Integer, sa.ForeignKey("plan_events.number"), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )


#: One row per act, on a plan or not: the audit. `number` is its place in the one chain of the ledger, `sequence` its
#: place in the plan: null where it concerns no plan, or only looked at it.
events: Final = sa.Table(
    "plan_events",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("plan", sa.String(64), nullable=True),  # null: the act concerns no plan
    sa.Column("sequence", sa.Integer, nullable=True),
    sa.Column("at", sa.String(32), nullable=False),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("actor", sa.String(200), nullable=False),
    sa.Column("reason_code", sa.String(60), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("attached", sa.Text, nullable=False),  # [table, key, hash] of every row written with this event
    sa.Column("previous_hash", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False, unique=True),
    sa.Column("establishment", sa.String(9), nullable=True),  # who was looked up, answered about, corrected
    sa.Column("target", sa.String(40), nullable=True),  # what it was looked up for; of a plan, see `plans`
    sa.UniqueConstraint("plan", "sequence"),
    sa.Index("events_of_actor", "actor", "number"),
    sa.Index("events_of_establishment", "establishment", "number"),
    sa.Index("events_of_kind", "kind", "number"),
)

#: One row per plan; `id` is the content hash of the plan as it was proposed.
plans: Final = sa.Table(
    "plans",
    METADATA,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("run", sa.String(64), nullable=False),
    sa.Column("target", sa.String(40), nullable=False),
    sa.Column("author", sa.String(200), nullable=False),
    sa.Column("problem", sa.Text, nullable=False),
    sa.Column("summary", sa.Text, nullable=False),  # objective, bound, gap, prices, excluded, as the solver gave them
    sa.Column("created", sa.String(32), nullable=False),
    *_attached(),
)

#: One row per (plan, establishment): the slots as proposed, never changed afterwards.
slots: Final = sa.Table(
    "slots",
    METADATA,
    _id(),
    sa.Column("establishment", sa.String(9), primary_key=True),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("arm", sa.String(20), nullable=False),
    sa.Column("inclusion_probability", sa.Double, nullable=False),
    sa.Column("score", sa.Double, nullable=False),
    sa.Column("cells", sa.Text, nullable=False),  # constraint cells the slot counts towards
    sa.Column("strata", sa.Text, nullable=False),  # [column, value] of every standby list the slot can draw from
    *_attached(),
    sa.Index("slots_of_establishment", "establishment"),
)

#: One row per (plan, stratum, place): named alternates, best first.
standbys: Final = sa.Table(
    "standbys",
    METADATA,
    _id(),
    sa.Column("per", sa.String(100), primary_key=True),
    sa.Column("value", sa.String(100), primary_key=True),
    sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("establishment", sa.String(9), nullable=False),
    sa.Column("score", sa.Double, nullable=False),
    *_attached(),
    sa.Index("standbys_of_establishment", "establishment"),
)

#: One row per (event, establishment): a slot added, removed, or swapped for a standby.
slot_events: Final = sa.Table(
    "slot_events",
    METADATA,
    _id(),
    sa.Column("establishment", sa.String(9), primary_key=True),
    sa.Column("event", sa.Integer, sa.ForeignKey("plan_events.number"), primary_key=True, autoincrement=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("taken", sa.String(9), nullable=True),  # a swap: who stepped in
    sa.Column("score", sa.Double, nullable=True),  # an addition or a swap: the newcomer's score, null when unscored
    sa.Column("planner", sa.String(200), nullable=False),
    sa.Column("reason_code", sa.String(60), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Index("slot_events_of_establishment", "establishment"),
    sa.Index("slot_events_of_taken", "taken"),
)

#: One row per (event, establishment): what an inspection found, or why there was none. A correction is a later row.
outcomes: Final = sa.Table(
    "outcomes",
    METADATA,
    _id(),
    sa.Column("establishment", sa.String(9), primary_key=True),
    sa.Column("event", sa.Integer, sa.ForeignKey("plan_events.number"), primary_key=True, autoincrement=False),
    sa.Column("result", sa.String(20), nullable=False),  # inspected | not_inspected
    sa.Column("breach", sa.Boolean, nullable=True),  # null: not inspected
    sa.Column("reason", sa.String(60), nullable=True),  # null: inspected
    sa.Column("occurred_on", sa.Date, nullable=True),
    sa.Column("known_on", sa.Date, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)

#: One row per frozen trial; `id` is the content hash of its design and assignment.
trials: Final = sa.Table(
    "trials",
    METADATA,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("design", sa.Text, nullable=False),
    *_attached(),
)

#: One row per (person, key): the answer to a write, so that the same request sent again gets it and acts only once.
#: The one table that is not append-only: answers are forgotten in time (`retention.toml`); no event lists them.
requests: Final = sa.Table(
    "requests",
    METADATA,
    sa.Column("person", sa.String(200), primary_key=True),
    sa.Column("key", sa.String(200), primary_key=True),
    sa.Column("route", sa.String(200), nullable=False),
    sa.Column("request_hash", sa.String(64), nullable=False),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("headers", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("at", sa.String(32), nullable=False),
    sa.Index("requests_at", "at"),
)

#: Every table whose rows hang on an event, with the columns of its key.
ATTACHED: Final = {
    table.name: (table, tuple(column.name for column in table.primary_key.columns))
    for table in (plans, slots, standbys, slot_events, outcomes, trials)
}

#: Every append-only table.
GUARDED: Final = (events.name, *ATTACHED)
