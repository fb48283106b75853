"""Incidents: accidents, tips and concern notices about an establishment."""

from targeting.domain import IncidentKind
from targeting.tables.contract import About, Column, Kind, Table

__all__ = ["Incidents"]


class Incidents(Table):
    """One row per (incident, known_on). Never holds the text of a tip."""

    about = About(
        name="incidents",
        key=("incident", "known_on"),
        source="hendelser.csv, an extract of the Authority's case system",
        lag="days to months; paper-based accident reports",
        missing="most accidents: no report is not evidence of safety",
    )

    incident = Column(Kind.TEXT, "case id")
    establishment = Column(Kind.TEXT, "organisation number of the establishment")
    occurred_on = Column(Kind.DAY, "the day it happened or came in", unit="day")
    known_on = Column(Kind.DAY, "the day this row could be known", unit="day")
    kind = Column(Kind.TEXT, "what it was", allowed=tuple(IncidentKind))
    serious = Column(Kind.FLAG, "serious injury or imminent danger", null="not stated")
