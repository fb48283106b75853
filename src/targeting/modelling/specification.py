"""What is to be learned for one target, read once from `models/TARGET.toml` into frozen values.

Unknown keys are refused: a misspelt setting must not silently fall back to a default.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from targeting.domain import BadInputError, Quarter, Target
from targeting.modelling.candidates import KINDS, TUNABLE, BlendParameters, Candidate
from targeting.modelling.lessons import NO_SIBLINGS, Lesson, Siblings
from targeting.modelling.strict_keys import build, check_keys, typed

__all__ = [
    "Break",
    "FeatureChoice",
    "Gates",
    "Label",
    "Specification",
    "Splits",
    "Training",
    "Tuning",
    "load_specification",
]


@dataclass(frozen=True, slots=True)
class Label:
    """What is observed: its meaning, the quarters it looks ahead, and the days until it is normally known."""

    meaning: str
    horizon_quarters: int
    maturation_days: int


@dataclass(frozen=True, slots=True)
class Break:
    """A day on which law or practice changed the meaning of the label, and why.

    Rows of earlier inspections weigh `weight_before` in training: 0 leaves them out, 1 says the change did not matter.
    """

    on: date
    why: str
    weight_before: float


@dataclass(frozen=True, slots=True)
class Training:
    """The training window: rows of inspections on or after `first_day`, weighed down by later breaks."""

    first_day: date
    breaks: tuple[Break, ...] = ()


@dataclass(frozen=True, slots=True)
class FeatureChoice:
    """Feature names, patterns (`accounts_*`) or `theme:NAME` to include and exclude."""

    include: tuple[str, ...] = ("*",)
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Splits:
    """Forward test windows: the last `number` matured ones of `span` quarters each, none before `first_test`.

    A window longer than a quarter is for targets with few labels: all of it is tested by what was known before it.
    """

    first_test: Quarter
    number: int
    span: int = 1


@dataclass(frozen=True, slots=True)
class Tuning:
    """How many settings of each of `candidates` are tried on windows before those that judge; 0 keeps them as written.

    Only logistic, pooled and lightgbm candidates have settings to try.
    """

    candidates: tuple[str, ...] = ()
    trials: int = 0


@dataclass(frozen=True, slots=True)
class Gates:
    """What must hold before a learned model may serve; below the minima the fallback rule serves.

    `min_rows` counts training rows and `min_breaches` those of the rarer label, in training and in all test windows
    together; `min_test_rows` is the least a test window must hold. Beyond `max_ece`, or where fewer than
    `min_ece_rows` measured it, scores are published as bands.

    A single feature is an alarm when its forward AUC is surely beyond `max_feature_auc`, or `max_feature_jump` times as
    far above chance as that of the best other. `max_null_gap` is how far a feature's share of unknown values may lie
    from that of any training day. The least Jaccard index of the list with one drawn again is
    `min_jaccard_seeds`, `_resamples` or `_quarters`. A group may be listed `max_selection_ratio` times as often as
    everybody, and wrongly so by `max_fdr_gap` more. `max_label_age_days` is how long ago the newest label may have
    become known; beyond it, or after a break in the law, `staleness` says whether that is to "warn" or to "block".
    """

    min_rows: int
    min_breaches: int
    min_test_rows: int
    max_ece: float
    min_ece_rows: int = 200
    max_feature_auc: float = 0.9
    max_feature_jump: float = 1.5
    max_null_gap: float = 0.1
    min_jaccard_seeds: float = 0.8
    min_jaccard_resamples: float = 0.3
    min_jaccard_quarters: float = 0.3
    max_selection_ratio: float = 4.0
    max_fdr_gap: float = 0.15
    max_label_age_days: int = 400
    staleness: str = "warn"

    def __post_init__(self) -> None:
        if self.staleness not in ("warn", "block"):
            raise BadInputError(expected='"warn" or "block"', got=repr(self.staleness), where="gates: staleness")


@dataclass(frozen=True, slots=True)
class Specification:
    """One target's whole recipe. `candidates` are in order of preference, simplest or steadiest first.

    `nuisance` maps assignment-time columns to the value they are set to when scoring ("*": the training average).
    `lessons` are what other targets' inspections shall teach it, and `siblings` the rows they are learned from: not in
    the file, but put beside it by whoever trains, so that every fit of the recipe has them.
    `sha256` is the hash of the file's bytes, recorded with every model trained from it.
    """

    target: Target
    owner: str
    cohort: str
    capacity: int
    seed: int
    label: Label
    training: Training
    features: FeatureChoice
    nuisance: tuple[tuple[str, str], ...]
    splits: Splits
    gates: Gates
    fallback: str
    candidates: tuple[Candidate, ...]
    sha256: str
    tuning: Tuning = Tuning()
    lessons: tuple[Lesson, ...] = ()
    siblings: Siblings = field(default=NO_SIBLINGS, repr=False, compare=False)

    def candidate(self, name: str) -> Candidate:
        """The candidate called `name`."""
        for candidate in self.candidates:
            if candidate.name == name:
                return candidate
        raise BadInputError(expected=f"a candidate of {self.target}", got=repr(name), where=f"models/{self.target}")


_KEYS = {
    "target",
    "owner",
    "cohort",
    "capacity",
    "seed",
    "label",
    "training",
    "features",
    "nuisance",
    "splits",
    "gates",
    "fallback",
    "candidates",
}


def load_specification(path: Path) -> Specification:
    """The specification in `path`; `BadInputError` names the key that is unknown, missing or of a wrong type."""
    raw = path.read_bytes() if path.is_file() else b""
    try:
        document = tomllib.loads(raw.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as cause:
        raise BadInputError(expected="a TOML document in UTF-8", got=str(cause), where=path.name) from cause
    check_keys(document, _KEYS, {"lessons", "tuning"}, path.name)
    return _checked(_specification(document, hashlib.sha256(raw).hexdigest(), path.name), path.name)


def _specification(document: Mapping[str, Any], sha256: str, where: str) -> Specification:
    target = typed(document["target"], str, f"{where}: target")
    if target not in list(Target):
        raise BadInputError(expected=f"one of {', '.join(Target)}", got=repr(target), where=f"{where}: target")
    nuisance = document["nuisance"]
    return Specification(
        target=Target(target),
        owner=typed(document["owner"], str, f"{where}: owner"),
        cohort=typed(document["cohort"], str, f"{where}: cohort"),
        capacity=typed(document["capacity"], int, f"{where}: capacity"),
        seed=typed(document["seed"], int, f"{where}: seed"),
        label=build(Label, document["label"], f"{where}: [label]"),
        training=_training(document["training"], f"{where}: [training]"),
        features=build(FeatureChoice, document["features"], f"{where}: [features]"),
        nuisance=tuple((name, typed(nuisance[name], str, f"{where}: {name}")) for name in nuisance),
        splits=_splits(document["splits"], f"{where}: [splits]"),
        gates=build(Gates, document["gates"], f"{where}: [gates]"),
        fallback=typed(document["fallback"], str, f"{where}: fallback"),
        candidates=tuple(_candidate(entry, where) for entry in document["candidates"]),
        sha256=sha256,
        tuning=build(Tuning, document.get("tuning", {}), f"{where}: [tuning]"),
        lessons=tuple(build(Lesson, entry, f"{where}: [[lessons]]") for entry in document.get("lessons", ())),
    )


def _training(entry: Mapping[str, Any], where: str) -> Training:
    check_keys(entry, {"first_day"}, {"breaks"}, where)
    breaks = tuple(build(Break, change, f"{where} breaks") for change in entry.get("breaks", ()))
    return Training(typed(entry["first_day"], date, f"{where} first_day"), breaks)


def _splits(entry: Mapping[str, Any], where: str) -> Splits:
    check_keys(entry, {"first_test", "number"}, {"span"}, where)
    text = typed(entry["first_test"], str, where)
    if len(text) != 6 or text[4] != "Q" or not (text[:4] + text[5]).isdigit():
        raise BadInputError(expected="a quarter written 2024Q1", got=repr(text), where=where)
    first = Quarter(int(text[:4]), int(text[5]))
    return Splits(first, typed(entry["number"], int, where), typed(entry.get("span", 1), int, where))


def _candidate(entry: Mapping[str, Any], where: str) -> Candidate:
    place = f"{where}: candidate {entry.get('name', 'without a name')}"
    settings = {key: value for key, value in entry.items() if key not in {"name", "kind", "baseline"}}
    check_keys(entry, {"name", "kind"}, {"baseline", *settings}, place)
    kind = typed(entry["kind"], str, place)
    if kind not in KINDS:
        raise BadInputError(expected=f"one of {', '.join(KINDS)}", got=repr(kind), where=place)
    baseline = typed(entry.get("baseline", False), bool, place)
    return Candidate(typed(entry["name"], str, place), kind, baseline, build(KINDS[kind], settings, place))


def _checked(specification: Specification, where: str) -> Specification:
    names = [candidate.name for candidate in specification.candidates]
    if len(set(names)) != len(names):
        raise BadInputError(expected="every candidate named once", got=", ".join(names), where=where)
    blends = {
        one.name: one.parameters.of for one in specification.candidates if isinstance(one.parameters, BlendParameters)
    }
    single = set(names) - set(blends)
    for name, parts in blends.items():
        if absent := set(parts) - single:
            raise BadInputError(
                expected="a blend of candidates that are no blends themselves",
                got=sorted(absent)[0],
                where=f"{where}: candidate {name}",
            )
    for name in specification.tuning.candidates:
        if specification.candidate(name).kind not in TUNABLE:
            raise BadInputError(
                expected=f"a candidate of kind {', '.join(TUNABLE)}", got=name, where=f"{where}: [tuning]"
            )
    if not specification.candidate(specification.fallback).baseline:
        raise BadInputError(expected="a baseline as fallback", got=specification.fallback, where=where)
    return specification
