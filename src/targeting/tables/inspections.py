"""Inspections: the Authority's visits and document checks."""

from targeting.domain import Form, Origin, Standard
from targeting.tables.contract import About, Column, Kind, Table

__all__ = ["Inspections"]


class Inspections(Table):
    """One row per (inspection, known_on): the header; what was found is in `findings`, `reactions`."""

    about = About(
        name="inspections",
        key=("inspection", "known_on"),
        source="tilsyn.csv of the three-file import, or TILDA inspection reports",
        lag="the header is known the day it happens; answers 60-180 days later",
        missing="establishments never inspected: most of them; other authorities come through TILDA only",
    )

    inspection = Column(Kind.TEXT, "the inspecting authority's own id (internTilsynsid)")
    establishment = Column(Kind.TEXT, "organisation number of the establishment (tildaenhet)")
    occurred_on = Column(Kind.DAY, "the day the inspection started", unit="day")
    known_on = Column(Kind.DAY, "the day this row could be known", unit="day")
    authority = Column(Kind.TEXT, "organisation number of the inspecting authority", null="not stated")
    form = Column(Kind.TEXT, "how it was made; assignment-time", null="not stated", allowed=tuple(Form))
    origin = Column(Kind.TEXT, "why it was made; assignment-time", null="not stated", allowed=tuple(Origin))
    topic = Column(Kind.TEXT, "topic or package (tilsynstema)", null="not stated")
    campaign = Column(Kind.TEXT, "campaign name; assignment-time", null="none")
    status = Column(Kind.TEXT, "aapen, lukket, avbrutt or planlegging", null="not stated")
    municipality = Column(Kind.TEXT, "municipality number at the time", null="not stated")
    industry_code = Column(Kind.TEXT, "industry at the time, NN.NNN", null="not stated")
    industry_standard = Column(Kind.TEXT, "standard of industry_code", null="no code", allowed=tuple(Standard))
    control_points = Column(Kind.INTEGER, "control points in the checklist", unit="points", null="not stated")
    random_selection = Column(Kind.FLAG, "drawn at random with a known probability", null="not stated")
    office = Column(Kind.TEXT, "office that made it; assignment-time", null="not stated")
    inspector = Column(Kind.TEXT, "pseudonym of the inspector; assignment-time, nuisance only", null="not stated")
