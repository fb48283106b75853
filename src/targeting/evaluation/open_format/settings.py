"""`dataset.toml`, read once into a frozen value. A misspelt key is refused; an unknown one is kept as a remark."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from targeting.domain import BadInputError, Window

__all__ = ["FILE", "Settings", "read_settings"]

FILE: Final = "dataset.toml"
_DATES: Final = ("train_from", "train_until", "test_from", "test_until")
_LISTS: Final = ("categorical", "numeric", "group", "nuisance")
_KEYS: Final = ("name", "unit", "k", *_DATES, *_LISTS)


@dataclass(frozen=True, slots=True)
class Settings:
    """What a data set is called, when it trains and tests (each `until` is exclusive), and what its columns are.

    `nuisance` columns are decided when a visit is assigned: they are never ranked by, whatever other list names
    them. `refused` are those that another list named as well.
    """

    name: str
    unit: str
    k: int
    train: Window
    test: Window
    categorical: tuple[str, ...]
    numeric: tuple[str, ...]
    group: tuple[str, ...]
    nuisance: tuple[str, ...]
    refused: tuple[str, ...]
    remarks: tuple[str, ...]

    @property
    def attributes(self) -> tuple[str, ...]:
        """Every column that may become a feature, once."""
        return tuple(dict.fromkeys((*self.group, *self.categorical, *self.numeric)))


def read_settings(folder: Path) -> Settings:
    """The settings in `folder`; `BadInputError` names the key that lacks, is misspelt or of a wrong type."""
    document = _document(folder)
    remarks = _unknown_keys(document)
    lists = {name: _names(document, name) for name in _LISTS}
    assigned = set(lists["nuisance"])
    asked = dict.fromkeys(name for key in _LISTS[:3] for name in lists[key])
    allowed = {key: tuple(name for name in lists[key] if name not in assigned) for key in _LISTS[:3]}
    train, test = _window(document, "train"), _window(document, "test")
    if test.start < train.end:
        raise BadInputError(
            expected="test_from on or after train_until", got=f"{test.start} before {train.end}", where=FILE
        )
    return Settings(
        name=_text(document, "name"),
        unit=_text(document, "unit"),
        k=_capacity(document),
        train=train,
        test=test,
        **allowed,
        nuisance=lists["nuisance"],
        refused=tuple(name for name in asked if name in assigned),
        remarks=remarks,
    )


def _document(folder: Path) -> Mapping[str, Any]:
    path = folder / FILE
    if not path.is_file():
        raise BadInputError(
            expected=f"a folder with {FILE}", got="no such file", where=folder.name, do="see docs/decisions/0020"
        )
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as cause:
        raise BadInputError(expected="a TOML document in UTF-8", got=str(cause), where=FILE) from cause


def _unknown_keys(document: Mapping[str, Any]) -> tuple[str, ...]:
    """Remarks on keys the format does not know. One that looks like a known key that is not there is an error."""
    unknown = sorted(set(document) - set(_KEYS))
    for key in unknown:
        meant = get_close_matches(key, [known for known in _KEYS if known not in document], 1, 0.8)
        if meant:
            raise BadInputError(expected=f"the key {meant[0]}", got=f"the key {key}", where=FILE, do="correct it")
    return tuple(f"the key {key} is not part of the format and was not read" for key in unknown)


def _required(document: Mapping[str, Any], key: str) -> Any:
    if key not in document:
        raise BadInputError(expected=f"the key {key}", got="no such key", where=FILE, do="add it")
    return document[key]


def _text(document: Mapping[str, Any], key: str) -> str:
    value = _required(document, key)
    if not isinstance(value, str):
        raise BadInputError(expected="a text", got=repr(value), where=f"{FILE}: {key}")
    return value


def _capacity(document: Mapping[str, Any]) -> int:
    value = _required(document, "k")
    if type(value) is not int or value < 1:
        raise BadInputError(expected="a whole number of at least 1", got=repr(value), where=f"{FILE}: k")
    return value


def _window(document: Mapping[str, Any], which: str) -> Window:
    return Window(_date(document, f"{which}_from"), _date(document, f"{which}_until"))


def _date(document: Mapping[str, Any], key: str) -> date:
    value = _required(document, key)
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError) as cause:
        raise BadInputError(expected="a date such as 2024-01-31", got=repr(value), where=f"{FILE}: {key}") from cause


def _names(document: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """A list of column names; a list that is not there is empty."""
    value = document.get(key, [])
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise BadInputError(expected="a list of column names", got=repr(value), where=f"{FILE}: {key}")
    return tuple(dict.fromkeys(value))
