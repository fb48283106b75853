"""From TOML, JSON or a mapping to a `Problem`: validated once, unknown keys refused, errors naming the key."""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from targeting.domain import BadInputError
from targeting.planning.problem import (
    AtLeast,
    AtMost,
    AtMostPer,
    Exclusion,
    Exploration,
    Objective,
    ObjectiveKind,
    Problem,
    Standby,
    Total,
    Value,
    Where,
)

__all__ = ["problem_from_json", "problem_from_mapping", "problem_from_toml"]

_T = TypeVar("_T")
_TOP = (
    "capacity",
    "seed",
    "objective",
    "exploration",
    "at_least",
    "at_most",
    "at_most_per",
    "total",
    "exclude",
    "standby",
)


def problem_from_toml(text: str) -> Problem:
    """Read PROBLEM.toml. Raises `BadInputError` naming the key that is wrong.

    >>> problem_from_toml('capacity = 300').capacity
    300
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as cause:
        raise BadInputError(expected="TOML", got=str(cause), where="problem", do="correct the line") from cause
    return problem_from_mapping(document)


def problem_from_json(text: str) -> Problem:
    """Read the same problem written as JSON."""
    try:
        document = json.loads(text)
    except json.JSONDecodeError as cause:
        raise BadInputError(expected="JSON", got=str(cause), where="problem", do="correct the line") from cause
    return problem_from_mapping(document)


def problem_from_mapping(document: Mapping[str, Any]) -> Problem:
    """The one door: every problem, wherever it was written, is validated here."""
    entry = _keys(document, "problem", required=("capacity",), optional=_TOP)
    return Problem(
        capacity=_count(entry["capacity"], "capacity"),
        seed=_whole(entry.get("seed", 0), "seed"),
        objective=_objective(entry.get("objective", {})),
        exploration=_exploration(entry.get("exploration", {})),
        at_least=_each(entry, "at_least", lambda e, at: AtLeast(*_quota(e, at))),
        at_most=_each(entry, "at_most", lambda e, at: AtMost(*_quota(e, at))),
        at_most_per=_each(entry, "at_most_per", _per),
        total=_each(entry, "total", _total),
        exclude=_exclude(entry.get("exclude", {})),
        standby=_each(entry, "standby", _standby),
    )


def _refuse(expected: str, got: object, where: str) -> BadInputError:
    return BadInputError(expected=expected, got=repr(got), where=where, do="correct the key in the planning problem")


def _keys(entry: object, where: str, required: Sequence[str], optional: Sequence[str] = ()) -> Mapping[str, Any]:
    if not isinstance(entry, Mapping):
        raise _refuse("a table of keys", entry, where)
    allowed = [*required, *(name for name in optional if name not in required)]
    for name in entry:
        if name not in allowed:
            raise _refuse(f"only the keys {', '.join(allowed)}", name, where)
    for name in required:
        if name not in entry:
            raise BadInputError(expected=f"the key {name}", got="no such key", where=where, do="add it")
    return entry


def _each(document: Mapping[str, Any], key: str, read: Callable[[object, str], _T]) -> tuple[_T, ...]:
    entries = document.get(key, [])
    if isinstance(entries, Mapping) and key == "standby":  # one standby list is the usual case: [standby]
        entries = [entries]
    if not isinstance(entries, list):
        raise _refuse(f"a list of tables, written [[{key}]]", entries, key)
    return tuple(read(entry, f"{key}[{number}]") for number, entry in enumerate(entries))


def _whole(value: object, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _refuse("a whole number", value, where)
    return value


def _count(value: object, where: str, least: int = 0) -> int:
    if (number := _whole(value, where)) < least:
        raise _refuse(f"a whole number of at least {least}", value, where)
    return number


def _real(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _refuse("a number", value, where)
    return float(value)


def _column(value: object, where: str) -> str:
    if not isinstance(value, str) or not value:
        raise _refuse("the name of a column", value, where)
    return value


def _values(value: object, where: str) -> tuple[Value, ...]:
    listed = value if isinstance(value, list) else [value]
    if not listed or not all(isinstance(item, str | int | float | bool) for item in listed):
        raise _refuse("a value, or a list of values", value, where)
    return tuple(listed)


def _objective(entry: object) -> Objective:
    read = _keys(entry, "objective", (), ("kind", "score", "severity", "employees", "weights"))
    kinds = {str(kind): kind for kind in ObjectiveKind}
    if (name := read.get("kind", "breaches")) not in kinds:
        raise _refuse(f"one of {', '.join(kinds)}", name, "objective.kind")
    columns = {key: _column(read[key], f"objective.{key}") for key in ("score", "severity", "employees") if key in read}
    return Objective(kind=kinds[name], weights=_weights(kinds[name], read.get("weights")), **columns)


def _weights(kind: ObjectiveKind, entry: object) -> tuple[tuple[ObjectiveKind, float], ...]:
    if kind is not ObjectiveKind.MIX:
        if entry is not None:
            raise _refuse("weights only with kind = 'mix'", entry, "objective.weights")
        return ((kind, 1.0),)
    parts = [part for part in ObjectiveKind if part is not ObjectiveKind.MIX]
    read = _keys(entry, "objective.weights", (), [str(part) for part in parts])
    weights = tuple((part, _real(read[part], f"objective.weights.{part}")) for part in parts if part in read)
    if not weights or any(weight < 0 for _, weight in weights):
        raise _refuse("at least one weight, none negative", dict(read), "objective.weights")
    return weights


def _exploration(entry: object) -> Exploration:
    read = _keys(entry, "exploration", (), ("share", "bins"))
    share = _real(read.get("share", 0.0), "exploration.share")
    if not 0 <= share <= 1:
        raise _refuse("a share from 0 to 1", share, "exploration.share")
    return Exploration(share, _count(read.get("bins", Exploration().bins), "exploration.bins", least=1))


def _where(entry: object, where: str) -> Where:
    if not isinstance(entry, Mapping) or not entry:
        raise _refuse("a table {column = value}", entry, where)
    return Where(tuple((_column(name, where), _values(value, f"{where}.{name}")) for name, value in entry.items()))


def _quota(entry: object, at: str) -> tuple[Where, int]:
    read = _keys(entry, at, ("where", "count"))
    return _where(read["where"], f"{at}.where"), _count(read["count"], f"{at}.count")


def _per(entry: object, at: str) -> AtMostPer:
    read = _keys(entry, at, ("column", "count"))
    return AtMostPer(_column(read["column"], f"{at}.column"), _count(read["count"], f"{at}.count"))


def _total(entry: object, at: str) -> Total:
    read = _keys(entry, at, ("column", "at_most"), ("weights",))
    bound = _not_negative(read["at_most"], f"{at}.at_most")
    return Total(_column(read["column"], f"{at}.column"), bound, _weights_of_values(read.get("weights"), at))


def _weights_of_values(entry: object, at: str) -> tuple[tuple[str, float], ...]:
    if entry is None:
        return ()
    if not isinstance(entry, Mapping) or not entry:
        raise _refuse("a table {value = number}", entry, f"{at}.weights")
    return tuple((str(value), _not_negative(weight, f"{at}.weights.{value}")) for value, weight in entry.items())


def _not_negative(value: object, where: str) -> float:
    if (number := _real(value, where)) < 0:
        raise _refuse("a number of at least 0", number, where)
    return number


def _standby(entry: object, at: str) -> Standby:
    read = _keys(entry, at, ("per", "count"))
    return Standby(_column(read["per"], f"{at}.per"), _count(read["count"], f"{at}.count"))


def _exclude(entry: object) -> tuple[Exclusion, ...]:
    if not isinstance(entry, Mapping):
        raise _refuse("a table {column = value}", entry, "exclude")
    return tuple(_exclusion(_column(name, "exclude"), rule) for name, rule in entry.items())


def _exclusion(column: str, rule: object) -> Exclusion:
    at = f"exclude.{column}"
    if not isinstance(rule, Mapping):
        return Exclusion(column, values=_values(rule, at))
    read = _keys(rule, at, (), ("is", "below", "above", "unless"))
    unless = _where(read["unless"], f"{at}.unless") if "unless" in read else None
    bounds = {name: _real(read[name], f"{at}.{name}") for name in ("below", "above") if name in read}
    if ("is" in read) is bool(bounds):
        raise _refuse("either a bound (below, above) or values (is)", dict(rule), at)
    values = _values(read["is"], f"{at}.is") if "is" in read else ()
    return Exclusion(column, values, bounds.get("below"), bounds.get("above"), unless)
