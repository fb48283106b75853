"""work_crime_flags.toml, recomputed."""

from __future__ import annotations

from typing import Any

from tests.lib.feature_oracle.accounts import company_accounts, kroner, overdue
from tests.lib.feature_oracle.duties import not_approved
from tests.lib.feature_oracle.history import inspection_history
from tests.lib.feature_oracle.known import Known, Row, share
from tests.lib.feature_oracle.places import bankrupt_neighbours, neighbourhood
from tests.lib.feature_oracle.units import enterprise as enterprise_family

__all__ = ["work_crime_flags"]

_PERSONAL = ("flag_role_holder_bankruptcies", "flag_role_changes", "flag_sole_proprietor_chain")
_VAT_EXEMPT = ("64", "65", "66", "68", "84", "85", "86", "87", "88", "94")


def work_crime_flags(known: Known, establishment: str, enterprise: str | None) -> dict[str, Any]:
    """Every feature of the family for one cohort row."""
    flags = (
        _roles(known, enterprise)
        | _money(known, establishment, enterprise)
        | _place(known, establishment, enterprise)
        | _cases(known, establishment, enterprise)
    )
    raised = sum(bool(value) for name, value in flags.items() if name.startswith("flag_") and name not in _PERSONAL)
    return flags | {"work_crime_flags_raised": raised}


def _roles(known: Known, enterprise: str | None) -> dict[str, Any]:
    roles = known.roles.get(enterprise or "", {})
    bankruptcies = roles.get("role_holder_bankruptcies")
    changes = [roles.get("manager_changes_12m"), roles.get("board_changes_12m")]
    pair = [roles.get("has_auditor"), roles.get("has_accountant")]
    return {
        "flag_role_holder_bankruptcies": None if bankruptcies is None else bankruptcies >= 2,
        "flag_role_changes": None if changes == [None, None] else sum(n or 0 for n in changes) >= 3,
        "flag_no_auditor_or_accountant": False if True in pair else (None if None in pair else True),
    }


def _money(known: Known, establishment: str, enterprise: str | None) -> dict[str, Any]:
    owner = known.enterprises.get(enterprise or "", {})
    years = company_accounts(known, enterprise)
    newest = years[max(years)] if years else None
    employees = known.least(owner or None)
    revenue = kroner(newest) if newest else None
    age = enterprise_family(known, establishment, enterprise)["enterprise_age_months"]
    late = overdue(known, enterprise)
    large = (employees or 0) >= 10 or (revenue or 0) >= 10_000_000
    return {
        "flag_accounts_or_dissolution": True if owner.get("dissolution_warned_on") else late,
        "flag_unregistered_labour": _unregistered(newest, revenue, employees),
        "flag_young_and_large": None if age is None else age < 24 and large,
        "flag_not_in_vat_register": _no_vat(owner, newest, revenue, known.industry.get(establishment)),
    }


def _unregistered(newest: Row | None, revenue: float | None, employees: int | None) -> bool | None:
    if newest is None or employees is None:
        return None
    payroll = share(newest["payroll"], newest["revenue"])
    no_staff = employees == 0 and revenue is not None and revenue >= 1_000_000
    return no_staff or (employees >= 5 and payroll is not None and payroll < 0.03)


def _no_vat(owner: Row, newest: Row | None, revenue: float | None, industry: str | None) -> bool | None:
    if owner.get("vat_registered") is None or industry is None or newest is None:
        return None
    return not owner["vat_registered"] and (revenue or 0) > 50_000 and industry[:2] not in _VAT_EXEMPT


def _place(known: Known, establishment: str, enterprise: str | None) -> dict[str, Any]:
    unit, owner = known.establishments.get(establishment, {}), known.enterprises.get(enterprise or "", {})
    address, code = known.address(unit or None), known.industry.get(establishment)
    there = neighbourhood(known, establishment, enterprise)["address_enterprises"]
    form = owner.get("form")
    placeless = unit.get("address") is None or (unit["country"] is not None and unit["country"] != "NO")
    chain = _sole_proprietors(known, enterprise, address, code) if address and code else None
    return {
        "flag_phoenix": _phoenix(known, unit, enterprise, address, code),
        "flag_address_cluster": None if there is None else there >= 10,
        "flag_foreign_without_place": None if form is None else form == "NUF" and placeless,
        "flag_sole_proprietor_chain": None if chain is None else chain >= 3,
    }


def _phoenix(known: Known, unit: Row, enterprise: str | None, address: str | None, code: str | None) -> bool | None:
    start = unit.get("started_on") or unit.get("registered_on")
    if address is None or code is None or start is None:
        return None
    bankruptcies = bankrupt_neighbours(known, enterprise, address, code[:2]).values()
    near = any(abs((day - start).days) <= 365 for day in bankruptcies)
    return known.within(start, 2) and near


def _sole_proprietors(known: Known, own: str | None, address: str, code: str) -> int:
    there = {
        row["enterprise"]
        for number, row in known.establishments.items()
        if row["status"] == "living"
        and known.address(row) == address
        and (known.industry.get(number) or "")[:4] == code[:4]
    }
    return sum(known.enterprises.get(e, {}).get("form") == "ENK" for e in there - {own})


def _cases(known: Known, establishment: str, enterprise: str | None) -> dict[str, Any]:
    history = inspection_history(known, establishment, enterprise)
    changes = enterprise_family(known, establishment, enterprise)
    changed = [changes[name] for name in ("name_changed_1y", "industry_changed_1y", "address_changed_1y")]
    missing = not_approved(known, establishment, enterprise)
    quarters = known.newest("employment", "establishment", "quarter_start")
    own = [row for (e, _), row in sorted(quarters.items()) if e == establishment]
    cards = own[-1]["hms_cards"] if own else None
    low_pay = own[-1]["share_below_minimum_rate"] if own else None
    employees = known.least(known.establishments.get(establishment))
    few = None if cards is None or employees is None else employees >= 5 and cards < 0.5 * employees
    return {
        "flag_frequent_changes": None if changed == [None] * 3 else changed.count(True) >= 2,
        "flag_missing_approval": None if missing is None or missing[1] is None else bool(missing[1]),
        "flag_case_history": history["sanctions_5y"] > 0 or history["notices_1y"] >= 2,
        "flag_few_hms_cards": few,
        "flag_pay_below_minimum": None if low_pay is None else low_pay >= 0.1,
        "pay_below_minimum_share": low_pay,
    }
