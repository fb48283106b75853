"""workforce.toml and enterprise.toml, recomputed."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.lib.feature_oracle.known import Known, Row, whole_months

__all__ = ["enterprise", "workforce"]

_FORM_GROUPS = {
    "company": ("AS", "ASA"),
    "public": ("KOMM", "FYLK", "STAT", "ORGL", "KF", "FKF", "IKS", "SF"),
    "foreign": ("NUF",),
    "partnership": ("ANS", "DA", "KS", "PRE"),
    "association": ("FLI", "STI", "SA", "BRL", "BBL", "ESEK", "KIRK", "GFS"),
    "sole_proprietor": ("ENK",),
}


def workforce(known: Known, establishment: str, enterprise: str | None) -> dict[str, Any]:
    """Every feature of the family for one cohort row."""
    row = known.establishments.get(establishment)
    now = known.least(row)
    living = [
        unit for unit in map(known.establishments.__getitem__, known.members(enterprise)) if unit["status"] == "living"
    ]
    total = sum(known.least(unit) or 0 for unit in living)
    return _change(now, known.least(known.a_year_ago.establishments.get(establishment))) | {
        "employees_low": now,
        "size_class": size_class(now),
        "employees_censored": None if now is None or row is None else now == 1 and row["employees"] is None,
        "enterprise_employees_low": known.least(known.enterprises.get(enterprise or "")),
        "enterprise_establishments": len(living) if enterprise else None,
        "share_of_enterprise_employees": None if now is None or not enterprise or total == 0 else now / total,
    }


def _change(now: int | None, then: int | None) -> dict[str, Any]:
    names = ("employee_change_1y", "employee_growth_1y", "size_class_change_1y", "newly_employing")
    if now is None or then is None:
        return dict.fromkeys(names)
    return {
        "employee_change_1y": now - then,
        "employee_growth_1y": (now + 1) / (then + 1),
        "size_class_change_1y": size_class(now) - size_class(then),
        "newly_employing": now > 0 and then == 0,
    }


def size_class(employees: int | None) -> Any:
    """0 none, 1 1-4, 2 5-9, 3 10-19, 4 20-49, 5 50-99, 6 100-249, 7 250 or more."""
    if employees is None:
        return None
    return sum(employees >= least for least in (1, 5, 10, 20, 50, 100, 250))


def enterprise(known: Known, establishment: str, enterprise: str | None) -> dict[str, Any]:
    """Every feature of the family for one cohort row."""
    unit = known.establishments.get(establishment, {})
    owner = known.enterprises.get(enterprise or "", {})
    roles = known.roles.get(enterprise or "", {})
    parent = owner.get("parent")
    return _changes(known, establishment, enterprise) | {
        "enterprise_age_months": whole_months(owner.get("founded_on") or owner.get("registered_on"), known.as_of),
        "establishment_age_months": whole_months(unit.get("started_on") or unit.get("registered_on"), known.as_of),
        "form_group": form_group(owner.get("form")),
        "foreign_registered": _foreign(owner),
        "sector_code": owner.get("sector_code"),
        "in_group": owner.get("in_group"),
        "enterprises_under_parent": _under(known, parent) if parent else None,
        "vat_registered": owner.get("vat_registered"),
        "business_registered": owner.get("business_registered"),
        "founded_to_registered_days": _gap(owner.get("founded_on"), owner.get("registered_on")),
        "days_since_ownership_change": _gap(unit.get("ownership_changed_on"), known.as_of),
        "dissolution_warned": owner["dissolution_warned_on"] is not None if owner else None,
        "under_dissolution": _any(owner, "bankrupt", "winding_up", "compulsory_dissolution") if owner else None,
        "extra_industries": sum(unit.get(key) is not None for key in ("industry_code_2", "industry_code_3")),
        "board_members": roles.get("board_members"),
        "has_auditor": roles.get("has_auditor"),
        "has_accountant": roles.get("has_accountant"),
    }


def form_group(form: str | None) -> str | None:
    """The group of legal forms, or nothing when the form is not stated."""
    if form is None:
        return None
    return next((group for group, forms in _FORM_GROUPS.items() if form in forms), "other")


def _foreign(owner: Row) -> bool | None:
    if not owner or owner["form"] is None:
        return None
    return owner["form"] == "NUF" or (owner["country"] is not None and owner["country"] != "NO")


def _under(known: Known, parent: str) -> int:
    return sum(row["parent"] == parent and row["status"] == "living" for row in known.enterprises.values())


def _gap(start: date | None, end: date | None) -> int | None:
    return None if start is None or end is None else (end - start).days


def _any(row: Row, *names: str) -> bool | None:
    values = [row[name] for name in names]
    return True if True in values else (None if None in values else False)


def _changes(known: Known, establishment: str, enterprise: str | None) -> dict[str, Any]:
    now, then = known.establishments.get(establishment, {}), known.a_year_ago.establishments.get(establishment, {})
    owner, before = known.enterprises.get(enterprise or "", {}), known.a_year_ago.enterprises.get(enterprise or "", {})
    name_known = owner.get("name") is not None and before.get("name") is not None
    codes = now.get("industry_code") is not None and then.get("industry_code") is not None
    same_standard = now.get("industry_standard") == then.get("industry_standard")
    return {
        "name_changed_1y": owner["name"] != before["name"] if name_known else None,
        "industry_changed_1y": now["industry_code"] != then["industry_code"] if codes and same_standard else None,
        "address_changed_1y": _moved(known, now, then),
    }


def _moved(known: Known, now: Row, then: Row) -> bool | None:
    addresses = known.address(now or None), known.address(then or None)
    if None in addresses:
        return None
    places = now["municipality"], then["municipality"]
    return addresses[0] != addresses[1] or (None not in places and places[0] != places[1])
