"""Which establishments are in a target's cohort on each as-of day of a view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources

import pyarrow as pa

from targeting.cohort.rules import register_rules
from targeting.domain import Target
from targeting.snapshots import AsOfView
from targeting.snapshots.connection import quoted

__all__ = ["candidates_sql", "cohort_members", "define_candidates", "members_sql"]

_PAIR = ["establishment", "as_of"]


def cohort_members(
    view: AsOfView, targets: Sequence[Target], among: Mapping[Target, pa.Table] | None = None
) -> dict[Target, pa.Table]:
    """The cohort of each target on every as-of day of `view`, sorted by (as_of, establishment).

    Columns: establishment, enterprise, as_of, and what results are broken down by: industry (harmonised), county,
    size_class, legal_form. `among` (establishment, as_of) limits a cohort to these pairs, which is how training rows
    are put to the same rule.
    """
    define_candidates(view, pa.concat_tables(among[target].select(_PAIR) for target in targets) if among else None)
    return {target: _members(view, target, among[target] if among else None) for target in targets}


def define_candidates(view: AsOfView, among: pa.Table | None = None) -> None:
    """Register the legal rules and fill the relation `candidates_asof` of `view`, for all establishments or `among`."""
    register_rules(view)
    establishments = "establishments_asof"
    if among is not None:
        view.put("store.asked", among.select(_PAIR))
        establishments = "(FROM establishments_asof SEMI JOIN store.asked USING (establishment, as_of))"
    view.connection.execute(f"CREATE OR REPLACE TABLE candidates_asof AS {candidates_sql(establishments)}")


def candidates_sql(establishments: str) -> str:
    """What decides whether the rows of `establishments` (a FROM item) are in a cohort; the rules are registered."""
    template = resources.files(__package__).joinpath("candidates.sql").read_text(encoding="utf-8")
    return template.format(establishments=establishments)


def members_sql(targets: Sequence[Target], candidates: str = "candidates_asof") -> str:
    """The rows of `candidates` that the rules of that day let in, once for each of `targets`, which is a column."""
    asked = ", ".join(map(quoted, targets))
    return f"""
        SELECT c.*, r.target FROM {candidates} c
        JOIN cohort_rules r ON r.as_of = c.as_of AND r.target IN ({asked})
        LEFT JOIN cohort_codes k
            ON k.as_of = c.as_of AND k.target = r.target
            AND k.standard = c.industry_standard AND k.code = c.industry_code
        WHERE (r.keeps_insolvent OR c.living)
            AND (r.keeps_sole_proprietors OR NOT c.sole_proprietor)
            AND (r.every_industry OR k.code IS NOT NULL)
            AND (NOT r.needs_bht_duty OR c.bht_duty IN ('yes', 'conditional'))
            AND (c.employees_low >= 1
                 OR (NOT r.needs_employees AND c.in_vat_register AND c.age_months >= r.minimum_age_months))"""


def _members(view: AsOfView, target: Target, among: pa.Table | None) -> pa.Table:
    limit = ""
    if among is not None:
        view.put("store.asked", among.select(_PAIR))
        limit = "SEMI JOIN store.asked USING (establishment, as_of)"
    return view.connection.sql(f"""
        SELECT establishment, enterprise, as_of, industry, county, size_class, legal_form
        FROM ({members_sql([target])}) {limit}
        ORDER BY as_of, establishment""").to_arrow_table()
