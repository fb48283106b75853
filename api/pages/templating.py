"""The template folder, and the words of both languages."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Final, Literal

from fastapi import Request
from fastapi.templating import Jinja2Templates

__all__ = ["Language", "language_of", "templates", "words"]

Language = Literal["nb", "en"]

_FOLDER: Final = Path(__file__).parent
templates: Final = Jinja2Templates(directory=_FOLDER / "templates")
_WORDS: Final[dict[str, dict[str, str]]] = tomllib.loads((_FOLDER / "words.toml").read_text("utf-8"))


def language_of(request: Request) -> Language:
    """Bokmål unless `?lang=en` asks for English."""
    return "en" if request.query_params.get("lang") == "en" else "nb"


def words(language: Language) -> dict[str, str]:
    """Every fixed text of the pages in `language`."""
    return _WORDS[language]
