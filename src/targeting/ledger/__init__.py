"""Append-only plans, decisions and audit. It knows no dataframe and no rule: it keeps what people did, chained."""

from targeting.ledger.audit import OUTSIDE_PLANS, AuditEvent, EventKind
from targeting.ledger.faults import Fault, FaultKind
from targeting.ledger.heads import PlanHead, plan_heads, plan_target
from targeting.ledger.naming import plans_naming
from targeting.ledger.opening import Ledger, UnavailableError, open_ledger, url_of
from targeting.ledger.reading import (
    changes_of,
    events_of,
    files_of,
    head,
    named_in_plans,
    outcomes_of,
    payloads_of,
    plan_ids,
    plan_of,
    trial_of,
    version_of,
)
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
from targeting.ledger.repeated_requests import (
    Answer,
    KeyReusedError,
    WriteRequest,
    earlier_answer,
    forget_answers,
    remember,
)
from targeting.ledger.session_ends import session_ends
from targeting.ledger.trail import Asked, Trail, number_of, trail_of, whole_trail
from targeting.ledger.verification import verify
from targeting.ledger.writing import (
    record_changes,
    record_event,
    record_looks,
    record_outcomes,
    record_plan,
    record_trial,
)

__all__ = [
    "OUTSIDE_PLANS",
    "Answer",
    "Asked",
    "AuditEvent",
    "Event",
    "EventKind",
    "Fault",
    "FaultKind",
    "KeyReusedError",
    "Ledger",
    "Outcome",
    "OutcomeResult",
    "PlanHead",
    "PlanRecord",
    "ProposedSlot",
    "SlotChange",
    "SlotChangeKind",
    "Standby",
    "Trail",
    "UnavailableError",
    "WriteRequest",
    "changes_of",
    "earlier_answer",
    "events_of",
    "files_of",
    "forget_answers",
    "head",
    "named_in_plans",
    "number_of",
    "open_ledger",
    "outcomes_of",
    "payloads_of",
    "plan_heads",
    "plan_ids",
    "plan_of",
    "plan_target",
    "plans_naming",
    "record_changes",
    "record_event",
    "record_looks",
    "record_outcomes",
    "record_plan",
    "record_trial",
    "remember",
    "session_ends",
    "trail_of",
    "trial_of",
    "url_of",
    "verify",
    "version_of",
    "whole_trail",
]
