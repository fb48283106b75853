"""What a quarter looks like to those who watch: drift, churn, calibration, and the reference it could become."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

from targeting.domain import AsOf, Target
from targeting.parameters.thresholds import pacing
from targeting.published import PublishedRun, open_run, run_ids
from targeting.snapshots import Store
from targeting.watching import (
    Check,
    ChurnTold,
    Drift,
    InputFacts,
    Measured,
    Reference,
    Watch,
    calibration_of,
    check_calibration,
    check_churn,
    check_drift,
    churn_of,
    churn_told,
    drift_of,
    keep_reference,
    load_pinned,
    make_reference,
)

__all__ = ["inputs_alone", "watched"]


class _DriftSeen(NamedTuple):
    """Every feature and score that was compared, and the lights."""

    rows: tuple[Drift, ...]
    checks: tuple[Check, ...]


class _ChurnSeen(NamedTuple):
    """Every list that was compared, and the lights."""

    rows: tuple[ChurnTold, ...]
    checks: tuple[Check, ...]


def inputs_alone(home: Path, as_of: AsOf, checks: tuple[Check, ...], facts: InputFacts | None) -> Watch:
    """What can be said before anything is scored.

    With `facts` the reference is kept that differs from the pinned one in its inputs alone.
    """
    pinned = load_pinned(home)
    candidate = keep_reference(home, Reference(facts, pinned.targets if pinned else {})) if facts else None
    return Watch(str(as_of), None, *_named(pinned), candidate, checks)


def watched(
    home: Path,
    as_of: AsOf,
    facts: InputFacts,
    inputs: tuple[Check, ...],
    measured: Mapping[Target, Measured],
    run: PublishedRun | None,
) -> Watch:
    """Everything there is to see of `as_of`: `run` is that of the day, published or staged, and null where none is.

    Keeps the reference that this quarter would be, so that a person may pin it later.
    """
    pinned, about = load_pinned(home), run.about if run else None
    models = {target: one.model for target, one in about.targets.items()} if about else {}
    candidate = keep_reference(home, make_reference(facts, measured, models))
    drift = _drift_seen(measured, pinned, models, as_of)
    churn = _churn_seen(run, _run_before(home, as_of), as_of)
    rows = calibration_of(Store(home), [partial(open_run, home, one) for one in run_ids(home)], as_of)
    calibrated = tuple(check_calibration(one, as_of) for one in rows)
    checks = (*inputs, *drift.checks, *churn.checks, *calibrated)
    named = about.run if about else None
    return Watch(str(as_of), named, *_named(pinned), candidate, checks, drift.rows, churn.rows, rows)


def _named(pinned: Reference | None) -> tuple[str | None, str | None]:
    return (None, None) if pinned is None else (pinned.id, pinned.as_of)


def _drift_seen(
    measured: Mapping[Target, Measured], pinned: Reference | None, models: Mapping[Target, str], as_of: AsOf
) -> _DriftSeen:
    """Drift of every target that the reference knows. `models` holds the sha256 of each model that scored."""
    rows: list[Drift] = []
    checks: list[Check] = []
    for target, one in sorted(measured.items()):
        reference = pinned.targets.get(target) if pinned else None
        if reference is None:
            continue
        found = drift_of(target, one, reference, as_of)
        rows += found
        checks += check_drift(target, found, reference, models.get(target), as_of.day)
    return _DriftSeen(tuple(rows), tuple(checks))


def _churn_seen(now: PublishedRun | None, before: PublishedRun | None, as_of: AsOf) -> _ChurnSeen:
    """Churn of the first places of every target, as many as a year's list has; nothing without an earlier run."""
    if now is None or before is None:
        return _ChurnSeen((), ())
    k = pacing(as_of.day).document_inspections_per_year
    found = [one for target in sorted(now.about.targets) if (one := churn_of(now, before, target, k)) is not None]
    return _ChurnSeen(tuple(churn_told(one) for one in found), tuple(check_churn(one, as_of) for one in found))


def _run_before(home: Path, as_of: AsOf) -> PublishedRun | None:
    """The newest published run of an earlier day; null for the first quarter."""
    earlier = [run for run in map(partial(open_run, home), run_ids(home)) if run.about.as_of < as_of]
    return earlier[-1] if earlier else None
