"""Register entries from JSON: the bulk array, a HAL page, a single unit, or one unit a line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from targeting.domain import BadInputError
from targeting.sources.enhetsregisteret_entry import Entry
from targeting.sources.enhetsregisteret_fields import Register
from targeting.sources.json_stream import json_elements
from targeting.sources.reading import Quarantined, shown

__all__ = ["json_entries"]

_TENOR_KEY = "slettetIEnhetsregisteret"


def json_entries(path: Path, register: Register) -> Iterator[Entry | Quarantined]:
    """The entries of `path` in order; an element that is no object, or says a key twice, is refused by itself.

    Raises `BadInputError` as `json_elements` does, and for the layout of Tenor (the search for test data), whose
    entries look alike but mean other things: `N` for false, four levels of industry codes.
    """
    for number, value, text, flaw in json_elements(path, register.embedded):
        if flaw is not None:
            yield Quarantined(path.name, number, None, "a JSON object with each key once and plain numbers", flaw)
        elif not isinstance(value, Mapping):
            yield Quarantined(path.name, number, None, "a JSON object", shown(value))
        else:
            if _TENOR_KEY in value:
                _refuse_tenor(path)
            yield Entry(number, value, text)


def _refuse_tenor(path: Path) -> None:
    raise BadInputError(
        expected="a file in the layout of Enhetsregisteret",
        got=f"the layout of Tenor, the search for test data (key {_TENOR_KEY})",
        where=path.name,
        do="fetch the units from Enhetsregisteret's API, or build synthetic ones with the synthetic command",
    )
