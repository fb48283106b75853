"""What the description tells of, gathered from where each thing is declared. Nothing is said here twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from targeting.domain import Target
from targeting.evaluation.description.names import published_title
from targeting.features import Feature, features_for, load_families
from targeting.features.denylist import DENIED_SUBJECTS
from targeting.modelling.specification import Specification, load_specification
from targeting.modelling.training import chosen_features
from targeting.parameters.cohort_rules import cohort_rule
from targeting.parameters.registers import Register, registers
from targeting.parameters.retention import Retention, retention
from targeting.parameters.thresholds import Pacing, pacing

__all__ = ["Facts", "Figures", "Input", "facts"]


@dataclass(frozen=True, slots=True)
class Input:
    """One feature as a stranger is told of it, with the targets whose models may read it."""

    feature: Feature
    title_nb: str
    title_en: str
    used_in: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """What serves a target: its version and manifest, and what the run in service says of it (null: no run)."""

    version: str
    manifest: Mapping[str, Any]
    run: str | None = None
    as_of: str | None = None
    scored: int | None = None
    bands: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Facts:
    """Everything that is told. `sole_proprietors`: some target ranks them; `figures` is empty without a home."""

    specifications: Mapping[Target, Specification]
    inputs: tuple[Input, ...]
    registers: tuple[Register, ...]
    denied: tuple[str, ...]
    pacing: Pacing
    retention: Retention
    sole_proprietors: bool
    figures: Mapping[Target, Figures] = field(default_factory=dict)

    @property
    def themes(self) -> tuple[str, ...]:
        """The themes of the inputs, sorted."""
        return tuple(sorted({one.feature.theme for one in self.inputs}))

    def of_theme(self, theme: str) -> tuple[Input, ...]:
        """The inputs of a theme, in declared order."""
        return tuple(one for one in self.inputs if one.feature.theme == theme)


def facts(models: Path, figures: Mapping[Target, Figures] | None = None) -> Facts:
    """What the repository declares (`models` is its folder of specifications), with `figures` of a home if given.

    Parameters are the newest: the description says what holds from now on, and reads no clock.
    """
    families = load_families()
    specifications = {target: load_specification(models / f"{target.value}.toml") for target in Target}
    read = {
        target: set(chosen_features(features_for(target, families), one.features))
        for target, one in specifications.items()
    }
    inputs = tuple(
        Input(
            feature,
            published_title(feature.title_nb, family),
            published_title(feature.title_en, family),
            tuple(target for target in Target if feature in read[target]),
        )
        for family in families
        for feature in family.features
    )
    return Facts(
        specifications,
        inputs,
        registers(),
        DENIED_SUBJECTS,
        pacing(date.max),
        retention(date.max),
        any(cohort_rule(target, date.max).sole_proprietors for target in Target),
        figures or {},
    )
