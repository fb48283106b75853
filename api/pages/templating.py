"""The template folder, the words of both languages, and what every page knows of who reads it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, Literal

from fastapi import Request
from fastapi.templating import Jinja2Templates
from starlette.responses import Response

__all__ = ["Language", "language_of", "page", "words"]

Language = Literal["nb", "en"]

_FOLDER: Final = Path(__file__).parent
_TEMPLATES: Final = Jinja2Templates(directory=_FOLDER / "templates")
_WORDS: Final[dict[str, dict[str, str]]] = tomllib.loads((_FOLDER / "words.toml").read_text("utf-8"))


def language_of(request: Request) -> Language:
    """Bokmål unless `?lang=en` asks for English."""
    return "en" if request.query_params.get("lang") == "en" else "nb"


def words(language: Language) -> dict[str, str]:
    """Every fixed text of the pages in `language`."""
    return _WORDS[language]


def page(
    request: Request,
    template: str,
    status: int = HTTPStatus.OK,
    headers: Mapping[str, str] | None = None,
    /,
    **context: Any,
) -> Response:
    """`template` with `context` and what every page shows: language, words, who is logged in, the form token.

    Never stored: it is one person's. `form_token` goes into every form as the hidden field `csrf_token`.
    """
    language = language_of(request)
    seen = {
        "language": language,
        "words": words(language),
        "person": getattr(request.state, "person", None),
        "form_token": getattr(request.state, "form_token", ""),
        "development": request.app.state.people.development,
    }
    more = {"Cache-Control": "no-store", **(headers or {})}
    return _TEMPLATES.TemplateResponse(request, template, {**seen, **context}, status_code=status, headers=more)
