"""approvals.toml, recomputed."""

from __future__ import annotations

from typing import Any

from tests.lib.feature_oracle.known import Known, Row, days
from tests.lib.feature_oracle.rules import ban_counties, best_duty, scheme_rules

__all__ = ["approvals", "not_approved"]

_STANDARDS = ("SN2007", "SN2025")


def approvals(known: Known, establishment: str, enterprise: str | None) -> dict[str, Any]:
    """Every feature of the family for one cohort row."""
    owner = known.enterprises.get(enterprise or "")
    rows = [row for (e, _), row in known.newest("approvals", "enterprise", "scheme").items() if e == enterprise]
    registers = [row for row in rows if row["scheme"] != "bht_dispensation"]
    missing = not_approved(known, establishment, enterprise)
    return _ban(known, establishment) | {
        "bht_duty": _duty(known, "establishments", "establishment", establishment),
        "enterprise_bht_duty": _duty(known, "enterprises", "enterprise", enterprise) if owner else None,
        "scheme_duty": None if missing is None else bool(missing[0]),
        "scheme_not_approved": None if missing is None or missing[1] is None else bool(missing[1]),
        "approvals_held": sum(row["approved"] for row in registers) if enterprise else None,
        "approval_not_granted": any(not row["approved"] for row in registers) if enterprise else None,
        "days_since_approval_change": days(known.as_of, (r["changed_on"] for r in registers if r["changed_on"])),
        "bht_dispensation": any(r["approved"] for r in rows if r not in registers) if enterprise else None,
    }


def not_approved(
    known: Known, establishment: str, enterprise: str | None
) -> tuple[frozenset[str], frozenset[str] | None] | None:
    """The schemes the establishment's code must be in and, of these, those its enterprise is not approved in.

    Nobody is missing yet from a register that is a year old at most, or of which nothing is known.
    """
    rules = scheme_rules(known.as_of)
    written = {rule.standard for rule in rules}
    code = next((c for c in _codes(known, "establishments", "establishment", establishment) if c[0] in written), None)
    if code is None:
        return None
    due = [rule for rule in rules if rule.standard == code[0] and code[1].startswith(rule.prefix)]
    newest = known.newest("approvals", "enterprise", "scheme")
    read = {scheme for _, scheme in newest}
    filled = {rule.says for rule in due if rule.tells_from <= known.as_of and rule.says in read}
    missing = frozenset(s for s in filled if not newest.get((enterprise, s), {}).get("approved"))
    return frozenset(rule.says for rule in due), missing if filled or not due else None


def _duty(known: Known, table: str, key: str, number: str | None) -> int | None:
    duties = (best_duty(known.as_of, standard, code) for standard, code in _codes(known, table, key, number))
    return next((duty for duty in duties if duty is not None), None)


def _codes(known: Known, table: str, key: str, number: str | None) -> list[tuple[str, str]]:
    """(standard, newest code in it): the standard of the newest entry first, SN2025 when that entry has none."""
    entries: list[Row] = sorted(
        (row for row in known.rows(table) if row[key] == number), key=lambda row: (row["known_on"], row["version"])
    )
    newest: dict[str, str] = {r["industry_standard"]: r["industry_code"] for r in entries if r["industry_code"]}
    first = (entries[-1]["industry_standard"] if entries else None) or "SN2025"
    return [(s, newest[s]) for s in sorted(_STANDARDS, key=lambda s: s != first) if s in newest]


def _ban(known: Known, establishment: str) -> dict[str, Any]:
    municipality = known.establishments.get(establishment, {}).get("municipality")
    industry = known.industry.get(establishment)
    banned = None if municipality is None else municipality[:2] in ban_counties(known.as_of)
    construction = None if banned is None or industry is None else banned and industry[:2] in ("41", "42", "43")
    return {"hiring_ban_county": banned, "construction_in_ban_county": construction}
