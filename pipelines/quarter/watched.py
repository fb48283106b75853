"""What a staged run looks like to those who watch: drift, churn, calibration, and the reference it could become."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from pipelines.monitor import churn_seen, drift_seen, run_before
from pipelines.quarter.engine import Engine
from pipelines.quarter.parts import partitions_of
from pipelines.quarter.work import Scoring, Work
from targeting.domain import AsOf, Target
from targeting.published import PublishedRun, Run, open_run, run_ids
from targeting.snapshots import Store
from targeting.watching import (
    Check,
    InputFacts,
    Measured,
    Reference,
    Watch,
    calibration_of,
    check_calibration,
    keep_reference,
    load_pinned,
    make_reference,
    measure,
    merged_by_target,
)

__all__ = ["inputs_alone", "watched"]


def inputs_alone(home: Path, as_of: AsOf, checks: tuple[Check, ...], facts: InputFacts | None) -> Watch:
    """What can be said before anything is scored.

    With `facts` the reference is kept that differs from the pinned one in its inputs alone.
    """
    pinned = load_pinned(home)
    candidate = keep_reference(home, Reference(facts, pinned.targets if pinned else {})) if facts else None
    return Watch(str(as_of), None, *_named(pinned), candidate, checks)


def watched(work: Work, run: Run, facts: InputFacts, inputs: tuple[Check, ...], engine: Engine) -> Watch:
    """Everything that is looked at before `run`, staged in `work`, is published.

    Keeps the reference that this run would be, so that a person may pin it later.
    """
    home, as_of, pinned = work.home, work.as_of, load_pinned(work.home)
    measured = _measured(work, engine)
    models = {target: about.model for target, about in run.targets.items()}
    candidate = keep_reference(home, make_reference(facts, measured, models))
    drift = drift_seen(measured, pinned, models, as_of)
    churn = churn_seen(PublishedRun(work.run, run), run_before(home, as_of), as_of)
    rows = calibration_of(Store(home), [partial(open_run, home, one) for one in run_ids(home)], as_of)
    calibrated = tuple(check_calibration(one, as_of) for one in rows)
    checks = (*inputs, *drift.checks, *churn.checks, *calibrated)
    return Watch(str(as_of), run.run, *_named(pinned), candidate, checks, drift.rows, churn.rows, rows)


def _named(pinned: Reference | None) -> tuple[str | None, str | None]:
    return (None, None) if pinned is None else (pinned.id, pinned.as_of)


def _measured(work: Work, engine: Engine) -> dict[Target, Measured]:
    places = range(partitions_of(work).number)
    return merged_by_target(engine.map(_measure_part, ((work, place, len(places)) for place in places)))


def _measure_part(work: Work, place: int, partitions: int) -> dict[Target, Measured]:
    pinned, serving = load_pinned(work.home), {one.target: one for one in work.scorings if not one.shadow}
    return {
        target: measure(
            matrix.frame,
            matrix.features,
            pinned.histograms(target) if pinned else None,
            _scores(work, serving[target], place),
            partitions=partitions,
        )
        for target, matrix in partitions_of(work).part(place).matrices().items()
    }


def _scores(work: Work, one: Scoring, place: int) -> np.ndarray:
    values: np.ndarray = pq.read_table(work.part(one, place), columns=["score"])["score"].to_numpy()
    return values
