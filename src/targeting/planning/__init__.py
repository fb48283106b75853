"""The plan: a fixed number of inspections under rules, the best list proved best, a part drawn with known chances.

It sees published scores only: no model, no feature, no label.
"""

from targeting.planning.candidates import Candidates, Eligibility, eligibility, read_candidates
from targeting.planning.constraints import Rules, lay_out
from targeting.planning.default_problem import default_problem
from targeting.planning.dial import SHARES, Setting, dial
from targeting.planning.exploration import Design, design_draw, draw, joint_probabilities
from targeting.planning.infeasible import InfeasibleError, Relaxation
from targeting.planning.plan import Exchange, Plan, make_plan
from targeting.planning.problem import Exploration, Objective, ObjectiveKind, Problem
from targeting.planning.problem_reading import problem_from_json, problem_from_mapping, problem_from_toml
from targeting.planning.published_candidates import candidates_of
from targeting.planning.rendering import render
from targeting.planning.selection import Selection, select
from targeting.planning.writing import plan_document, plan_json, probabilities

__all__ = [
    "SHARES",
    "Candidates",
    "Design",
    "Eligibility",
    "Exchange",
    "Exploration",
    "InfeasibleError",
    "Objective",
    "ObjectiveKind",
    "Plan",
    "Problem",
    "Relaxation",
    "Rules",
    "Selection",
    "Setting",
    "candidates_of",
    "default_problem",
    "design_draw",
    "dial",
    "draw",
    "eligibility",
    "joint_probabilities",
    "lay_out",
    "make_plan",
    "plan_document",
    "plan_json",
    "probabilities",
    "problem_from_json",
    "problem_from_mapping",
    "problem_from_toml",
    "read_candidates",
    "render",
    "select",
]
