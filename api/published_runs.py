"""Every published run as a person may see it."""

from __future__ import annotations

from pathlib import Path

from api.served_run import ServedRun
from targeting.domain import Target
from targeting.planning.permissions import Person, can_see_target
from targeting.published import PublishedRun, open_run, run_ids

__all__ = ["runs_seen", "runs_until"]


def runs_seen(home: Path, person: Person) -> list[PublishedRun]:
    """All runs, oldest first, each without the closed targets unless the person may see them."""
    sees_all = all(can_see_target(person, target) for target in Target)
    runs = (open_run(home, one) for one in run_ids(home))
    return [one if sees_all else one.open_part() for one in runs]


def runs_until(home: Path, person: Person, current: ServedRun) -> list[PublishedRun]:
    """The runs of earlier days, oldest first, and the one in service."""
    day = current.published.about.as_of
    return [*(one for one in runs_seen(home, person) if one.about.as_of < day), current.published]
