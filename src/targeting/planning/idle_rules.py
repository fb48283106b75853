"""Rules that no eligible establishment is about: a value misspelt in a maximum would otherwise bind nothing, unseen."""

from __future__ import annotations

from targeting.planning.candidates import Candidates
from targeting.planning.problem import AtLeast, AtMost, Problem

__all__ = ["rules_about_nobody"]


def rules_about_nobody(problem: Problem, eligible: Candidates) -> tuple[str, ...]:
    """The names of the quotas whose `where` holds for none of `eligible`, in the order they were written."""
    quotas: list[AtLeast | AtMost] = [*problem.at_least, *problem.at_most]
    return tuple(rule.name for rule in quotas if not eligible.where(rule.where).any())
