"""Establishments (*underenheter*): where work happens, and what is ranked."""

from targeting.domain import Standard
from targeting.tables.contract import About, Column, Kind, Table

__all__ = ["Establishments"]


class Establishments(Table):
    """One row per (establishment, known_on, version): the whole register entry from the day it became known."""

    about = About(
        name="establishments",
        key=("establishment", "known_on", "version"),
        source="Enhetsregisteret, underenheter: bulk file and change feed",
        lag="one night; employee counts are refreshed about the 10th of each month",
        missing="places of work that were never registered; units removed from open data (purged)",
    )

    establishment = Column(Kind.TEXT, "organisation number of the establishment (organisasjonsnummer)")
    known_on = Column(Kind.DAY, "the day this row could be known", unit="day")
    version = Column(Kind.INTEGER, "order of entries within a day: the feed's oppdateringsid, 0 for a bulk file")
    status = Column(Kind.TEXT, "whether the unit is in the register", allowed=("living", "deleted"))
    enterprise = Column(Kind.TEXT, "organisation number of the enterprise (overordnetEnhet)", null="not stated")
    name = Column(Kind.TEXT, "registered name; an ENK's name is personal data", null="not stated")
    form = Column(Kind.TEXT, "legal form: BEDR or AAFY", null="not stated")
    industry_code = Column(Kind.TEXT, "main industry, NN.NNN", null="none registered or 00.000")
    industry_standard = Column(Kind.TEXT, "standard of this row's codes", null="no code", allowed=tuple(Standard))
    industry_code_2 = Column(Kind.TEXT, "second industry", null="none")
    industry_code_3 = Column(Kind.TEXT, "third industry", null="none")
    auxiliary_code = Column(Kind.TEXT, "auxiliary-unit industry (hjelpeenhetskode)", null="not an auxiliary unit")
    employees = Column(Kind.INTEGER, "registered employees; only from 5 up", unit="persons", null="0-4, or unknown")
    employees_registered = Column(Kind.FLAG, "harRegistrertAntallAnsatte: at least one", null="unknown")
    municipality = Column(Kind.TEXT, "municipality number of the location, four digits", null="not stated")
    postal_code = Column(Kind.TEXT, "postal code of the location", null="not stated or abroad")
    address = Column(Kind.TEXT, "street address of the location, parts joined by ', '", null="not stated")
    country = Column(Kind.TEXT, "ISO country code of the location", null="not stated")
    registered_on = Column(Kind.DAY, "first registered", unit="day", null="not stated")
    started_on = Column(Kind.DAY, "activity started (oppstartsdato)", unit="day", null="not stated: about 10 %")
    ceased_on = Column(Kind.DAY, "activity ceased (nedleggelsesdato) or deleted", unit="day", null="still active")
    ownership_changed_on = Column(Kind.DAY, "last change of owner", unit="day", null="never")
    vat_registered = Column(Kind.FLAG, "in the VAT register", null="not stated")
    extra = Column(Kind.TEXT, "keys this version does not read, as a JSON object", null="none")
