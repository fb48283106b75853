"""Whether overrides helped, by reason code. Never by person; small numbers are withheld."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from targeting.ledger import SlotChange, SlotChangeKind

__all__ = ["OverrideScore", "score_overrides"]

_LEAST_SHOWN: Final = 5


class OverrideScore(NamedTuple):
    """The overrides with one reason code; `reason_code` is `withheld` for all codes with fewer than five, together.

    `given_up`: expected breaches of those taken out. `gained`: breaches found at those who came instead, with how many
    of them were inspected; null when fewer than five were, because one finding must not be told from a table.
    """

    reason_code: str
    overrides: int
    given_up: float | None
    newcomers_inspected: int | None
    gained: int | None


def score_overrides(
    changes: Sequence[SlotChange], scores: Mapping[str, float], breaches: Mapping[str, bool]
) -> tuple[OverrideScore, ...]:
    """One row per reason code with five overrides or more, then one count of the rest.

    `scores` holds the proposed slots' scores, `breaches` what was found, both by establishment.
    """
    by_code: dict[str, list[SlotChange]] = {}
    for change in changes:
        by_code.setdefault(change.reason_code, []).append(change)
    shown = [
        _score(code, made, scores, breaches) for code, made in sorted(by_code.items()) if len(made) >= _LEAST_SHOWN
    ]
    rest = sum(len(made) for made in by_code.values() if len(made) < _LEAST_SHOWN)
    return (*shown, OverrideScore("withheld", rest, None, None, None)) if rest else tuple(shown)


def _score(
    code: str, made: Sequence[SlotChange], scores: Mapping[str, float], breaches: Mapping[str, bool]
) -> OverrideScore:
    out = [one.establishment for one in made if one.kind is not SlotChangeKind.ADD]
    came = [one.taken or one.establishment for one in made if one.kind is not SlotChangeKind.REMOVE]
    seen = [breaches[name] for name in came if name in breaches]
    enough = len(seen) >= _LEAST_SHOWN
    return OverrideScore(
        code,
        len(made),
        sum(scores.get(name, 0.0) for name in out),
        len(seen) if enough else None,
        sum(seen) if enough else None,
    )
