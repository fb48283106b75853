"""Monitor: look at a quarter, keep what was seen, pin a reference, write the page.

    monitor/<as of>/watch.json    what was seen, canonical
    monitor/<as of>/steps.json    the steps of the run that saw it, with durations
    monitor/<as of>/monitor.html  the page

The quarterly run writes these through `write`. The command looks by itself where no quarterly run has, and otherwise
brings up to date what changes between quarters: outcomes that came in, and the run's age.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipelines.monitor_report.page import InService, render
from pipelines.monitor_report.steps import Step, read_steps, steps_text
from pipelines.progress import Progress
from pipelines.quarter.watched import watched
from targeting.domain import AsOf, NotFoundError, Target
from targeting.matrix import Matrix, Partitions, write_partitions
from targeting.published import PublishedRun, open_current, open_run, run_ids
from targeting.published.flushing import keep_file
from targeting.snapshots import AsOfView, Store
from targeting.watching import (
    Measured,
    Pin,
    Reference,
    Watch,
    calibration_of,
    check_calibration,
    check_inputs,
    check_run_age,
    input_facts,
    load_pinned,
    measure,
    merged_by_target,
    pin_reference,
    pins,
)

__all__ = [
    "FOLDER",
    "Step",
    "look",
    "monitor",
    "page_of",
    "pin",
    "told",
    "write",
]

FOLDER: Final = "monitor"
_WATCH: Final = "watch.json"
_STEPS: Final = "steps.json"
_PAGE: Final = "monitor.html"
_THREADS: Final = 2
_LOOKING: Final = ".looking-"

_BROUGHT_UP: Final = frozenset({"CAL001", "RUN001"})


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
    keep_file(folder / _WATCH, watch.to_json().encode())
    keep_file(folder / _STEPS, steps_text(steps).encode())
    keep_file(folder / _PAGE, render(watch, steps, _pin_of(home, watch), _serving(home)).encode())
    return folder / _PAGE


def look(home: Path, as_of: AsOf, progress: Progress) -> Watch:
    """Look at `as_of` without a quarterly run, a partition at a time.

    Scores are those of the run published for the day; without one only inputs and features are looked at.
    """
    store, pinned, run = Store(home), load_pinned(home), _published_for(home, as_of)
    targets = list(run.about.targets) if run else list(Target)
    with TemporaryDirectory(dir=home, prefix=_LOOKING) as name:
        rows, scratch = Path(name) / "rows", Path(name) / "engine"
        rows.mkdir()
        scratch.mkdir()
        with AsOfView.open(store, None, [as_of], scratch=scratch) as view:
            facts = input_facts(view)
            for _ in progress.track(write_partitions(view, targets, rows), "cohorts and features", len(targets)):
                pass
        partitions = Partitions.open(rows, targets)
        counted = (_counted(partitions, place, pinned, run) for place in range(partitions.number))
        measured = merged_by_target(progress.track(counted, "drift", partitions.number))
    checks = check_inputs(facts, pinned.inputs if pinned else None)
    return watched(home, as_of, facts, checks, measured, run)


def _counted(
    partitions: Partitions, place: int, pinned: Reference | None, run: PublishedRun | None
) -> dict[Target, Measured]:
    return {
        target: measure(
            matrix.frame,
            matrix.features,
            pinned.histograms(target) if pinned else None,
            _scores(run, target, matrix),
            partitions=partitions.number,
        )
        for target, matrix in partitions.part(place).matrices().items()
    }


def told(watch: Watch) -> str:
    """What is not green, as text; red first."""
    lines = [f"{one.light:6}  {one.code}  {one.reason_nb}" for one in watch.odd()]
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
