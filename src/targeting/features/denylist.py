"""What no feature may be made of (DOMAIN R4), and what no feature SQL may read.

The check is by schema: a feature's name and source are matched, and the words of its SQL. It cannot see a proxy;
that is what the group evaluation is for. It makes the plain mistake impossible and the sly one visible in review.
"""

from __future__ import annotations

import re
from typing import Final

from targeting.domain import RefusedError
from targeting.features.family import Family, Feature

__all__ = ["DENIED_SUBJECTS", "check_not_denied", "check_sql_reads_as_of_only"]

# Words are matched between underscores, dots and ends, so that `industry` does not match `sex` or `age_months`
# (the age of an enterprise) the age of a person.
_DENIED: Final[dict[str, str]] = {
    "nationality or citizenship": r"national(ity|ities)|nasjonalitet|citizen(ship)?s?|statsborger(skap)?",
    "country or date of birth": r"birth\w*|born|foreign_born|foedsels?\w*|fødsels?\w*|fodsels?\w*|foedt|født",
    "language": r"languages?|spraak|språk|maalform|målform",
    "origin of persons or of names": r"ethnic\w*|etnisk|etnisitet|immigrants?|innvandrer\w*|(name|person|owner)_origin",
    "religion": r"relig\w+|faith|livssyn",
    "health or sick leave": r"health\w*|helse\w*|sick(ness)?(_leave|_absence)?|sykefrav\w+|sykmeld\w*"
    r"|disab\w+|diagnos\w+",
    "union membership": r"unions?|union_members?\w*|fagforening\w*|organisasjonsgrad",
    "sex, age or civil status of persons": r"sex|gender|kj(o|oe|ø)nn|alder|civil_status|marital\w*|sivilstand"
    r"|(owner|manager|board|holder|director|person|employee|worker|member)s?_(mean_|median_)?ages?|(mean|median)_age",
    "a national identity number": r"fnr|dnr|d_?numm?(er)?|d_?number\w*|personnummer|person_?number|ssn"
    r"|national_identity\w*|h_?nummer",
    "wealth or benefits of persons": r"wealth\w*|formue|benefits?|trygd\w*|ytelser?|credit_score"
    r"|kredittscore|debt_register",
    "demography of a postcode": r"demograph\w*|postal_code\w*|postcode\w*|postnummer\w*|zip(_?code)?",
    "text about persons": r"(tip|complaint|concern|case|free)_?text|fritekst|suspicion\w*|mistanke",
    "assignment-time facts": r"inspector\w*|inspektoer\w*|inspektør\w*|office|kontor|campaign|random_selection",
}
DENIED_SUBJECTS: Final = tuple(_DENIED)
"""What is denied, in words, for whoever asks what is never used."""

_PATTERNS: Final = {
    what: re.compile(rf"(?:^|[^0-9a-zæøå])(?:{words})(?=$|[^0-9a-zæøå])", re.IGNORECASE)
    for what, words in _DENIED.items()
}
_SEPARATORS: Final = re.compile(r"[^0-9A-Za-zÆØÅæøå]+")
_SQL_DENIED: Final = re.compile(r"\b(inspector|office|campaign|random_selection)\b", re.IGNORECASE)
_RAW: Final = re.compile(r"\bstore\s*\.", re.IGNORECASE)
_COMMENT: Final = re.compile(r"--[^\n]*")


def check_not_denied(feature: Feature, where: str) -> None:
    """Raise `RefusedError` when the feature's name or source is on the deny-list."""
    for what, pattern in _PATTERNS.items():
        for text in (feature.name, feature.source):
            if pattern.search(_SEPARATORS.sub("_", text)):
                raise RefusedError(
                    expected=f"no feature made of {what}",
                    got=repr(text),
                    where=f"{where}: feature {feature.name}",
                    do="remove it; the deny-list is DOMAIN R4",
                )


def check_sql_reads_as_of_only(family: Family, where: str) -> None:
    """Raise `RefusedError` when the SQL names the raw store or an assignment-time column."""
    sql = _COMMENT.sub("", family.sql)
    for pattern, expected in (
        (_RAW, "as-of relations only, never the raw store"),
        (_SQL_DENIED, "no assignment-time column"),
    ):
        if found := pattern.search(sql):
            raise RefusedError(expected=expected, got=repr(found.group()), where=f"{where}: family {family.name}")
