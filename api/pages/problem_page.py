"""A problem as a page, for a person who came to a page."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from api.pages.templating import language_of, templates, words

__all__ = ["is_page", "problem_page"]


def is_page(request: Request) -> bool:
    """Whether a page was asked for rather than the API."""
    return request.url.path == "/"


def problem_page(request: Request, status: int, title: str, detail: str) -> Response:
    """What went wrong, and the way back."""
    language = language_of(request)
    context = {"language": language, "words": words(language), "title": title, "detail": detail, "status": status}
    return templates.TemplateResponse(
        request, "problem.html", context, status_code=status, headers={"Cache-Control": "no-store"}
    )
