"""Every published run as a person may see it, opened once.

A run's folder never changes but for what retention or a purge takes out, and then its `run.json` is written anew: an
opened run is known by that. What is kept are the checked descriptions, not the tables, which each reader reads.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Final

from api.served_run import ServedRun
from targeting.domain import Target
from targeting.planning.permissions import Person, can_see_target
from targeting.published import PublishedRun, open_run, run_ids
from targeting.published.writing import FOLDER

__all__ = ["runs_seen", "runs_until"]

_MOST_OPENED: Final = 100
"""Twenty-five years of quarters."""


def runs_seen(home: Path, person: Person) -> list[PublishedRun]:
    """All runs, oldest first, each without the closed targets unless the person may see them."""
    sees_all = all(can_see_target(person, target) for target in Target)
    runs = (replace(_opened(home, one, _written(home, one))) for one in run_ids(home))
    return [one if sees_all else one.open_part() for one in runs]


def runs_until(home: Path, person: Person, current: ServedRun) -> list[PublishedRun]:
    """The runs of earlier days, oldest first, and the one in service."""
    day = current.published.about.as_of
    return [*(one for one in runs_seen(home, person) if one.about.as_of < day), current.published]


@lru_cache(maxsize=_MOST_OPENED)
def _opened(home: Path, run: str, _written: int) -> PublishedRun:
    """Opening hashes every file of the run."""
    return open_run(home, run)


def _written(home: Path, run: str) -> int:
    """When what the run says of itself was written; 0 for the moment in which it changes places with what is left."""
    try:
        return (home / FOLDER / run / "run.json").stat().st_mtime_ns
    except FileNotFoundError:
        return 0
