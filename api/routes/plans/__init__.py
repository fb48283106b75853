"""Plans and their whole life."""

from fastapi import APIRouter

from api.routes.plans import acts, drawing, exports, outcomes, reading, slots

__all__ = ["router"]

router = APIRouter(tags=["plans"])
for part in (drawing, reading, acts, slots, exports, outcomes):
    router.include_router(part.router)
