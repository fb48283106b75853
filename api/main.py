"""The application, wired: `uvicorn api.main:app`, or `create_app(settings)` for other settings."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from fastapi import APIRouter, FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.middleware.sessions import SessionMiddleware

from api import errors
from api.body_limit import BodyLimit, upload_limits
from api.deps import wall_clock
from api.faults import FaultsAnswered
from api.identity import login
from api.identity.people import Clock, People, people_of
from api.identity.rules import check_every_route_has_a_rule
from api.identity.session_ends import SessionEnds
from api.ledger_in_service import LedgerInService
from api.looks import Looks
from api.pages import routes as pages
from api.request_log import RequestLog, templates_of, write_json_lines
from api.routes import (
    access_requests,
    areas,
    audit,
    description,
    establishments,
    estimates,
    health,
    metrics,
    models,
    monitoring,
    plans,
    rankings,
    runs,
    sectors,
    session_ends,
    trials,
)
from api.security_headers import SecurityHeaders
from api.served_run import RunInService
from targeting.settings import Settings

__all__ = ["app", "create_app"]

_STATIC: Final = Path(__file__).parent / "pages" / "static"
_ABOUT: Final = (
    "Risk-based inspection targeting, as published each quarter. "
    "A score is a priority for review by a planner and never evidence of a breach."
)


def create_app(settings: Settings, clock: Clock = wall_clock) -> FastAPI:
    """An application that serves what is published under `settings.home` to the people whom its issuer vouches for.

    Nothing is opened and nobody is asked before the first request. Raises `RefusedError` or `BadInputError` when the
    settings contradict each other or a route lacks its rule.
    """
    people = people_of(settings, clock)
    application = FastAPI(
        title="Targeting",
        version="1",
        description=_ABOUT,
        openapi_url=None,  # ours is a route with a rule like every other
        docs_url=None,  # the built-in pages fetch scripts from outside
        redoc_url=None,
        lifespan=_closing,
        generate_unique_id_function=lambda route: route.name,  # what a generated client calls its functions
        # Spans would carry addresses and queries; figures carry the route's template.
        telemetry={"tracing": False, "logs": False, "auto_configure": bool(settings.otel_endpoint)},
    )
    application.state.run_in_service = RunInService(settings.home)
    application.state.ledger = LedgerInService(settings.ledger)
    application.state.looks = Looks(application.state.ledger.opened)
    application.state.session_ends = SessionEnds(application.state.ledger.opened)
    _know(application, people, settings.max_body_bytes)
    errors.install(application)
    application.include_router(_version_1())
    for router in (health.router, metrics.router, description.router, login.router, pages.router):
        application.include_router(router)
    application.mount("/static", StaticFiles(directory=_STATIC), name="static")
    check_every_route_has_a_rule(application)
    application.state.templates = templates_of(application)
    application.state.upload_limits = upload_limits(application)
    return application


@asynccontextmanager
async def _closing(application: FastAPI) -> AsyncIterator[None]:
    """Nothing at the start; at the end the database gets its connections back."""
    yield
    application.state.ledger.close()


def _know(application: FastAPI, people: People, max_body_bytes: int) -> None:
    """Who asks, what is taken, and what every answer carries. The outermost, the log, is added last."""
    application.state.people = people
    if people.login is not None:
        application.state.oauth = login.oauth_of(people.login)
    application.add_middleware(
        SessionMiddleware,
        secret_key=people.session_key.hex(),
        session_cookie=people.cookie,
        max_age=people.session_hours * 3600,
        same_site="lax",
        https_only=people.secure,
    )
    application.add_middleware(BodyLimit, max_bytes=max_body_bytes)
    application.add_middleware(FaultsAnswered)
    application.add_middleware(SecurityHeaders, secure=people.secure)
    application.add_middleware(RequestLog)


def _version_1() -> APIRouter:
    router = APIRouter(prefix="/v1")
    ranked = (rankings, establishments, sectors, areas, runs, models, monitoring)
    for resource in (*ranked, plans, estimates, trials, audit, access_requests, session_ends):
        router.include_router(resource.router)
    return router


write_json_lines()
app = create_app(Settings())
