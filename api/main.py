"""The application, wired: `uvicorn api.main:app`, or `create_app(home)` for another home."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from fastapi import APIRouter, FastAPI
from fastapi.staticfiles import StaticFiles

from api import errors
from api.pages import routes as pages
from api.routes import establishments, health, models, rankings, sectors
from api.security_headers import SecurityHeaders
from api.served_run import RunInService
from targeting.domain import Target
from targeting.settings import Settings

__all__ = ["app", "create_app"]

_STATIC: Final = Path(__file__).parent / "pages" / "static"
_ABOUT: Final = (
    "Risk-based inspection targeting, as published each quarter. "
    "A score is a priority for review by a planner and never evidence of a breach."
)


def create_app(home: Path, *, show_work_crime: bool = False) -> FastAPI:
    """An application that serves what is published under `home`. Nothing is opened before the first request.

    Work-crime scores are closed: they may be seen only by people with the a-krim role, and nothing here knows
    people yet. `show_work_crime` opens them to everybody and is for closed tests.
    """
    application = FastAPI(
        title="Targeting",
        version="1",
        description=_ABOUT,
        openapi_url="/openapi/v1.json",
        docs_url=None,  # the built-in pages fetch scripts from outside
        redoc_url=None,
    )
    hidden = frozenset() if show_work_crime else frozenset({Target.WORK_CRIME})
    application.state.run_in_service = RunInService(home, hidden)
    application.add_middleware(SecurityHeaders)
    errors.install(application)
    application.include_router(_version_1())
    application.include_router(health.router)
    application.include_router(pages.router)
    application.mount("/static", StaticFiles(directory=_STATIC), name="static")
    return application


def _version_1() -> APIRouter:
    router = APIRouter(prefix="/v1")
    for resource in (rankings, sectors, establishments, models):
        router.include_router(resource.router)
    return router


_settings = Settings()
app = create_app(_settings.home, show_work_crime=_settings.dangerous_show_work_crime)
