"""The strict door: every family in a folder, read, checked and frozen; nothing undeclared gets past it.

A key that is not known, a missing one, a wrong type, a name used twice, a denied subject: each is refused with
the file and the feature named. A feature without a legal basis does not load.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from targeting.domain import BadInputError, RefusedError, Target
from targeting.features.computation import compute
from targeting.features.denylist import check_not_denied, check_sql_reads_as_of_only
from targeting.features.family import Constant, ConstantValue, Family, Feature, FeatureKind

__all__ = ["Family", "Feature", "FeatureKind", "compute", "features_for", "load_families", "load_family"]

_TEXTS: Final = (
    "name",
    "unit",
    "title_nb",
    "title_en",
    "phrase_nb",
    "phrase_en",
    "theme",
    "source",
    "null",
    "legal_basis",
)
_REQUIRED: Final = frozenset((*_TEXTS, "kind", "personal", "monotone"))
_OPTIONAL: Final = frozenset({"targets"})
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_PARAMETER: Final = re.compile(r"\$([a-z][a-z0-9_]*)")
_COMMENT: Final = re.compile(r"--[^\n]*")


def load_families(folder: Path | None = None) -> tuple[Family, ...]:
    """Every family in `folder` (this package by default), sorted by name.

    Raises `BadInputError` for a declaration that cannot be read and `RefusedError` for one that is not allowed.

    >>> [family.name for family in load_families()][:3]
    ['accounts', 'approvals', 'enterprise']
    """
    return _own_families() if folder is None else _families_in(folder)


@cache
def _own_families() -> tuple[Family, ...]:
    return _families_in(Path(__file__).parent)


def _families_in(folder: Path) -> tuple[Family, ...]:
    families = tuple(load_family(path) for path in sorted(folder.glob("*.toml")))
    _check_pairs(folder)
    _check_unique((feature.name for family in families for feature in family.features), str(folder.name))
    return families


def features_for(target: Target, families: Iterable[Family], *, include_personal: bool = False) -> tuple[Feature, ...]:
    """The features `target` may use, in declared order. Personal ones are off unless asked for and named."""
    return tuple(
        feature
        for family in families
        for feature in family.features
        if feature.serves(target, include_personal=include_personal)
    )


def load_family(path: Path) -> Family:
    """One family from its NAME.toml and the NAME.sql beside it."""
    where = path.name
    document = _read_toml(path)
    _check_keys(document, {"family", "feature"}, frozenset(), where)
    head = document["family"]
    _check_keys(head, {"name", "title_nb", "title_en"}, frozenset({"constants"}), f"{where}: [family]")
    if head["name"] != path.stem:
        raise BadInputError(expected=f"the family named as its file, {path.stem}", got=repr(head["name"]), where=where)
    family = Family(
        name=path.stem,
        title_nb=_text(head, "title_nb", where),
        title_en=_text(head, "title_en", where),
        sql=_read_sql(path.with_suffix(".sql")),
        features=tuple(_feature(entry, where) for entry in document["feature"]),
        constants=_constants(head.get("constants", {}), where),
    )
    _check_unique((feature.name for feature in family.features), where)
    _check_parameters(family, where)
    check_sql_reads_as_of_only(family, where)
    return family


def _feature(entry: Mapping[str, Any], where: str) -> Feature:
    place = f"{where}: feature {entry.get('name', 'without a name')}"
    _check_keys(entry, _REQUIRED, _OPTIONAL, place)
    texts = {key: _text(entry, key, place) for key in _TEXTS}
    feature = Feature(
        **texts,
        kind=_kind(entry["kind"], place),
        personal=_flag(entry["personal"], place),
        monotone=_monotone(entry["monotone"], place),
        targets=_targets(entry.get("targets", []), place),
    )
    _check_feature(feature, place)
    check_not_denied(feature, where)
    return feature


def _check_feature(feature: Feature, place: str) -> None:
    if not _NAME.fullmatch(feature.name):
        raise BadInputError(expected="a lower_snake_case name", got=repr(feature.name), where=place)
    for phrase in (feature.phrase_nb, feature.phrase_en):
        if phrase.count("{value}") != 1 or phrase.count("{") != 1:
            raise BadInputError(expected="a sentence that holds {value} once", got=repr(phrase), where=place)
    if feature.personal and not feature.targets:
        raise RefusedError(expected="a personal feature to name the targets it serves", got="targets = []", where=place)
    if feature.kind is FeatureKind.CATEGORY and feature.monotone:
        raise BadInputError(expected="monotone = 0 for a category", got=str(feature.monotone), where=place)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as cause:
        raise BadInputError(expected="a TOML document in UTF-8", got=str(cause), where=path.name) from cause


def _read_sql(path: Path) -> str:
    if not path.is_file():
        raise BadInputError(expected=f"{path.name} beside the declaration", got="no such file", where=path.name)
    sql = path.read_text(encoding="utf-8").strip()
    if not sql or sql.endswith(";"):
        raise BadInputError(expected="one SELECT without a closing semicolon", got=repr(sql[-20:]), where=path.name)
    return sql


def _check_pairs(folder: Path) -> None:
    for path in sorted(folder.glob("*.sql")):
        if not path.with_suffix(".toml").is_file():
            raise RefusedError(expected=f"{path.stem}.toml declaring its features", got="no such file", where=path.name)


def _check_keys(entry: object, required: Iterable[str], optional: frozenset[str], where: str) -> None:
    if not isinstance(entry, Mapping):
        raise BadInputError(expected="a table of keys", got=type(entry).__name__, where=where)
    if missing := sorted(set(required) - entry.keys()):
        raise BadInputError(expected=f"the key {missing[0]}", got="no such key", where=where, do="add it")
    if unknown := sorted(entry.keys() - set(required) - optional):
        raise BadInputError(
            expected=f"only {', '.join(sorted({*required, *optional}))}", got=f"the key {unknown[0]}", where=where
        )


def _check_unique(names: Iterable[str], where: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise BadInputError(expected="every feature declared once", got=f"{name} twice", where=where)
        seen.add(name)


def _check_parameters(family: Family, where: str) -> None:
    named = set(_PARAMETER.findall(_COMMENT.sub("", family.sql)))
    declared = set(family.parameters)
    if odd := sorted(named ^ declared):
        got = f"${odd[0]} only in the SQL" if odd[0] in named else f"{odd[0]} only in the TOML"
        raise BadInputError(expected="the same constants in TOML and SQL", got=got, where=where)


def _constants(entries: Mapping[str, Any], where: str) -> tuple[Constant, ...]:
    return tuple(_constant(name, entry, f"{where}: constant {name}") for name, entry in entries.items())


def _constant(name: str, entry: Mapping[str, Any], place: str) -> Constant:
    _check_keys(entry, {"value", "meaning"}, frozenset(), place)
    return Constant(name, _constant_value(entry["value"], place), _text(entry, "meaning", place))


def _constant_value(value: object, place: str) -> ConstantValue:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return value
    raise BadInputError(expected="a number or a list of texts", got=repr(value), where=place)


def _text(entry: Mapping[str, Any], key: str, place: str) -> str:
    value = entry[key]
    if not isinstance(value, str) or not value.strip():
        raise BadInputError(expected=f"a text in {key}", got=repr(value), where=place)
    return value


def _flag(value: object, place: str) -> bool:
    if not isinstance(value, bool):
        raise BadInputError(expected="true or false in personal", got=repr(value), where=place)
    return value


def _monotone(value: object, place: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value not in (-1, 0, 1):
        raise BadInputError(expected="-1, 0 or 1 in monotone", got=repr(value), where=place)
    return value


def _kind(value: object, place: str) -> FeatureKind:
    if value not in list(FeatureKind):
        raise BadInputError(expected=f"one of {', '.join(FeatureKind)} in kind", got=repr(value), where=place)
    return FeatureKind(str(value))


def _targets(value: object, place: str) -> tuple[Target, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str) or any(item not in list(Target) for item in value):
        raise BadInputError(expected=f"a list of {', '.join(Target)} in targets", got=repr(value), where=place)
    return tuple(Target(item) for item in value)
