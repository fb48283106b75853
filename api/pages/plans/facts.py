"""What a plan's page says of each establishment: the facts of the run that the plan was drawn from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

from api.served_run import ServedRun
from targeting.domain import NotFoundError, Target
from targeting.ledger import PlanRecord
from targeting.planning.drafts import NO_RUN
from targeting.published import Band, PublishedRun, establishment_rows_of, open_run

__all__ = ["bands_of", "facts_of", "run_of"]

_SHOWN: Final = (
    "establishment",
    "name",
    "sole_proprietor",
    "industry_code",
    "industry_standard",
    "county",
    "employees",
)


def run_of(home: Path, record: PlanRecord, serving: ServedRun) -> PublishedRun | None:
    """The run the plan was drawn from: the one in service if it is that, else opened; null when it is gone."""
    published, target = serving.published, Target(record.target)
    if target in published.about.targets and published.about.named_for(target) == record.run:
        return published
    if record.run.startswith(NO_RUN):
        return None
    try:
        return open_run(home, record.run)
    except NotFoundError:
        return None


def facts_of(run: PublishedRun | None, numbers: Collection[str]) -> Mapping[str, Mapping[str, Any]]:
    """By number what is known of each of `numbers` that the run has; a sole proprietor's name is a person's: null."""
    if run is None:
        return {}
    rows = [{name: row[name] for name in _SHOWN} for row in establishment_rows_of(run, numbers)]
    return {row["establishment"]: row | ({"name": None} if row["sole_proprietor"] else {}) for row in rows}


def bands_of(run: PublishedRun | None, target: str) -> tuple[Band, ...]:
    """The bands that stand for the scores of `target`; empty where scores are probabilities, or nobody knows."""
    about = run.about.targets.get(Target(target)) if run else None
    return about.bands if about else ()
