"""What a feature family is: declared features, the one SELECT that gives them, its named constants."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from targeting.domain import Target

__all__ = ["Constant", "ConstantValue", "Family", "Feature", "FeatureKind"]

ConstantValue = int | float | list[str]


class FeatureKind(StrEnum):
    """What a feature column holds. Every kind may be null; `Feature.null` says what a null means."""

    INTEGER = "integer"
    REAL = "real"
    FLAG = "flag"
    CATEGORY = "category"


@dataclass(frozen=True, slots=True)
class Feature:
    """One declared column, at the grain (establishment, as_of).

    `phrase_nb` and `phrase_en` hold `{value}` once. `monotone` is the direction in which the feature may push a
    score: 1 up, -1 down, 0 free. `targets` is empty when every target may use the feature.
    """

    name: str
    kind: FeatureKind
    unit: str
    title_nb: str
    title_en: str
    phrase_nb: str
    phrase_en: str
    theme: str
    source: str
    null: str
    legal_basis: str
    personal: bool
    monotone: int
    targets: tuple[Target, ...]

    def serves(self, target: Target, *, include_personal: bool = False) -> bool:
        """Whether `target` may use this feature. Personal ones serve only targets they name, and only on request."""
        if self.personal and not (include_personal and target in self.targets):
            return False
        return not self.targets or target in self.targets


@dataclass(frozen=True, slots=True)
class Constant:
    """A number or list of codes that the SQL names as `$name`, with its meaning and source."""

    name: str
    value: ConstantValue
    meaning: str


@dataclass(frozen=True, slots=True)
class Family:
    """Two files: NAME.toml declares `features` and `constants`, NAME.sql is one SELECT over as-of relations."""

    name: str
    title_nb: str
    title_en: str
    sql: str
    features: tuple[Feature, ...]
    constants: tuple[Constant, ...] = ()

    @property
    def parameters(self) -> dict[str, ConstantValue]:
        """The constants as DuckDB takes them."""
        return {constant.name: constant.value for constant in self.constants}
