"""Append-only plans, decisions and audit. It knows no dataframe and no rule: it keeps what people did, chained."""

from targeting.ledger.audit import AuditEvent, EventKind
from targeting.ledger.opening import Ledger, open_ledger, url_of
from targeting.ledger.reading import changes_of, events_of, head, outcomes_of, plan_ids, plan_of, trial_of
from targeting.ledger.records import (
    Event,
    Outcome,
    OutcomeResult,
    PlanRecord,
    ProposedSlot,
    SlotChange,
    SlotChangeKind,
    Standby,
)
from targeting.ledger.verification import Fault, FaultKind, verify
from targeting.ledger.writing import record_changes, record_event, record_outcomes, record_plan, record_trial

__all__ = [
    "AuditEvent",
    "Event",
    "EventKind",
    "Fault",
    "FaultKind",
    "Ledger",
    "Outcome",
    "OutcomeResult",
    "PlanRecord",
    "ProposedSlot",
    "SlotChange",
    "SlotChangeKind",
    "Standby",
    "changes_of",
    "events_of",
    "head",
    "open_ledger",
    "outcomes_of",
    "plan_ids",
    "plan_of",
    "record_changes",
    "record_event",
    "record_outcomes",
    "record_plan",
    "record_trial",
    "trial_of",
    "url_of",
    "verify",
]
