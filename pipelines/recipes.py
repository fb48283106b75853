"""A target's specification as it is trained: with the rows of the targets whose lessons it asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from targeting.domain import Target
from targeting.matrix import Matrix
from targeting.modelling.lessons import Siblings
from targeting.modelling.specification import Specification, load_specification

__all__ = ["MODELS", "recipe", "with_teachers"]

MODELS: Final = Path(__file__).resolve().parents[1] / "models"


def with_teachers(targets: Sequence[Target], models: Path = MODELS) -> tuple[Target, ...]:
    """`targets` and those that teach them: whose training matrices are needed. `models` holds the specifications."""
    teachers = [Target(lesson.target) for target in targets for lesson in _specification(target, models).lessons]
    return tuple(dict.fromkeys((*targets, *teachers)))


def recipe(target: Target, matrices: Mapping[Target, Matrix], models: Path = MODELS) -> Specification:
    """The specification of `target`, taught by what `matrices` (known before one day) hold of its teachers."""
    specification = _specification(target, models)
    if target not in matrices:
        return specification
    asked = {Target(lesson.target) for lesson in specification.lessons} & matrices.keys()
    teachers = {teacher: matrices[teacher].frame for teacher in asked}
    return replace(specification, siblings=Siblings.of(matrices[target].frame, teachers, specification.nuisance))


def _specification(target: Target, models: Path) -> Specification:
    return load_specification(models / f"{target.value}.toml")
