"""`GET /openapi/v1.json`: the API's own description."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from api.identity.rules import public

__all__ = ["router"]

router = APIRouter(include_in_schema=False)


@router.get("/openapi/v1.json", dependencies=[public("it describes the API and holds nothing of the registers")])
async def description(request: Request) -> dict[str, Any]:
    """OpenAPI, as a client generator wants it."""
    described: dict[str, Any] = request.app.openapi()
    return described
