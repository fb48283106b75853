"""`GET /v1/monitoring`: how old, how sure and how complete is what is in service?"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from datetime import date

import pyarrow.compute as pc
from fastapi import APIRouter

from api.deps import CurrentRun, Now
from api.errors import problems
from api.identity.rules import rule
from api.schemas.rankings import BandOut
from api.schemas.runs import Monitoring, TargetMonitored
from api.served_run import ServedRun
from targeting.domain import Target
from targeting.planning.permissions import check_can_enter

__all__ = ["router"]

router = APIRouter(tags=["monitoring"])


@router.get(
    "/monitoring",
    response_model=Monitoring,
    responses=problems(401, 403, 429, 503),
    dependencies=[rule(check_can_enter)],
)
def monitoring(run: CurrentRun, now: Now) -> Monitoring:
    """What is known of the run in service: age, releases, what its gates left of the scores, flagged register data."""
    published = run.published
    flags = Counter(pc.list_flatten(published.establishments.column("quality_flags")).to_pylist())
    return Monitoring(
        run=run.run,
        as_of=published.about.as_of.day,
        release=dict(run.releases),
        age_days=(now.date() - published.about.as_of.day).days,
        quarter=str(published.about.quarter),
        reduced=published.reduced,
        establishments=published.establishments.num_rows,
        quality_flags=dict(sorted(flags.items())),
        targets=[_target(run, target) for target in run.lists],
    )


def _target(run: ServedRun, target: Target) -> TargetMonitored:
    about, as_of = run.published.about.targets[target], run.published.about.as_of.day
    scores = run.published.score_columns(target, ["score"]).column("score")
    trained_until = date.fromisoformat(about.trained_until)
    return TargetMonitored(
        target=target.value,
        release=about.release,
        candidate=about.candidate,
        form="bands" if about.bands else "probability",
        why_nb=about.why_nb,
        why_en=about.why_en,
        trained_until=trained_until,
        labels_age_days=(as_of - trained_until).days,
        establishments=len(scores),
        mean_score=float(pc.mean(scores).as_py() or 0.0),
        bands=[BandOut(**asdict(band)) for band in about.bands],
    )
