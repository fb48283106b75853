"""All pages: nothing but the list of their routers."""

from __future__ import annotations

from fastapi import APIRouter

from api.pages import audit, candidates, candidates_file, establishment, models, overview, plans, sectors

__all__ = ["router"]

router = APIRouter()
for one in (overview, candidates, candidates_file, establishment, plans, sectors, models, audit):
    router.include_router(one.router)
