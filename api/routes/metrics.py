"""`GET /metrics`: the figures of the last quarterly run and of this process, for Prometheus."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from fastapi import APIRouter, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

from api.deps import Home
from api.identity.rules import public

__all__ = ["router"]

_OF_THE_RUN: Final = Path("quarterly") / "metrics.prom"
"""Written by the quarterly run; without anything about closed targets."""

router = APIRouter(include_in_schema=False)


def _process_figures() -> CollectorRegistry:
    """Memory, processor time and open files of this process."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    return registry


_PROCESS: Final = _process_figures()


@router.get("/metrics", dependencies=[public("figures without names; a scraper has no login")])
def metrics(home: Home) -> Response:
    """Both, as one text. Before the first quarterly run only those of the process."""
    path = home / _OF_THE_RUN
    of_the_run = path.read_bytes() if path.is_file() else b""
    return Response(of_the_run + generate_latest(_PROCESS), media_type=CONTENT_TYPE_LATEST)
