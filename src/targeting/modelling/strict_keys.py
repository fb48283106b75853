"""Building frozen values from a parsed document: exactly the declared keys, exactly the declared types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from targeting.domain import BadInputError

__all__ = ["build", "check_keys", "typed"]

T = TypeVar("T")


def check_keys(entry: object, required: set[str], optional: set[str], where: str) -> None:
    """Refuse an entry that lacks a required key or has one that is neither required nor optional."""
    if not isinstance(entry, Mapping):
        raise BadInputError(expected="a table of keys", got=type(entry).__name__, where=where)
    if absent := sorted(required - entry.keys()):
        raise BadInputError(expected=f"the key {absent[0]}", got="no such key", where=where, do="add it")
    if unknown := sorted(entry.keys() - required - optional):
        known = ", ".join(sorted(required | optional))
        raise BadInputError(expected=f"only the keys {known}", got=f"the key {unknown[0]}", where=where)


def typed(value: object, kind: type[T], where: str) -> T:
    """`value` if it is a `kind`; a whole number passes for a real one, true and false pass for nothing else.

    >>> typed(3, float, "k")
    3.0
    """
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is not kind:
        raise BadInputError(expected=f"a value of type {kind.__name__}", got=repr(value), where=where)
    return value


def build(kind: type[T], entry: Mapping[str, Any], where: str) -> T:
    """The dataclass `kind` from a mapping. Lists become tuples; absent keys take the class's own defaults."""
    declared = {field.name: field for field in fields(kind)}  # type: ignore[arg-type]
    required = {name for name, field in declared.items() if field.default is MISSING}
    check_keys(entry, required, set(declared), where)
    hints = get_type_hints(kind)
    return kind(**{name: _value(value, hints[name], f"{where} {name}") for name, value in entry.items()})


def _value(value: object, hint: Any, where: str) -> object:
    if get_origin(hint) is tuple:
        return tuple(typed(item, get_args(hint)[0], where) for item in typed(value, list, where))
    kinds = [kind for kind in get_args(hint) if kind is not type(None)] or [hint]
    return typed(value, kinds[0], where)
