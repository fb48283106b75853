"""The words of an inspection: how it was made, why it happened, what was answered, what followed."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Answer", "Form", "IncidentKind", "MissedReason", "Origin", "ReactionKind", "Scheme"]


class Form(StrEnum):
    """How an inspection is carried out."""

    DOCUMENT = "document"
    ANNOUNCED = "announced"
    UNANNOUNCED = "unannounced"


class Origin(StrEnum):
    """Why an inspection happened. Decided at assignment time, so never a ranking input."""

    RISK = "risk"
    CAMPAIGN = "campaign"
    TIP = "tip"
    ACCIDENT = "accident"
    FOLLOW_UP = "follow_up"
    RANDOM = "random"
    OTHER = "other"


class Answer(StrEnum):
    """The answer to one control point."""

    MET = "met"
    BREACH = "breach"
    NOT_RELEVANT = "not_relevant"
    NOT_CHECKED = "not_checked"


class ReactionKind(StrEnum):
    """What the Authority did about a breach, mildest first."""

    GUIDANCE = "guidance"
    ORDER = "order"
    COERCIVE_FINE = "coercive_fine"
    STOP = "stop"
    PENALTY = "penalty"
    POLICE_REPORT = "police_report"


class Scheme(StrEnum):
    """Registers an enterprise may have to be in, and dispensations from a duty."""

    AGENCY = "agency"
    CLEANING = "cleaning"
    CAR_CARE = "car_care"
    BHT_PROVIDER = "bht_provider"
    BHT_DISPENSATION = "bht_dispensation"


class IncidentKind(StrEnum):
    """What came to the Authority's notice about an establishment outside inspections."""

    ACCIDENT = "accident"
    TIP = "tip"
    CONCERN = "concern"


class MissedReason(StrEnum):
    """Why a planned inspection could not be made."""

    CLOSED_DOWN = "closed_down"
    MOVED = "moved"
    NO_EMPLOYEES = "no_employees"
    NO_ANSWER = "no_answer"
    NOT_COVERED = "not_covered"
    OTHER_AUTHORITY = "other_authority"
    NO_CAPACITY = "no_capacity"
