"""What TILDA's documents share: the envelope, and the authority whose name is spelt in two ways."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from targeting.domain import BadInputError
from targeting.sources.batching import Place
from targeting.sources.json_stream import Element, json_elements
from targeting.sources.json_values import organisation_number_at

__all__ = ["Document", "documents", "responsible_authority"]


class Document(NamedTuple):
    """One report or coordination and where it stands (its number in the file)."""

    place: Place
    item: Mapping[str, object]


def documents(path: Path, name: str) -> Iterator[Document]:
    """The objects of array `name` in the envelope of `path`; a bare object, or an array of them, will do as well.

    Raises `BadInputError` for an answer that reports a failure, and for anything that is not such a document.
    """
    number = 0
    for element in json_elements(path, name):
        for item in _items(element, name, path):
            number += 1
            yield Document(Place(path.name, number), item)


def responsible_authority(item: Mapping[str, object]) -> str:
    """The authority that answers for the document (`ansvarligTilsynsmyndighet`, or all lower case in coordinations)."""
    found = (name for name in item if name.casefold() == "ansvarligtilsynsmyndighet")
    return organisation_number_at(item, next(found, "ansvarligTilsynsmyndighet"))


def _items(element: Element, name: str, path: Path) -> list[Mapping[str, object]]:
    content = element.value
    if not isinstance(content, dict) or element.flaw:
        raise _not_this(path, name, element.flaw or "something else")
    if content.get("status") == "feil":
        raise BadInputError(expected="a delivery", got="an answer with status feil", where=path.name, do="ask again")
    if name not in content and "tildaenhet" in content:
        return [content]
    items = content.get(name, "no such array")
    if items is not None and not (isinstance(items, list) and all(isinstance(item, dict | None) for item in items)):
        raise _not_this(path, name, "something else")
    return [item for item in items or [] if item is not None]


def _not_this(path: Path, name: str, got: str) -> BadInputError:
    return BadInputError(
        expected=f"a TILDA document: an object with the array {name}, or one such object with tildaenhet",
        got=got,
        where=path.name,
        do="check that the file is what its name says",
    )
