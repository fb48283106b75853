"""The quarter of the whole country: what cron, a timer or a CronJob calls at night.

Takes in what is new, checks it, scores, watches, publishes in one step and reports. Safe to start again at any moment:
files that were read are known by their content, partitions that were scored are there, and what is published is whole.
Until the last step the run before it goes on serving, and it does so if anything here says no.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from pipelines.alerts import alert
from pipelines.collect import collect
from pipelines.correction import rescored
from pipelines.ingest import IngestReport, ingest
from pipelines.mirror import pushed
from pipelines.monitor import write as write_report
from pipelines.progress import Progress
from pipelines.quarter.engine import Engine
from pipelines.quarter.foresight import foreseen
from pipelines.quarter.machine import faults_of_the_machine
from pipelines.quarter.parts import Counting
from pipelines.quarter.steps import Steps, traced
from pipelines.quarter.store import check_store
from pipelines.quarter.watched import inputs_alone, watched
from pipelines.score import RELEASES, Staged, Watching, publish, staged
from targeting.domain import AsOf, RefusedError, TargetingError
from targeting.ledger import Ledger
from targeting.modelling.releases import load_releases
from targeting.published import PublishedRun, Run
from targeting.settings import Settings
from targeting.snapshots import AsOfView, Store
from targeting.snapshots.lock import exclusive
from targeting.watching import (
    Check,
    InputFacts,
    Light,
    Reference,
    Watch,
    check_inputs,
    input_facts,
    load_pinned,
    worst,
)

__all__ = ["Asked", "Quarterly", "dry_run", "quarterly"]

FOLDER: Final = "quarterly"


@dataclass(frozen=True, slots=True)
class Asked:
    """What to run: the quarter, where new register files lie, and how they are read (as `ingest` takes them)."""

    as_of: AsOf
    inbox: tuple[Path, ...]
    known_on: date | None
    complete: bool
    engine: Engine
    releases: Path = RELEASES


class Quarterly(NamedTuple):
    """How it ended: the run in service, what was watched, and where the report is."""

    run: str
    watch: Watch
    report: Path


class _Inputs(NamedTuple):
    """What the store holds on the day, and the lights."""

    facts: InputFacts
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class _Night:
    """One execution: what everything in it needs."""

    settings: Settings
    asked: Asked
    ledger: Ledger
    steps: Steps
    progress: Progress
    say: Callable[[str], None]

    @property
    def home(self) -> Path:
        return self.settings.home


def quarterly(
    settings: Settings, asked: Asked, ledger: Ledger, now: datetime, progress: Progress, say: Callable[[str], None]
) -> Quarterly:
    """Run the quarter. Raises `RefusedError` when a check says no, or when another quarterly run is going on: nothing
    is published then, and the report says why.
    """
    folder = settings.home / FOLDER
    with faults_of_the_machine(), exclusive(folder, "quarterly run"), traced():
        steps = Steps(folder / f"{asked.as_of}.steps.json", {"as_of": str(asked.as_of), "engine": asked.engine.address})
        night = _Night(settings, asked, ledger, steps, progress, say)
        try:
            with faults_of_the_machine():
                return _run(night, now)
        except TargetingError as error:
            _tell(night, inputs_alone(settings.home, asked.as_of, (), None), str(error))
            raise


def dry_run(settings: Settings, asked: Asked) -> str:
    """What `quarterly` would do, without doing any of it."""
    return foreseen(settings.home, asked.as_of, asked.inbox, asked.known_on, load_releases(asked.releases))


def _run(night: _Night, now: datetime) -> Quarterly:
    run, watch = _published(night, _taken_in(night))
    with night.steps.step("report"):
        rescored(night.home, night.ledger, "quarterly run", now)
        report = write_report(night.home, watch, night.steps.done)
    _tell(night, watch)
    _copy(night)
    return Quarterly(run.run, watch, report)


def _taken_in(night: _Night) -> tuple[Check, ...]:
    """What is new is in the store; the checks of the files it came in."""
    steps, home, asked = night.steps, night.home, night.asked
    with steps.step("store") as step:
        step.rows = check_store(Store(home))
    with steps.step("outcomes"):
        collect(night.ledger, home)
    with steps.step("ingest") as step:
        came = [*asked.inbox, *(path for path in (home / "outcomes",) if path.is_dir())]
        report = ingest(came, home, asked.known_on, asked.complete, night.progress, guard=True)
        step.rows = sum(one.read for one in report.files)
    _check_taken(night, report)
    return tuple(report.checks)


def _check_taken(night: _Night, report: IngestReport) -> None:
    """A file that was refused may be the register the quarter stands on: a person looks first."""
    if report.refused:
        names = "; ".join(f"{one.file}: {one.reason}" for one in report.refused)
        _stop(night, inputs_alone(night.home, night.asked.as_of, report.checks, None), names)


def _looked(night: _Night, pinned: Reference | None, taken: tuple[Check, ...], view: AsOfView) -> _Inputs:
    """What the store holds on the day is as it should be, or nothing is made of it."""
    with night.steps.step("inputs"):
        facts = input_facts(view)
        checks = (*taken, *check_inputs(facts, pinned.inputs if pinned else None))
    if worst(checks) is Light.RED:
        _stop(night, inputs_alone(night.home, night.asked.as_of, checks, facts), _said(checks))
    return _Inputs(facts, checks)


def _published(night: _Night, taken: tuple[Check, ...]) -> tuple[Run, Watch]:
    """The run scored, watched, and in service."""
    steps, home, asked, pinned = night.steps, night.home, night.asked, load_pinned(night.home)
    watching = Watching(partial(_looked, night, pinned, taken), Counting(pinned))
    releases = load_releases(asked.releases)
    with staged(home, asked.as_of, night.progress, releases, asked.engine, watching, steps) as found:
        with steps.step("watch"):
            watch = _watched(night, found)
        if stopping := watch.stopping():
            _stop(night, watch, _said(stopping))
        with steps.step("publish"):
            publish(found, asked.engine)
    return found.run, watch


def _watched(night: _Night, found: Staged[_Inputs]) -> Watch:
    run, inputs = PublishedRun(found.work.run, found.run), found.seen
    return watched(night.home, night.asked.as_of, inputs.facts, inputs.checks, found.measured, run)


def _stop(night: _Night, watch: Watch, why: str) -> None:
    report = write_report(night.home, watch, night.steps.done)
    raise RefusedError(
        expected="a quarter like the one that is pinned",
        got=why,
        where=f"the quarterly run of {night.asked.as_of}",
        do=f"read {report.name}; nothing was published and the run before it goes on serving. Mend the input, or pin "
        "this quarter as the new reference when it is right (`monitor --pin`), and start again",
    )


def _said(checks: Sequence[Check]) -> str:
    return "; ".join(f"{one.code} {one.where}: {one.reason_en}" for one in checks if one.light is Light.RED)


def _copy(night: _Night) -> None:
    """Bring the mirror up to date, where there is one. A mirror that cannot be reached undoes no publication."""
    if url := night.settings.mirror_url:
        try:
            night.say(pushed(night.home, url))
        except TargetingError as error:
            night.say(f"the run is published; the mirror is not up to date: {error}")


def _tell(night: _Night, watch: Watch, failure: str = "") -> None:
    """Metrics, and the webhook where somebody is to be told; a receiver that does not answer is said and no more."""
    for line in alert(night.settings, watch, night.steps.done, failure=failure):
        night.say(line)
