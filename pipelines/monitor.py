"""Monitor: look at a quarter, keep what was seen, pin a reference, write the page.

    monitor/<as of>/watch.json    what was seen, canonical
    monitor/<as of>/steps.json    the steps of the run that saw it, with durations
    monitor/<as of>/monitor.html  the page

The quarterly run writes these through `write`. The command looks by itself where no quarterly run has, and otherwise
brings up to date what changes between quarters: outcomes that came in, and the run's age.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipelines.monitor_report.page import InService, render
from pipelines.monitor_report.steps import Step, read_steps, steps_text
from pipelines.progress import Progress
from targeting.domain import AsOf, NotFoundError, Target
from targeting.matrix import Matrix, scoring_matrices
from targeting.parameters.thresholds import pacing
from targeting.published import PublishedRun, open_current, open_run, run_ids
from targeting.snapshots import Store
from targeting.watching import (
    Check,
    ChurnTold,
    Drift,
    Light,
    Measured,
    Pin,
    Reference,
    Watch,
    calibration_of,
    check_calibration,
    check_churn,
    check_drift,
    check_inputs,
    check_run_age,
    churn_of,
    churn_told,
    drift_of,
    input_facts,
    keep_reference,
    load_pinned,
    make_reference,
    measure,
    pin_reference,
    pins,
)

__all__ = [
    "FOLDER",
    "ChurnSeen",
    "DriftSeen",
    "Step",
    "churn_seen",
    "drift_seen",
    "look",
    "monitor",
    "page_of",
    "pin",
    "run_before",
    "told",
    "write",
]

FOLDER: Final = "monitor"
_WATCH: Final = "watch.json"
_STEPS: Final = "steps.json"
_PAGE: Final = "monitor.html"
_THREADS: Final = 2

_BROUGHT_UP: Final = frozenset({"CAL001", "RUN001"})


class DriftSeen(NamedTuple):
    """Every feature and score that was compared, and the lights."""

    rows: tuple[Drift, ...]
    checks: tuple[Check, ...]


class ChurnSeen(NamedTuple):
    """Every list that was compared, and the lights."""

    rows: tuple[ChurnTold, ...]
    checks: tuple[Check, ...]


def monitor(home: Path, as_of: AsOf, today: date, progress: Progress) -> Watch:
    """The quarter as it looks today, with its page: looked at where nobody has, else brought up to date."""
    path = _folder(home, as_of) / _WATCH
    seen = Watch.from_json(path.read_text("utf-8"), path.name) if path.is_file() else None
    watch = look(home, as_of, progress) if seen is None else seen
    watch = _up_to_date(home, watch, today)
    write(home, watch, read_steps(_folder(home, as_of) / _STEPS))
    return watch


def page_of(home: Path, as_of: AsOf) -> Path:
    """Where the page of a quarter is."""
    return _folder(home, as_of) / _PAGE


def pin(home: Path, watch: Watch, by: str, why: str, at: datetime) -> Pin:
    """Pin the reference that `watch`'s quarter would be; `NotFoundError` when none was kept."""
    if watch.candidate is None:
        raise NotFoundError(
            expected="the reference of the quarter", got="none was kept", where=watch.as_of, do="run the quarter again"
        )
    return pin_reference(home, watch.candidate, by, why, at)


def write(home: Path, watch: Watch, steps: Sequence[Step]) -> Path:
    """Write what was seen and its page; the page's path. Files appear whole; earlier ones are replaced."""
    folder = _folder(home, AsOf.parse(watch.as_of))
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / _WATCH, watch.to_json())
    _write(folder / _STEPS, steps_text(steps))
    _write(folder / _PAGE, render(watch, steps, _pin_of(home, watch), _serving(home)))
    return folder / _PAGE


def look(home: Path, as_of: AsOf, progress: Progress) -> Watch:
    """Look at `as_of` without a quarterly run: the whole cohort in memory, as `score` has it.

    Scores are those of the run published for the day; without one only inputs and features are looked at.
    """
    store, pinned = Store(home), load_pinned(home)
    run = _published_for(home, as_of)
    with progress.bar("inputs", 1, "") as bar:
        facts = input_facts(store, as_of, threads=_THREADS)
        bar.advance()
    with progress.bar("cohorts and features", 1, "") as bar:
        matrices = scoring_matrices(store, list(run.about.targets) if run else list(Target), as_of)
        bar.advance()
    measured = {
        target: measure(
            one.frame, one.features, pinned.histograms(target) if pinned else None, _scores(run, target, one)
        )
        for target, one in progress.track(matrices.items(), "drift", len(matrices))
    }
    models = {target: about.model for target, about in run.about.targets.items()} if run else {}
    drift = drift_seen(measured, pinned, models, as_of)
    churn = churn_seen(run, run_before(home, as_of), as_of)
    return Watch(
        as_of=str(as_of),
        run=run.about.run if run else None,
        reference=pinned.id if pinned else None,
        reference_as_of=pinned.as_of if pinned else None,
        candidate=keep_reference(home, make_reference(facts, measured, models)),
        checks=(*check_inputs(facts, pinned.inputs if pinned else None), *drift.checks, *churn.checks),
        drift=drift.rows,
        churn=churn.rows,
    )


def drift_seen(
    measured: Mapping[Target, Measured], pinned: Reference | None, models: Mapping[Target, str], as_of: AsOf
) -> DriftSeen:
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
    return DriftSeen(tuple(rows), tuple(checks))


def churn_seen(now: PublishedRun | None, before: PublishedRun | None, as_of: AsOf) -> ChurnSeen:
    """Churn of the first places of every target, as many as a year's list has; nothing without an earlier run."""
    if now is None or before is None:
        return ChurnSeen((), ())
    k = pacing(as_of.day).document_inspections_per_year
    found = [one for target in sorted(now.about.targets) if (one := churn_of(now, before, target, k)) is not None]
    return ChurnSeen(tuple(churn_told(one) for one in found), tuple(check_churn(one, as_of) for one in found))


def run_before(home: Path, as_of: AsOf) -> PublishedRun | None:
    """The newest published run of an earlier day; null for the first quarter."""
    earlier = [run for run in map(partial(open_run, home), run_ids(home)) if run.about.as_of < as_of]
    return earlier[-1] if earlier else None


def told(watch: Watch) -> str:
    """What is not green, as text; red first."""
    odd = sorted((one for one in watch.checks if one.light is not Light.GREEN), key=lambda one: one.light != Light.RED)
    lines = [f"{one.light:6}  {one.code}  {one.reason_nb}" for one in odd]
    return "\n".join([f"{watch.as_of}: {watch.light}", *lines])


def _up_to_date(home: Path, watch: Watch, today: date) -> Watch:
    """Outcomes known by today, and how old the run in service is today."""
    opened = [partial(open_run, home, run) for run in run_ids(home)]
    found = calibration_of(Store(home), opened, AsOf(today), threads=_THREADS)
    fresh = [check_calibration(one, AsOf(today)) for one in found]
    if serving := _serving(home):
        fresh.append(check_run_age(AsOf(serving.as_of), today))
    kept = [one for one in watch.checks if one.code not in _BROUGHT_UP]
    return replace(watch, calibration=found, checks=(*kept, *fresh))


def _published_for(home: Path, as_of: AsOf) -> PublishedRun | None:
    """The run of the day: the one in service if it is of that day, else the last of them."""
    of_day = [run for run in map(partial(open_run, home), run_ids(home)) if run.about.as_of == as_of]
    serving = _serving(home)
    chosen = [run for run in of_day if serving is not None and run.about.run == serving.run]
    found = chosen or of_day
    return found[-1] if found else None


def _scores(run: PublishedRun | None, target: Target, matrix: Matrix) -> NDArray[np.float64] | None:
    """The published scores in the matrix's order; null where the run does not score exactly these establishments."""
    if run is None or target not in run.about.targets:
        return None
    scores = run.scores(target)
    wanted = pa.array(matrix.frame["establishment"].to_numpy(dtype=object), pa.string())
    places = pc.index_in(wanted, value_set=scores.column("establishment").combine_chunks())
    if places.null_count:
        return None
    return np.asarray(scores.column("score").take(places).to_numpy(), dtype=np.float64)


def _serving(home: Path) -> InService | None:
    try:
        about = open_current(home).about
    except NotFoundError:
        return None
    return InService(about.run, about.as_of.day)


def _pin_of(home: Path, watch: Watch) -> Pin | None:
    return next((one for one in reversed(pins(home)) if one.reference == watch.reference), None)


def _folder(home: Path, as_of: AsOf) -> Path:
    return home / FOLDER / str(as_of)


def _write(path: Path, text: str) -> None:
    partial_file = path.with_name(f".{path.name}.partial")
    partial_file.write_text(text, "utf-8")
    partial_file.replace(path)
