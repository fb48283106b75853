"""A check with its words: called as `words.toml` calls it, its limit written in one way."""

from __future__ import annotations

from targeting.domain import Target
from targeting.parameters.watching import Limit
from targeting.watching.check import Check, Group, Light
from targeting.watching.words import Words, title

__all__ = ["at_most", "tell"]


def at_most(limit: Limit) -> str:
    """The bound of a figure that must not grow.

    >>> at_most(Limit(yellow=0.1, red=0.25))
    '≤ 0.1 / 0.25'
    """
    return f"≤ {limit.yellow} / {limit.red}"


def tell(
    code: str,
    group: Group,
    light: Light,
    where: str,
    observed: float | None,
    bound: str,
    words: Words,
    target: Target | None = None,
) -> Check:
    """The check `code` with `words` as its reason."""
    called = title(code)
    return Check(code, group, light, where, observed, bound, called.nb, called.en, words.nb, words.en, target)
