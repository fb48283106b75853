"""Employment: quarterly aggregates of pay reporting and HMS cards."""

from targeting.tables.contract import About, Column, Kind, Table

__all__ = ["Employment"]


class Employment(Table):
    """One row per (establishment, quarter_start, known_on): aggregates only, no person."""

    about = About(
        name="employment",
        key=("establishment", "quarter_start", "known_on"),
        source="sysselsetting.csv, aggregated from a-melding and the HMS-card register",
        lag="about 45 days after the quarter",
        missing="unregistered labour; establishments without employees",
    )

    establishment = Column(Kind.TEXT, "organisation number of the establishment")
    quarter_start = Column(Kind.DAY, "first day of the quarter", unit="day")
    known_on = Column(Kind.DAY, "the day this row could be known", unit="day")
    hms_cards = Column(
        Kind.INTEGER, "HMS cards ordered in the last four quarters", unit="cards", null="not in a card industry"
    )
    share_below_minimum_rate = Column(
        Kind.REAL,
        "share of hours below the generally applied minimum rate",
        unit="share 0-1",
        null="no such rate, or fewer than 5 employees",
    )
