"""Approval registers: agencies, cleaning, car care, BHT providers, BHT dispensations."""

from targeting.domain import Scheme
from targeting.tables.contract import About, Column, Kind, Table

__all__ = ["Approvals"]


class Approvals(Table):
    """One row per (enterprise, scheme, known_on): the status from the day it became known."""

    about = About(
        name="approvals",
        key=("enterprise", "scheme", "known_on"),
        source="Arbeidstilsynet's open approval registers, as orgnr,status,date files",
        lag="one day",
        missing="enterprises that never applied; a scheme not yet in force. Registers list enterprises only",
    )

    enterprise = Column(Kind.TEXT, "organisation number of the enterprise")
    scheme = Column(Kind.TEXT, "which register or dispensation", allowed=tuple(Scheme))
    known_on = Column(Kind.DAY, "the day this row could be known", unit="day")
    status = Column(Kind.TEXT, "status as the register words it")
    approved = Column(Kind.FLAG, "whether that status is an approval (for a dispensation: granted)")
    changed_on = Column(Kind.DAY, "the day the status was set", unit="day", null="not stated")
