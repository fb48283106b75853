"""Roles: counts about an enterprise's registered roles, without persons."""

from targeting.tables.contract import About, Column, Kind, Table

__all__ = ["Roles"]


class Roles(Table):
    """One row per (enterprise, known_on): counts only. Names, birth dates and identity numbers are never read."""

    about = About(
        name="roles",
        key=("enterprise", "known_on"),
        source="roller.csv, counted from the role register inside the Authority",
        lag="one day after registration",
        missing="ENK owners; beneficial owners",
    )

    enterprise = Column(Kind.TEXT, "organisation number of the enterprise")
    known_on = Column(Kind.DAY, "the day this row could be known", unit="day")
    board_members = Column(Kind.INTEGER, "members of the board", unit="persons", null="no board")
    manager_changes_12m = Column(
        Kind.INTEGER, "changes of general manager in 12 months; personal", unit="changes", null="not counted"
    )
    board_changes_12m = Column(
        Kind.INTEGER, "changes of the board in 12 months; personal", unit="changes", null="not counted"
    )
    has_auditor = Column(Kind.FLAG, "an auditor is registered", null="not stated")
    has_accountant = Column(Kind.FLAG, "an accountant is registered", null="not stated")
    role_holder_bankruptcies = Column(
        Kind.INTEGER,
        "bankruptcies in role-holders' other companies, 5 years; personal",
        unit="bankruptcies",
        null="not counted",
    )
