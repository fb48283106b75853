"""The service with one route that takes a file, for a server process of its own: `uvicorn tests.lib.upload_app:app`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI

from api.body_limit import upload_limits
from api.identity.rules import rule
from api.main import create_app
from api.uploads.received import Upload, uploaded
from targeting.planning.permissions import check_can_plan
from tests.lib.signed_in import development

__all__ = ["TAKEN", "app", "taking_files"]

TAKEN = "/v1/taken"

Sent = Annotated[Upload, Depends(uploaded())]


async def _target() -> str:
    return "bht_use"


async def _take(file: Sent) -> dict[str, object]:
    return {"name": file.name, "kind": file.kind, "size": file.size, "sha256": file.sha256, "path": str(file.path)}


def taking_files(home: Path) -> FastAPI:
    """The application with the route `TAKEN`, which only a planner may use."""
    made = create_app(development(home))
    router = APIRouter()
    router.add_api_route(TAKEN, _take, methods=["POST"], dependencies=[rule(check_can_plan, _target)])
    made.include_router(router)
    made.state.upload_limits = upload_limits(made)
    return made


app = taking_files(Path(os.environ.get("TARGETING_HOME", "var")))
