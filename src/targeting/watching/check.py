"""One thing that was looked at: what was expected, what was found, and how bad that is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from targeting.domain import Target
from targeting.parameters.watching import Limit

__all__ = ["Check", "Group", "Light", "light_of", "worst"]

Group = Literal["inputs", "features", "scores", "churn", "calibration"]


class Light(StrEnum):
    """Green: as expected. Yellow: to the report. Red: wrong, and where the group says so the run stops."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


_ORDER = list(Light)


@dataclass(frozen=True, slots=True)
class Check:
    """A finding in words. `where` is a table, column, file or feature, never an establishment.

    `observed` is the figure that was held against `bound`; null where there was none. `target` is null for what
    concerns them all; what goes outside leaves out the checks of closed targets.
    """

    code: str
    group: Group
    light: Light
    where: str
    observed: float | None
    bound: str
    title_nb: str
    title_en: str
    reason_nb: str
    reason_en: str
    target: Target | None = None


def worst(lights: Iterable[Light | Check]) -> Light:
    """The worst of them; green for none.

    >>> worst([Light.GREEN, Light.RED, Light.YELLOW]).value, worst([]).value
    ('red', 'green')
    """
    seen = (one.light if isinstance(one, Check) else one for one in lights)
    return max(seen, key=_ORDER.index, default=Light.GREEN)


def light_of(figure: float, limit: Limit) -> Light:
    """Where `figure` stands: a limit is itself still green, or yellow.

    >>> [light_of(figure, Limit(yellow=0.1, red=0.25)).value for figure in (0.1, 0.11, 0.3)]
    ['green', 'yellow', 'red']
    """
    if figure > limit.red:
        return Light.RED
    return Light.YELLOW if figure > limit.yellow else Light.GREEN
