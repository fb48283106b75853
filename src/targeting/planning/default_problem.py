"""The problem that is planned when nobody wrote another one."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Final

from targeting.domain import Target
from targeting.planning.problem import Problem
from targeting.planning.problem_reading import problem_from_toml

__all__ = ["default_problem"]

_TOPIC: Final = frozenset(
    {"bht_duty", "bht_dispensation", "months_since_bht_inspected", "months_since_missed_not_covered"}
)
_TRIAGE: Final = frozenset(
    {
        "living",
        "bankrupt",
        "winding_up",
        "employees_low",
        "age_months",
        "months_since_missed_closed_down",
        "months_since_missed_no_employees",
    }
)
"""What would hide work crime: enterprises that dissolve, that are new, and that register nobody."""


@cache
def default_problem(target: Target = Target.BHT_USE) -> Problem:
    """What `default_problem.toml` beside this module says, which is written for the document inspections of `bht_use`.

    Other targets leave out the exclusions that only those have a reason for.

    >>> default_problem().capacity
    300
    """
    problem = problem_from_toml(files("targeting.planning").joinpath("default_problem.toml").read_text("utf-8"))
    if target is Target.BHT_USE:
        return problem
    elsewhere = _TOPIC | _TRIAGE if target is Target.WORK_CRIME else _TOPIC
    return replace(problem, exclude=tuple(rule for rule in problem.exclude if rule.column not in elsewhere))
