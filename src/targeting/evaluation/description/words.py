"""The description's words in one language, and declared texts in the language they were not declared in."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Final

from targeting.domain import BadInputError

__all__ = ["LANGUAGES", "Language"]

LANGUAGES: Final = ("nb", "en")


def _read(name: str) -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(resources.files(__package__).joinpath(name).read_text(encoding="utf-8"))


_WORDS: Final = _read("words.toml")
_TRANSLATIONS: Final = _read("translations.toml")


class Language:
    """One language: `say("key")`, `say.of(thing, "title")`, `say.declared("a text in the other language")`."""

    def __init__(self, code: str) -> None:
        if code not in LANGUAGES:
            raise BadInputError(expected=f"one of {', '.join(LANGUAGES)}", got=repr(code), where="language")
        self.code = code

    def __call__(self, key: str, **values: object) -> str:
        """The text `key` with `values` filled in; `BadInputError` when nobody has written it."""
        if key not in _WORDS:
            raise BadInputError(expected=f"the text {key}", got="none", where="words.toml", do="write it in nb and en")
        return _WORDS[key][self.code].format(**values)

    def knows(self, key: str) -> bool:
        """Whether somebody has written the text `key`."""
        return key in _WORDS

    def of(self, thing: object, name: str) -> str:
        """`name` of a value that has it in both languages."""
        return str(getattr(thing, f"{name}_{self.code}"))

    def declared(self, text: str, *, in_code: str) -> str:
        """A text that is declared in the language `in_code` only, said in this one. It must have been translated.

        A translation into its own language, where there is one, is the text as a stranger should read it.
        """
        known = _TRANSLATIONS["norwegian" if self.code == "nb" else "english"]
        if text not in known and self.code != in_code:
            raise BadInputError(
                expected=f"a translation of {text!r}", got="none", where="translations.toml", do="write it there"
            )
        return known.get(text, text)

    def number(self, value: float, digits: int) -> str:
        """A number as this language writes it."""
        text = f"{value:.{digits}f}"
        return text.replace(".", ",") if self.code == "nb" else text

    def percent(self, share: float) -> str:
        """A share as whole per cent, without the sign."""
        return f"{100 * share:g}"
