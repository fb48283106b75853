"""The kinds of candidate a specification may name, each with its parameters and their defaults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from targeting.domain import BadInputError

__all__ = [
    "KINDS",
    "TUNABLE",
    "BlendParameters",
    "Candidate",
    "LightgbmParameters",
    "LogisticParameters",
    "PooledParameters",
    "RuleParameters",
    "ScorecardParameters",
]


@dataclass(frozen=True, slots=True)
class RuleParameters:
    """Rank by the sum of `features` (one, for a plain rule; many flags, for a scorecard; none, for a draw).

    A missing value counts as `missing`, or as the training average when that is null ("unknown = base rate").
    """

    features: tuple[str, ...] = ()
    missing: float | None = None


@dataclass(frozen=True, slots=True)
class ScorecardParameters:
    """A card of whole points that a planner can add up: none negative, `most_points` for the strongest of `features`.

    `strength` is C of the regression behind the points; the smaller, the nearer they are to each other. Every feature
    is a flag, or a number that is higher where the risk is; a missing value counts as `missing`.
    """

    features: tuple[str, ...]
    most_points: int = 5
    strength: float = 0.1
    missing: float = 0.0


@dataclass(frozen=True, slots=True)
class LogisticParameters:
    """Ridge-regularised logistic regression.

    `strength` is sklearn's C: smaller shrinks more. Numbers are standardised; rates of categories stay in log-odds, and
    so shrink more than numbers that tell as much. `knots` hinges bend each numeric feature at its quantiles. `features`
    limits what it reads (patterns as in the specification); `nuisance` says whether assignment-time variables are
    fitted beside them. `prior` is the pseudo-rows a category shrinks with.
    """

    strength: float = 0.05
    knots: int = 0
    features: tuple[str, ...] = ("*",)
    nuisance: bool = True
    prior: float = 20.0


@dataclass(frozen=True, slots=True)
class LightgbmParameters:
    """Small boosted trees: exact reasons for every row cost 0.1 ms at 200 x 8 leaves and 12 ms at 500 x 63."""

    trees: int = 200
    leaves: int = 8
    depth: int = 4
    rate: float = 0.03
    min_leaf: int = 40
    l2: float = 5.0
    feature_fraction: float = 0.5
    bins: int = 63
    monotone: bool = True
    features: tuple[str, ...] = ("*",)
    nuisance: bool = True
    prior: float = 20.0


@dataclass(frozen=True, slots=True)
class PooledParameters:
    """Regression on what the specification's lessons say of a row, beside the features of the target's own.

    For targets with few labels. The numbers are standard deviations in log-odds: how far effects are expected to reach
    before any label is seen. `levels`: a level of a category beside its parent; `own`: a flag that is raised, or one
    standard deviation of a number; `lessons`: one standard deviation of what a part of a lesson says, beside an equal
    share in all of them. Of flags in `raises`, which a law or the approval registers speak of, it is expected that they
    raise the log-odds by `own`, known or not yet.
    """

    levels: float = 0.4
    own: float = 0.2
    lessons: float = 0.5
    raises: tuple[str, ...] = ()
    features: tuple[str, ...] = ("*",)
    nuisance: bool = True


@dataclass(frozen=True, slots=True)
class BlendParameters:
    """The weighted mean of other candidates' log-odds; equal weights unless given."""

    of: tuple[str, ...] = ()
    weights: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if len(self.of) < 2 or (self.weights and len(self.weights) != len(self.of)):
            raise BadInputError(
                expected="two or more candidates in `of`, and no weights or one for each",
                got=f"of {len(self.of)}, weights {len(self.weights)}",
                where="a blend",
            )

    @property
    def shares(self) -> tuple[float, ...]:
        """The weights, scaled to sum to one."""
        weights = self.weights or (1.0,) * len(self.of)
        return tuple(weight / sum(weights) for weight in weights)


Parameters = (
    RuleParameters | ScorecardParameters | LogisticParameters | PooledParameters | LightgbmParameters | BlendParameters
)

KINDS: Final[dict[str, type[Parameters]]] = {
    "rule": RuleParameters,
    "scorecard": ScorecardParameters,
    "logistic": LogisticParameters,
    "pooled": PooledParameters,
    "lightgbm": LightgbmParameters,
    "blend": BlendParameters,
}
TUNABLE: Final = ("logistic", "pooled", "lightgbm")
"""Kinds with settings that tuning may try."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to rank, by name. `baseline` marks what a learned model must beat to be released."""

    name: str
    kind: str
    baseline: bool
    parameters: Parameters
