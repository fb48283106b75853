"""The templates of both languages, and what every page knows of who reads it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import Request
from fastapi.templating import Jinja2Templates
from jinja2 import Environment, FileSystemLoader
from starlette.responses import Response

from api.pages.languages import LANGUAGE_COOKIE, LANGUAGES, Language, Speech, language_of, speech
from api.pages.navigation import menu_of

__all__ = ["TEMPLATES", "Language", "language_of", "page"]

TEMPLATES: Final = Path(__file__).with_name("templates")

_SAID: Final = ("counted", "day", "interval", "moment", "named", "number", "percent", "told")
_A_YEAR: Final = 365 * 24 * 3600


def page(
    request: Request,
    template: str,
    status: int = HTTPStatus.OK,
    headers: Mapping[str, str] | None = None,
    /,
    **context: Any,
) -> Response:
    """`template` with `context` and what every page shows: the menu, who is logged in, the form token.

    Never stored: it is one person's. `form_token` goes into every form as the hidden field `csrf_token`. Templates
    say a text with `_("...")`, and have the methods of `Speech` as functions and filters: `{{ row.score|percent }}`.
    """
    language = language_of(request)
    person = getattr(request.state, "person", None)
    seen = {
        "language": language,
        "person": person,
        "menu": menu_of(person),
        "here": request.url.path,
        "other_language": _in_language(request, speech(language).other),
        "form_token": getattr(request.state, "form_token", ""),
        "development": request.app.state.people.development,
    }
    more = {"Cache-Control": "no-store", **(headers or {})}
    answer = _DRESSED[language].TemplateResponse(
        request, template, {**seen, **context}, status_code=status, headers=more
    )
    if "lang" in request.query_params:
        secure = request.app.state.people.secure
        answer.set_cookie(LANGUAGE_COOKIE, language, max_age=_A_YEAR, httponly=True, samesite="lax", secure=secure)
    return answer


def _in_language(request: Request, language: Language) -> str:
    """The address asked for, in `language`: filters stay as they are."""
    asked = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    return f"{request.url.path}?{urlencode([*asked, ('lang', language)])}"


def _titled(said: Speech, things: Iterable[Any], key: str) -> list[tuple[str, str]]:
    """What a list to choose from offers: the `key` of each thing, and its title."""
    return [(getattr(one, key), said.told(one, "title")) for one in things]


def _dressed(said: Speech) -> Jinja2Templates:
    """The templates as they are in one language."""
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    methods = {name: getattr(said, name) for name in _SAID}
    environment.filters.update(methods, zip=zip, titled=partial(_titled, said))
    environment.globals.update(methods, _=said.text, speech=said)
    return Jinja2Templates(env=environment)


_DRESSED: Final = {language: _dressed(speech(language)) for language in LANGUAGES}
