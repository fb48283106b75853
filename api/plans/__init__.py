"""Everything that is done with plans, as functions that routes and pages both call: draw, find, act, take out, tell.

A function that takes a connection of `Ledger.write` is part of one transaction; what it shows, it also records.
"""

from api.plans.choices import Choice, choices
from api.plans.drawing import Drawn, asked_problem, dial_of, draw_plan, save_draft
from api.plans.finding import PlanPage, closed_to, find_plan, listed_plans, target_of, viewed_plan
from api.plans.outcomes import Recorded, record_upload
from api.plans.overrides import add_to, swaps_for
from api.plans.telling import Taken, plans_told, result_of, take_out

__all__ = [
    "Choice",
    "Drawn",
    "PlanPage",
    "Recorded",
    "Taken",
    "add_to",
    "asked_problem",
    "choices",
    "closed_to",
    "dial_of",
    "draw_plan",
    "find_plan",
    "listed_plans",
    "plans_told",
    "record_upload",
    "result_of",
    "save_draft",
    "swaps_for",
    "take_out",
    "target_of",
    "viewed_plan",
]
