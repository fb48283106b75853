"""Findings: the answer to each control point of an inspection."""

from targeting.domain import Answer
from targeting.tables.contract import About, Column, Kind, Table

__all__ = ["Findings"]


class Findings(Table):
    """One row per (inspection, control_point, known_on): the answer from the day it became known."""

    about = About(
        name="findings",
        key=("inspection", "control_point", "known_on"),
        source="kontrollpunkt.csv of the three-file import; TILDA carries breaches only",
        lag="60-180 days after the inspection",
        missing="control points that were not on the checklist; TILDA rows that were found in order",
    )

    inspection = Column(Kind.TEXT, "id of the inspection")
    control_point = Column(Kind.TEXT, "id of the control point (kontrollpunktId)")
    known_on = Column(Kind.DAY, "the day this row could be known", unit="day")
    legal_basis = Column(Kind.TEXT, "regulation the point is tied to (hjemmel)", null="not stated")
    answer = Column(Kind.TEXT, "what was found", allowed=tuple(Answer))
