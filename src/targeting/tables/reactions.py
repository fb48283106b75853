"""Reactions: orders, stops, fines and reports that followed an inspection."""

from targeting.domain import ReactionKind
from targeting.tables.contract import About, Column, Kind, Table

__all__ = ["Reactions"]


class Reactions(Table):
    """One row per (inspection, reference, known_on)."""

    about = About(
        name="reactions",
        key=("inspection", "reference", "known_on"),
        source="reaksjon.csv of the three-file import, or TILDA bruddOgReaksjoner",
        lag="60-180 days after the inspection",
        missing="reactions withdrawn on complaint, unless a later row says so",
    )

    inspection = Column(Kind.TEXT, "id of the inspection")
    reference = Column(Kind.TEXT, "id of the reaction within the inspection (bruddOgReaksjonsreferanse)")
    occurred_on = Column(Kind.DAY, "the day of the decision (reaksjonsdato)", unit="day", null="not stated")
    known_on = Column(Kind.DAY, "the day this row could be known", unit="day")
    kind = Column(Kind.TEXT, "what was decided", null="free text that no mapping knows", allowed=tuple(ReactionKind))
    legal_basis = Column(Kind.TEXT, "paragraph (lovparagraf)", null="not stated")
    amount = Column(Kind.REAL, "fine or penalty", unit="NOK", null="no amount")
    deadline_on = Column(Kind.DAY, "deadline given", unit="day", null="none")
    status = Column(Kind.TEXT, "status of the reaction", null="not stated")
