"""Enterprises (*hovedenheter*): the legal addressee; approvals and accounts attach here."""

from targeting.domain import Standard
from targeting.tables.contract import About, Column, Kind, Table

__all__ = ["Enterprises"]


class Enterprises(Table):
    """One row per (enterprise, known_on, version): the whole register entry from the day it became known."""

    about = About(
        name="enterprises",
        key=("enterprise", "known_on", "version"),
        source="Enhetsregisteret, enheter: bulk file and change feed",
        lag="one night; dissolution warnings when they are announced",
        missing="foreign companies without a Norwegian registration; units removed from open data (purged)",
    )

    enterprise = Column(Kind.TEXT, "organisation number of the enterprise (organisasjonsnummer)")
    known_on = Column(Kind.DAY, "the day this row could be known", unit="day")
    version = Column(Kind.INTEGER, "order of entries within a day: the feed's oppdateringsid, 0 for a bulk file")
    status = Column(Kind.TEXT, "whether the unit is in the register", allowed=("living", "deleted"))
    parent = Column(Kind.TEXT, "organisation number of the parent in the public hierarchy", null="none")
    name = Column(Kind.TEXT, "registered name; an ENK's name is personal data", null="not stated")
    form = Column(Kind.TEXT, "legal form: AS, ENK, NUF, KOMM ...", null="not stated")
    industry_code = Column(Kind.TEXT, "main industry, NN.NNN", null="none registered or 00.000")
    industry_standard = Column(Kind.TEXT, "standard of this row's codes", null="no code", allowed=tuple(Standard))
    industry_code_2 = Column(Kind.TEXT, "second industry", null="none")
    industry_code_3 = Column(Kind.TEXT, "third industry", null="none")
    auxiliary_code = Column(Kind.TEXT, "auxiliary-unit industry (hjelpeenhetskode)", null="not an auxiliary unit")
    employees = Column(Kind.INTEGER, "registered employees; only from 5 up", unit="persons", null="0-4, or unknown")
    employees_registered = Column(Kind.FLAG, "harRegistrertAntallAnsatte: at least one", null="unknown")
    municipality = Column(Kind.TEXT, "municipality number of the business address, four digits", null="not stated")
    postal_code = Column(Kind.TEXT, "postal code of the business address", null="not stated or abroad")
    address = Column(Kind.TEXT, "street address of the business address, parts joined by ', '", null="not stated")
    country = Column(Kind.TEXT, "ISO country code of the business address", null="not stated")
    sector_code = Column(Kind.TEXT, "institutional sector, four digits", null="not stated")
    founded_on = Column(Kind.DAY, "founded (stiftelsesdato)", unit="day", null="not stated: all ENK")
    registered_on = Column(Kind.DAY, "first registered", unit="day", null="not stated")
    vat_registered = Column(Kind.FLAG, "in the VAT register", null="not stated")
    business_registered = Column(Kind.FLAG, "in Foretaksregisteret", null="not stated")
    bankrupt = Column(Kind.FLAG, "bankruptcy proceedings are open", null="not stated")
    bankrupt_on = Column(Kind.DAY, "bankruptcy opened", unit="day", null="not bankrupt, or date not given")
    winding_up = Column(Kind.FLAG, "voluntary winding-up", null="not stated")
    compulsory_dissolution = Column(Kind.FLAG, "under compulsory winding-up or dissolution", null="not stated")
    dissolution_warned_on = Column(Kind.DAY, "first dated ground of dissolution", unit="day", null="no warning")
    dissolution_grounds = Column(Kind.TEXT, "grounds: manager, auditor, accounts, board, deletion", null="no warning")
    last_accounts_year = Column(Kind.INTEGER, "last year of filed accounts", unit="year", null="never filed")
    in_group = Column(Kind.FLAG, "part of a group (erIKonsern)", null="not stated")
    audit_waived_on = Column(Kind.DAY, "audit waived from", unit="day", null="not waived")
    extra = Column(Kind.TEXT, "keys this version does not read, as a JSON object", null="none")
