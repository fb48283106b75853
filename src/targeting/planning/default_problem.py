"""The problem that is planned when nobody wrote another one."""

from __future__ import annotations

from importlib.resources import files

from targeting.planning.problem import Problem
from targeting.planning.problem_reading import problem_from_toml

__all__ = ["default_problem"]


def default_problem() -> Problem:
    """What `default_problem.toml` beside this module says.

    >>> default_problem().capacity
    300
    """
    return problem_from_toml(files("targeting.planning").joinpath("default_problem.toml").read_text("utf-8"))
