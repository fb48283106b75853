"""accounts.toml, recomputed."""

from __future__ import annotations

import math
from typing import Any

from tests.lib.feature_oracle.known import Known, Row, share

__all__ = ["accounts", "overdue"]

_FIGURES = ("revenue", "payroll", "operating_result", "annual_result", "equity", "assets", "current_assets")


def accounts(known: Known, establishment: str, enterprise: str | None) -> dict[str, Any]:
    """Every feature of the family for one cohort row."""
    years = company_accounts(known, enterprise)
    latest = max(years, default=None)
    none: Row = dict.fromkeys((*_FIGURES, "current_debt", "currency", "audit_waived"))
    new = years[latest] if latest is not None else none
    one = years.get(latest - 1, none) if latest is not None else none
    two = years.get(latest - 2, none) if latest is not None else none
    solidity, solidity_before = share(new["equity"], new["assets"]), share(two["equity"], two["assets"])
    both = solidity is not None and solidity_before is not None
    return {
        "accounts_age_years": None if latest is None else known.as_of.year - latest,
        "accounts_overdue": overdue(known, enterprise),
        "solidity": solidity,
        "liquidity": share(new["current_assets"], new["current_debt"]),
        "operating_margin": share(new["operating_result"], new["revenue"]),
        "log_revenue": _log(kroner(new)),
        "log_revenue_per_employee": _log_per_employee(known, enterprise, kroner(new)),
        "payroll_share": share(new["payroll"], new["revenue"]),
        "negative_equity": None if new["equity"] is None else new["equity"] < 0,
        "annual_loss": None if new["annual_result"] is None else new["annual_result"] < 0,
        "audit_waived": _audit_waived(known, enterprise, new),
        "revenue_growth_1y": growth(new, one),
        "revenue_growth_2y": growth(new, two),
        "solidity_change_2y": solidity - solidity_before if both else None,  # type: ignore[operator]
    }


def company_accounts(known: Known, enterprise: str | None) -> dict[int, Row]:
    """Company accounts of the enterprise by year, the newest version known."""
    newest = known.newest("accounts", "enterprise", "year", "kind")
    return {year: row for (owner, year, kind), row in newest.items() if owner == enterprise and kind == "company"}


def kroner(row: Row) -> float | None:
    """Revenue in NOK, at least 0; nothing otherwise."""
    usable = row["currency"] == "NOK" and row["revenue"] is not None and row["revenue"] >= 0
    return row["revenue"] if usable else None


def overdue(known: Known, enterprise: str | None) -> bool | None:
    """Whether the accounts of the year due are missing."""
    owner = known.enterprises.get(enterprise or "")
    if owner is None or owner["form"] is None:
        return None
    if owner["form"] not in ("AS", "ASA"):
        return False
    if owner["registered_on"] is None:
        return None
    due = known.as_of.year - (1 if known.as_of.month >= 8 else 2)
    filed = [*company_accounts(known, enterprise), owner["last_accounts_year"] or 0]
    return owner["registered_on"].year <= due and max(filed) < due


def growth(now: Row, before: Row) -> float | None:
    """now / before - 1, for revenues above 0 in one currency."""
    if now["currency"] is None or now["currency"] != before["currency"]:
        return None
    ratio = share(now["revenue"], before["revenue"])
    return ratio - 1 if ratio is not None and ratio > 0 else None


def _log(value: float | None) -> float | None:
    return None if value is None else math.log(value + 1)


def _log_per_employee(known: Known, enterprise: str | None, value: float | None) -> float | None:
    employees = known.least(known.enterprises.get(enterprise or ""))
    return None if value is None or employees is None else math.log((value + 1) / max(employees, 1))


def _audit_waived(known: Known, enterprise: str | None, new: Row) -> bool | None:
    if known.enterprises.get(enterprise or "", {}).get("audit_waived_on") is not None:
        return True
    waived: bool | None = new["audit_waived"]
    return waived
