"""Annual accounts: key figures as filed."""

from targeting.tables.contract import About, Column, Kind, Table

__all__ = ["Accounts"]


class Accounts(Table):
    """One row per (enterprise, year, kind, known_on): key figures of one accounting year in whole currency units."""

    about = About(
        name="accounts",
        key=("enterprise", "year", "kind", "known_on"),
        source="Regnskapsregisteret, open key figures",
        lag="filed by 31 July of the next year, often later; the register keeps the latest year only, we keep all",
        missing="ENK, banks and insurers; enterprises that never filed. An empty object is null, never 0",
    )

    enterprise = Column(Kind.TEXT, "organisation number of the enterprise")
    year = Column(Kind.INTEGER, "year the accounting period ends in", unit="year")
    kind = Column(Kind.TEXT, "company or group accounts", allowed=("company", "group"))
    known_on = Column(Kind.DAY, "the day this row could be known", unit="day")
    currency = Column(Kind.TEXT, "ISO currency code of every amount in the row", null="not stated")
    period_from = Column(Kind.DAY, "first day of the period", unit="day", null="not stated")
    period_to = Column(Kind.DAY, "last day of the period", unit="day", null="not stated")
    revenue = Column(Kind.REAL, "operating revenue (sumDriftsinntekter)", unit="currency", null="not reported")
    operating_costs = Column(Kind.REAL, "operating costs (sumDriftskostnad)", unit="currency", null="not reported")
    payroll = Column(Kind.REAL, "wage cost (loennskostnad)", unit="currency", null="not reported: often")
    operating_result = Column(Kind.REAL, "operating result", unit="currency", null="not reported")
    annual_result = Column(Kind.REAL, "annual result", unit="currency", null="not reported")
    equity = Column(Kind.REAL, "equity (sumEgenkapital)", unit="currency", null="not reported")
    assets = Column(Kind.REAL, "total assets (sumEiendeler)", unit="currency", null="not reported")
    current_assets = Column(Kind.REAL, "current assets (sumOmloepsmidler)", unit="currency", null="not reported")
    debt = Column(Kind.REAL, "debt (sumGjeld)", unit="currency", null="not reported")
    current_debt = Column(Kind.REAL, "current debt (sumKortsiktigGjeld)", unit="currency", null="not reported")
    audit_waived = Column(Kind.FLAG, "audit waived (fravalgRevisjon)", null="not stated")
    liquidation = Column(Kind.FLAG, "liquidation accounts (avviklingsregnskap)", null="not stated")
