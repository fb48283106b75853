"""The pages of plans: the list, a new one, one with its whole life, and what it tells."""

from __future__ import annotations

from fastapi import APIRouter

from api.pages.plans import acts, list_file, list_page, new_page, outcomes, plan_page, result_page, slots

__all__ = ["router"]

router = APIRouter(include_in_schema=False)
for one in (list_page, new_page, plan_page, acts, slots, list_file, outcomes, result_page):  # `ny` before any plan's id
    router.include_router(one.router)
