"""What a label is: which control points make it observed, and what makes it positive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from targeting.domain import Target

__all__ = ["SEVERITY", "LabelDefinition"]

SEVERITY: Mapping[int, str] = MappingProxyType(
    {
        0: "no breach of the target's control points",
        1: "at least one breach",
        2: "breaches from the serious number up, or a coercive fine or penalty",
        3: "work stopped, or a police report",
    }
)
"""How bad an observed outcome was. Reactions count only beside a breach, since they are the whole inspection's."""


@dataclass(frozen=True, slots=True)
class LabelDefinition:
    """The label of one target.

    `topics`: an inspection is labelled only if it checked (met or breach) a control point of these; empty means any.
    `positive`: an SQL condition over the columns that `observation.sql` sums up per inspection: `breaches` of those
    topics, `serious_reactions`, `crime_reactions`, and the variable `serious_breaches`.
    `reactions`: the sums of reactions that `positive` reads; the day they became known counts as part of the label's.
    """

    target: Target
    meaning: str
    topics: tuple[str, ...]
    positive: str
    reactions: tuple[str, ...] = ()
