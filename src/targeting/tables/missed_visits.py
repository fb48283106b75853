"""Missed visits: inspections of a plan or trial that could not be made, and why."""

from targeting.domain import MissedReason
from targeting.tables.contract import About, Column, Kind, Table

__all__ = ["MissedVisits"]


class MissedVisits(Table):
    """One row per (visit, known_on). No inspection: nothing was checked, so it is in no label and no rate."""

    about = About(
        name="missed_visits",
        key=("visit", "known_on"),
        source="ikke_gjennomfort.csv, written with the outcomes of a plan or trial",
        lag="the day the outcome is recorded",
        missing="visits that were given up outside plans and trials",
    )

    visit = Column(Kind.TEXT, "the visit's own id")
    establishment = Column(Kind.TEXT, "organisation number of the establishment")
    known_on = Column(Kind.DAY, "the day this row could be known", unit="day")
    reason = Column(Kind.TEXT, "why it could not be inspected", allowed=tuple(MissedReason))
