"""Columns a planner's rules name that no register holds: the industry's section, whose competence it is, severity."""

from __future__ import annotations

from datetime import date
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from targeting.domain import IndustryCode, Standard, Target
from targeting.parameters.competence import outside_competence
from targeting.parameters.sections import section_of
from targeting.published import PublishedRun

__all__ = ["with_planning_columns"]


def with_planning_columns(rows: pa.Table, run: PublishedRun, target: Target) -> pa.Table:
    """`rows` of the run's candidates for `target`, and

    `section` (the letter in SN2007 of the harmonised industry, null: none known), `employees_at_least` (the band 1-4
    counts as one, unknown as none), `outside_competence` (the field in `competence.toml` that the establishment's own
    code is of on the run's day, null: the Authority may inspect) and `severity`, when the run has it: the chance of a
    serious breach, which is the score for the working environment (whoever is not in that cohort: its mean).
    """
    rows = rows.append_column("section", pa.array(map(_section, rows.column("industry").to_pylist()), pa.string()))
    rows = rows.append_column("employees_at_least", rows.column("employees_low").fill_null(0))
    rows = rows.append_column("outside_competence", _outside(rows, run.about.as_of.day))
    if target is Target.WORKING_ENVIRONMENT or Target.WORKING_ENVIRONMENT not in run.about.targets:
        return rows
    return rows.append_column(
        "severity", _severity(rows, run.score_columns(Target.WORKING_ENVIRONMENT, ["establishment", "score"]))
    )


def _outside(rows: pa.Table, on: date) -> pa.Array:
    codes = zip(rows.column("industry_code").to_pylist(), rows.column("industry_standard").to_pylist(), strict=True)
    return pa.array([_field(code, standard, on) for code, standard in codes], pa.string())


@cache
def _field(code: str | None, standard: str | None, on: date) -> str | None:
    return outside_competence(IndustryCode(code, Standard(standard)), on) if code and standard else None


@cache
def _section(code: str | None) -> str | None:
    section = section_of(IndustryCode(code, Standard.SN2007)) if code else None
    return section.letter if section else None


def _severity(rows: pa.Table, serious: pa.Table) -> pa.ChunkedArray | pa.Array:
    found = pc.index_in(rows.column("establishment"), value_set=serious.column("establishment").combine_chunks())
    scores = serious.column("score").combine_chunks()
    return scores.take(found.combine_chunks()).fill_null(pc.mean(scores).as_py() or 0.0)
