"""What pages say in both languages: their own texts by gettext, dates and numbers by locale, titles of the data.

A text's id is the text in English, so only bokmål has a catalogue; it is read when the process starts.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date, datetime
from gettext import NullTranslations
from pathlib import Path
from typing import Any, Final, Literal

from babel import dates, numbers
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from fastapi import Request

from api.pages.names import name_of

__all__ = ["CATALOGUES", "LANGUAGES", "LANGUAGE_COOKIE", "Language", "Speech", "language_of", "speech", "speech_of"]

Language = Literal["nb", "en"]

LANGUAGES: Final[tuple[Language, ...]] = ("nb", "en")
LANGUAGE_COOKIE: Final = "targeting_language"
CATALOGUES: Final = Path(__file__).with_name("locale") / "nb"

_NORWAY: Final = dates.get_timezone("Europe/Oslo")
_LOCALES: Final = {"nb": "nb", "en": "en_GB"}


@dataclass(frozen=True)
class Speech:
    """One language: how it says a text, a number, a day. Templates have every method as a function or a filter."""

    language: Language
    translations: NullTranslations

    @property
    def other(self) -> Language:
        """The language one click away."""
        return "nb" if self.language == "en" else "en"

    def text(self, message: str, **values: Any) -> str:
        """The page's own text `message`, with `%(name)s` filled in."""
        said = self.translations.gettext(message)
        return said % values if values else said

    def counted(self, one: str, many: str, number: int) -> str:
        """`one` or `many` for this number, which stands in it as `%(num)s`."""
        return self.translations.ngettext(one, many, number) % {"num": self.number(number)}

    def named(self, value: str, kind: str) -> str:
        """A value of the data in words: the target `bht_use`, the duty `yes`; itself where nobody named it."""
        known = name_of(kind, value)
        return self.translations.gettext(known) if known else str(value)

    def told(self, thing: Any, field: str) -> str:
        """What `thing` holds in both languages, in this one: its `title_nb` or `title_en` for the field `title`."""
        name = f"{field}_{self.language}" if field else self.language
        said = thing[name] if isinstance(thing, dict) else getattr(thing, name)
        return str(said)

    def number(self, value: float, digits: int = 0) -> str:
        """`value` rounded to `digits`, its thousands apart."""
        return numbers.format_decimal(value, "#,##0" + _decimals(digits), locale=_LOCALES[self.language])

    def percent(self, share: float, digits: int = 0) -> str:
        """A share in percent: whole ones, or with `digits`.

        >>> speech("en").percent(0.427), speech("nb").percent(0.427, 1).replace(chr(160), "_")
        ('43%', '42,7_%')
        """
        sign = "%" if self.language == "en" else "\N{NO-BREAK SPACE}%"
        return numbers.format_percent(share, "#,##0" + _decimals(digits) + sign, locale=_LOCALES[self.language])

    def interval(self, low: float, high: float) -> str:
        """Two shares as one range of percent.

        >>> speech("en").interval(0.25, 0.5)
        '25–50%'
        """
        return f"{self.number(100 * low)}–{self.percent(high)}"

    def day(self, day: date | str) -> str:
        """A day in words.

        >>> speech("nb").day("2027-05-17"), speech("en").day("2027-05-17")
        ('17. mai 2027', '17 May 2027')
        """
        known = date.fromisoformat(day) if isinstance(day, str) else day
        return dates.format_date(known, "medium", locale=_LOCALES[self.language])

    def moment(self, at: datetime | str) -> str:
        """A moment to the minute, on the clock in Norway.

        >>> speech("nb").moment("2027-01-04T09:00:00+00:00")
        '4. jan. 2027, 10:00'
        """
        known = datetime.fromisoformat(at) if isinstance(at, str) else at
        local = known.astimezone(_NORWAY)
        return f"{self.day(local.date())}, {local:%H:%M}"


def _decimals(digits: int) -> str:
    return "." + "0" * digits if digits else ""


def _catalogue() -> Translations:
    """Every file of the folder as one: each part of the pages may have its own."""
    known = Catalog(locale="nb")
    for path in sorted(CATALOGUES.glob("*.po")):
        with path.open("rb") as source:
            for message in read_po(source, locale="nb", abort_invalid=True):
                if message.id:
                    known[message.id] = message
    compiled = io.BytesIO()
    write_mo(compiled, known)
    compiled.seek(0)
    return Translations(compiled)


_SPEECH: Final = {"nb": Speech("nb", _catalogue()), "en": Speech("en", NullTranslations())}


def speech(language: Language) -> Speech:
    """The language called `language`."""
    return _SPEECH[language]


def speech_of(request: Request) -> Speech:
    """The language of the page that `request` asks for."""
    return _SPEECH[language_of(request)]


def language_of(request: Request) -> Language:
    """What `?lang=` asks for, else what was asked for last, else bokmål."""
    asked = request.query_params.get("lang") or request.cookies.get(LANGUAGE_COOKIE)
    return "en" if asked == "en" else "nb"
