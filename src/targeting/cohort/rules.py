"""Legal rules by industry code, evaluated in Python once a code and registered as relations of the view.

The rules stay where they are written and tested (`parameters`); SQL only looks their answers up. The relations:
`bht_duties(as_of, standard, code, answer, clause)`, every known code under the list of that day;
`bht_list(as_of, standard)`, the standard that list is written in;
`approval_duties(as_of, standard, code, scheme, tells_from)`, the duties in force, and from when their register tells;
`hiring_ban_counties(as_of, county)`; `cohort_rules(target, as_of, ...)` and
`cohort_codes(target, as_of, standard, code)`, the codes inside each cohort that has an industry limit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

import pyarrow as pa

from targeting.domain import IndustryCode, Standard, Target
from targeting.parameters import approval_schemes, bht_duty, hiring_ban
from targeting.parameters.bht_list import list_on
from targeting.parameters.cohort_rules import CohortRule, cohort_rule
from targeting.snapshots import AsOfView

__all__ = ["register_rules"]

_AS_OF = ("as_of", pa.date32())
_CODE = (("standard", pa.string()), ("code", pa.string()))

Rows = Iterable[tuple[object, ...]]


def register_rules(view: AsOfView) -> None:
    """Put the rules of every as-of day into `view`, for the codes that its units carry. Idempotent."""
    days, codes = [each.day for each in view.as_ofs], _codes(view)
    duty = (_AS_OF, *_CODE, ("answer", pa.string()), ("clause", pa.string()))
    _put(view, "bht_duties", duty, _bht_duties(days, codes))
    _put(view, "bht_list", (_AS_OF, ("standard", pa.string())), ((day, list_on(day).standard) for day in days))
    approval = (_AS_OF, *_CODE, ("scheme", pa.string()), ("tells_from", pa.date32()))
    _put(view, "approval_duties", approval, _approval_duties(days, codes))
    ban = ((day, county) for day in days for county in hiring_ban.counties(day))
    _put(view, "hiring_ban_counties", (_AS_OF, ("county", pa.string())), ban)
    _put_cohorts(view, days, codes)


def _codes(view: AsOfView) -> list[IndustryCode]:
    """Every main code that an establishment or enterprise carried on an as-of day, each in its own standard."""
    found = view.connection.sql("""
        SELECT DISTINCT unnest([('SN2007', industry_sn2007), ('SN2025', industry_sn2025)]) AS pair
        FROM (SELECT industry_sn2007, industry_sn2025 FROM establishments_asof
              UNION SELECT industry_sn2007, industry_sn2025 FROM enterprises_asof)""").fetchall()
    return sorted(IndustryCode(code, Standard(standard)) for ((standard, code),) in found if code is not None)


def _bht_duties(days: list[date], codes: list[IndustryCode]) -> Iterator[tuple[object, ...]]:
    # A list's answers do not change while it is in force, so each is asked once and not once a quarter.
    first_day = {list_on(day).id: day for day in reversed(days)}
    answers = {(name, code): bht_duty.answer(code, day) for name, day in first_day.items() for code in codes}
    for day in days:
        for code in codes:
            found = answers[list_on(day).id, code]
            yield day, code.standard, code.code, found.answer, found.clause


def _approval_duties(days: list[date], codes: list[IndustryCode]) -> Iterator[tuple[object, ...]]:
    for day in days:
        for code in codes:
            for scheme in approval_schemes.duties(code, day):
                yield day, code.standard, code.code, scheme, approval_schemes.tells_from(scheme)


def _put_cohorts(view: AsOfView, days: list[date], codes: list[IndustryCode]) -> None:
    rules = [(target, day, cohort_rule(target, day)) for target in Target for day in days]
    columns = (
        ("target", pa.string()),
        _AS_OF,
        ("needs_employees", pa.bool_()),
        ("needs_bht_duty", pa.bool_()),
        ("keeps_insolvent", pa.bool_()),
        ("keeps_sole_proprietors", pa.bool_()),
        ("minimum_age_months", pa.int64()),
        ("every_industry", pa.bool_()),
    )
    _put(view, "cohort_rules", columns, (_rule_row(*each) for each in rules))
    inside = (
        (target, day, code.standard, code.code)
        for target, day, rule in rules
        for code in codes
        if not rule.every_industry and rule.covers(code)
    )
    _put(view, "cohort_codes", (("target", pa.string()), _AS_OF, *_CODE), inside)


def _rule_row(target: Target, day: date, rule: CohortRule) -> tuple[object, ...]:
    return (
        target,
        day,
        rule.employees == "certain",
        rule.bht_duty,
        rule.insolvent,
        rule.sole_proprietors,
        rule.minimum_age_months_without_employees,
        rule.every_industry,
    )


def _put(view: AsOfView, name: str, columns: tuple[tuple[str, pa.DataType], ...], rows: Rows) -> None:
    every = list(rows)
    arrays = [pa.array([row[i] for row in every], kind) for i, (_, kind) in enumerate(columns)]
    view.put(name, pa.Table.from_arrays(arrays, names=[column for column, _ in columns]))
