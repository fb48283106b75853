"""Coordination: other authorities' planned and open inspections."""

from targeting.tables.contract import About, Column, Kind, Table

__all__ = ["Coordination"]


class Coordination(Table):
    """One row per (establishment, authority, reference, known_on)."""

    about = About(
        name="coordination",
        key=("establishment", "authority", "reference", "known_on"),
        source="TILDA tilsynskoordineringer",
        lag="as the other authority delivers",
        missing="authorities outside TILDA; inspections not yet planned",
    )

    establishment = Column(Kind.TEXT, "organisation number of the establishment (tildaenhet)")
    authority = Column(Kind.TEXT, "organisation number of the other authority")
    reference = Column(Kind.TEXT, "that authority's id, or a number within the document")
    known_on = Column(Kind.DAY, "the day this row could be known", unit="day")
    planned_on = Column(Kind.DAY, "the day of the planned control", unit="day", null="not stated")
    status = Column(Kind.TEXT, "state of the inspection", allowed=("planned", "open", "closed", "aborted", "unknown"))
    topic = Column(Kind.TEXT, "topic", null="not stated")
    campaign = Column(Kind.TEXT, "campaign", null="none")
