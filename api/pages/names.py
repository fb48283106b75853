"""The data's own values in words. English here; the catalogue has bokmål."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["KINDS", "marked", "name_of"]


def marked(message: str) -> str:
    """`message` itself: says to whoever collects the texts that it is one of them, and is translated when shown."""
    return message


KINDS: Final[Mapping[str, Mapping[str, str]]] = {
    "target": {
        "bht_use": marked("Use of the occupational health service"),
        "working_environment": marked("Working environment"),
        "unlawful_hiring": marked("Unlawful hiring-in"),
        "work_crime": marked("Work-related crime"),
    },
    "role": {
        "planner": marked("planner"),
        "approver": marked("approver"),
        "data_scientist": marked("data scientist"),
        "akrim_analyst": marked("a-krim analyst"),
        "auditor": marked("auditor"),
        "administrator": marked("administrator"),
    },
    "duty": {"yes": marked("yes"), "conditional": marked("to be clarified"), "no": marked("no")},
    "dispensation": {"none": marked("none"), "partial": marked("in part"), "full": marked("in full")},
    "scheme": {
        "agency": marked("temporary-work agencies"),
        "cleaning": marked("cleaning"),
        "car_care": marked("car care"),
        "bht_provider": marked("occupational health services"),
        "bht_dispensation": marked("dispensation from the occupational health service"),
    },
    "arm": {"ranked": marked("by rank"), "exploration": marked("drawn at random")},
    "estimator": {
        "difference": marked("with the scores' help (difference)"),
        "hajek": marked("without the scores (Hajek)"),
        "horvitz_thompson": marked("without the scores (Horvitz-Thompson)"),
    },
    "how": {"proposed": marked("proposed"), "standby": marked("standby"), "added": marked("added")},
    "state": {
        "draft": marked("draft"),
        "proposed": marked("proposed"),
        "approved": marked("approved"),
        "in_progress": marked("in progress"),
        "closed": marked("closed"),
        "withdrawn": marked("withdrawn"),
    },
    "flag": {
        "employees_unknown": marked("the number of employees is not known"),
        "employees_censored": marked("the number of employees is known only as 1-4"),
        "industry_unknown": marked("no industry code is registered"),
        "industry_in_other_standard": marked("the industry code is of another standard than the one in force"),
        "county_unknown": marked("the county is not known"),
        "age_unknown": marked("the age is not known"),
    },
    "dimension": {
        "county": marked("County"),
        "size_class": marked("Employees"),
        "section": marked("Industry"),
        "legal_form": marked("Form of organisation"),
        "age": marked("Age"),
        "foreign_registered": marked("Registered abroad"),
    },
    "group": {
        "everybody": marked("Everybody"),
        "unknown": marked("unknown"),
        "yes": marked("yes"),
        "no": marked("no"),
        "under 1 year": marked("under 1 year"),
        "1-4 years": marked("1–4 years"),
        "5-9 years": marked("5–9 years"),
        "10 years or more": marked("10 years or more"),
    },
    "candidate": {
        "authority_logistic": marked("the Authority's own logistic regression"),
        "logistic": marked("logistic regression"),
        "lightgbm": marked("gradient-boosted trees"),
        "blend": marked("a blend of two models"),
        "pooled": marked("one model for several topics"),
        "wide_blend": marked("a blend of one model for several topics and two of this one"),
        "points": marked("a scorecard of points"),
        "scorecard": marked("a scorecard of red flags"),
        "sector_rate": marked("the rule: how often the industry breaches"),
        "last_result": marked("the rule: what the last inspection found"),
        "past_breaches": marked("the rule: earlier breaches counted"),
        "random": marked("chance"),
    },
    "gate": {
        "TGT001": marked("tested forward in time"),
        "TGT002": marked("a learned model beats the best rule"),
        "TGT003": marked("probabilities hold forward in time"),
        "TGT004": marked("no leakage: nothing decided when an inspection is assigned, no implausible column"),
        "TGT005": marked("the list holds under other seeds, other samples and another quarter"),
        "TGT006": marked("groups are within the limits"),
        "TGT007": marked("every feature is declared and has a legal basis"),
        "TGT008": marked("learned from recent inspections, after the latest change of the law"),
    },
    "order": {
        "-rank": marked("the last places first"),
        "score": marked("the lowest scores first"),
        "-score": marked("the highest scores first"),
        "employees": marked("the fewest employees first"),
        "-employees": marked("the most employees first"),
        "inspected": marked("those inspected longest ago first"),
        "-inspected": marked("those inspected latest first"),
    },
    "outcome": {"pass": marked("passed"), "fail": marked("failed"), "not applicable": marked("not tried")},
    "event": {
        "drafted": marked("drafted a plan"),
        "proposed": marked("proposed a plan"),
        "returned": marked("sent a plan back"),
        "approved": marked("approved a plan"),
        "begun": marked("began a plan"),
        "closed": marked("closed a plan"),
        "withdrawn": marked("withdrew a plan"),
        "slot_added": marked("added an establishment to a plan"),
        "slot_removed": marked("removed an establishment from a plan"),
        "slot_swapped": marked("swapped an establishment in a plan"),
        "outcomes_recorded": marked("recorded outcomes"),
        "exported": marked("took out a list"),
        "trial_frozen": marked("froze a trial"),
        "trial_told": marked("read the result of a trial"),
        "looked_up": marked("looked up an establishment"),
        "listed": marked("looked at a list"),
        "plan_viewed": marked("looked at a plan"),
        "audit_read": marked("read the audit"),
        "signed_in": marked("logged in"),
        "signed_out": marked("logged out"),
        "sign_in_refused": marked("was refused at login"),
        "sessions_ended": marked("ended sessions"),
        "access_refused": marked("was refused access"),
        "access_request_answered": marked("answered an access request"),
        "correction_recorded": marked("recorded a correction"),
        "rescored": marked("scored again"),
        "scores_deleted": marked("deleted scores"),
        "number_purged": marked("purged a number"),
    },
}


def name_of(kind: str, value: str) -> str:
    """What the `kind` of value is called in English; empty where nobody named it.

    >>> name_of("duty", "yes"), name_of("candidate", "oracle")
    ('yes', '')
    """
    return KINDS[kind].get(str(value), "")
