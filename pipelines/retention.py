"""Retention: what may no longer be kept of those who were not selected goes, and the audit says so before it goes."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.retention_aggregates import aggregates_of
from pipelines.shadow import shadow_files
from targeting.domain import NotFoundError, Quarter, Target
from targeting.ledger import (
    AuditEvent,
    EventKind,
    Ledger,
    PlanRecord,
    forget_answers,
    named_in_plans,
    payloads_of,
    plan_ids,
    plan_of,
    record_event,
)
from targeting.parameters.retention import Retention, retention
from targeting.planning.drafts import FRAME, nameless
from targeting.planning.kept_files import (
    PLANS,
    plan_folder,
    probabilities_file,
    remove_draft,
    unkept_folders,
    working_drafts,
)
from targeting.published import PublishedRun, open_current, open_run, recover_runs, reduce_run, run_ids, settle_run
from targeting.published.flushing import keep_file

__all__ = ["Deletion", "RetentionReport", "render", "retain"]


class Deletion(NamedTuple):
    """What goes: `rows` by what they are of, from `where` (a run, a plan's frame, a working file), and why now.

    `target` is set where the deletion itself may be known only to those who see that target.
    """

    where: str
    why: str
    rows: Mapping[str, int]
    target: Target | None = None


class RetentionReport(NamedTuple):
    """What was deleted or, in a dry run, would be."""

    applied: bool
    deletions: tuple[Deletion, ...]
    answers: int


def retain(
    home: Path, ledger: Ledger, now: datetime, *, apply: bool = False, by: str = "retention job"
) -> RetentionReport:
    """Apply the periods of `retention.toml` to everything under `home`; without `apply`, only say what would go.

    Never touched: the run in service (and runs that share its open part), whoever was listed in a plan, the audit.
    Doing it twice deletes nothing more. Interrupted anywhere, the next time finishes it.
    """
    if apply:
        recover_runs(home)
    runs = [open_run(home, one).about for one in run_ids(home)]
    quarters = {name: run.quarter for run in runs for name in (run.run, run.open_part().run)}
    job = _Job(home, ledger, now, apply, by, retention(now.date()), _serving(home), quarters)
    deletions = (*_runs(job), *_shadows(job), *_frames(job), *_working_files(job), *_unkept(job))
    return RetentionReport(apply, deletions, _answers(job))


def _serving(home: Path) -> str | None:
    try:
        return open_current(home).about.open_part().run
    except NotFoundError:
        return None


class _Job(NamedTuple):
    home: Path
    ledger: Ledger
    now: datetime
    apply: bool
    by: str
    periods: Retention
    serving: str | None
    quarters: Mapping[str, Quarter]

    @property
    def today(self) -> date:
        return self.now.date()

    def record(self, deletion: Deletion, plan: str | None = None, **more: Any) -> None:
        """Before anything goes; not again for what a crash left between the record and the deletion."""
        about = {"where": deletion.where, "why": deletion.why, "rows": dict(deletion.rows), **more}
        about["periods"] = f"retention.toml from {self.periods.from_}"
        with self.ledger.write() as connection:
            if about not in payloads_of(connection, EventKind.SCORES_DELETED):
                event = AuditEvent(
                    EventKind.SCORES_DELETED, self.by, self.now, plan, payload=about, target=deletion.target
                )
                record_event(connection, event)


def _runs(job: _Job) -> Iterator[Deletion]:
    for run in (open_run(job.home, one) for one in run_ids(job.home)):
        if run.about.open_part().run != job.serving and (kept := _kept(job, run)):
            yield from _expired(job, run, kept)


def _expired(job: _Job, run: PublishedRun, kept: _Kept) -> Iterator[Deletion]:
    deletions = _of_run(run, kept)
    if job.apply and deletions:
        reduced = reduce_run(
            run, kept.numbers, {one: aggregates_of(run, one, job.periods.smallest_cell) for one in kept.numbers}
        )
        for deletion in deletions:
            job.record(deletion, **({"seal": reduced.seal} if deletion is deletions[-1] else {}))
        settle_run(reduced)
    yield from deletions


class _Kept(NamedTuple):
    numbers: Mapping[Target, frozenset[str]]
    why: str


def _kept(job: _Job, run: PublishedRun) -> _Kept | None:
    """Who stays, by target; null while nothing has to go."""
    quarter = run.about.quarter
    targets = sorted(run.about.targets)
    if job.today >= job.periods.unselected_until(quarter):
        listed = {target: _scored(run, target) & _listed(job, run, target) for target in targets}
        return _Kept(listed, "the planning year is over")
    if job.today >= job.periods.sole_proprietors_until(quarter):
        sole = run.establishments.filter(run.establishments.column("sole_proprietor")).column("establishment")
        going = frozenset(sole.to_pylist())
        rest = {target: _scored(run, target) - (going - _listed(job, run, target)) for target in targets}
        return _Kept(rest, "the quarter is over, and these are sole proprietors")
    return None


def _scored(run: PublishedRun, target: Target) -> frozenset[str]:
    return frozenset(run.scores(target).column("establishment").to_pylist())


def _listed(job: _Job, run: PublishedRun, target: Target) -> frozenset[str]:
    with job.ledger.read() as connection:
        return named_in_plans(connection, sorted({run.about.run, run.about.named_for(target)}), target)


def _of_run(run: PublishedRun, kept: _Kept) -> list[Deletion]:
    """One deletion for the open part, one for each closed target: who may not know of those sees the first alone."""
    shown = run.open_part()
    staying = frozenset().union(*(kept.numbers[target] for target in shown.about.targets))
    rows = {f"scores_{target}": _gone(run, target, kept) for target in sorted(shown.about.targets)}
    rows["establishments"] = shown.establishments.num_rows - len(staying)
    found = [Deletion(f"run {shown.about.run}", kept.why, rows)]
    for target in sorted(run.about.targets.keys() - shown.about.targets.keys()):
        rows = {f"scores_{target}": _gone(run, target, kept)}
        found.append(Deletion(f"run {run.about.run}", kept.why, rows, target))
    return [one for one in found if any(one.rows.values())]


def _gone(run: PublishedRun, target: Target, kept: _Kept) -> int:
    scored: int = run.scores(target).num_rows
    return scored - len(kept.numbers[target])


def _shadows(job: _Job) -> Iterator[Deletion]:
    """What a shadow scored silently, which no plan was ever drawn from; its comparison names nobody and stays."""
    for path, where, closed in shadow_files(job.home):
        quarter = job.quarters.get(path.parent.name)
        if quarter is not None and job.today < job.periods.unselected_until(quarter):
            continue
        rows = pq.read_metadata(path).num_rows
        deletion = Deletion(where, "the planning year is over", {"shadow scores": rows}, closed)
        if job.apply:
            job.record(deletion)
            path.unlink()
        yield deletion


def _frames(job: _Job) -> Iterator[Deletion]:
    """A plan's drawing frame holds everybody's score. The numbers are what its estimates need, not whose they are."""
    with job.ledger.read() as connection:
        records = [plan_of(connection, one) for one in plan_ids(connection)]
    for record in records:
        path = plan_folder(job.home, record.id) / FRAME
        quarter = job.quarters.get(record.run) or _planned_on(date.fromisoformat(record.created[:10]))
        if path.is_file() and job.today >= job.periods.unselected_until(quarter):
            yield from _nameless(job, record, path)


def _nameless(job: _Job, record: PlanRecord, path: Path) -> Iterator[Deletion]:
    frame = pq.read_table(path, partitioning=None)
    names = frame.column("establishment")
    listed = pc.is_in(names, value_set=pa.array([one.slot.establishment for one in record.slots], pa.string()))
    going = pc.and_(pc.is_valid(names), pc.invert(listed))
    if not (gone := pc.sum(going).as_py()):
        return
    deletion = Deletion(f"plan {record.id[:12]}", "the planning year is over", {FRAME: gone})
    if job.apply:
        content = nameless(frame, going)
        job.record(deletion, record.id, files={FRAME: hashlib.sha256(content).hexdigest()})
        keep_file(path, content)
    yield deletion


def _working_files(job: _Job) -> Iterator[Deletion]:
    """What `plan` wrote under `plans/`: a table of everybody's probabilities, and the draft with its standbys."""
    for draft in working_drafts(job.home):
        table = probabilities_file(draft)
        written = datetime.fromtimestamp(table.stat().st_mtime, job.now.tzinfo).date()
        if job.today < job.periods.unselected_until(_planned_on(written)):
            continue
        rows = pq.read_metadata(table).num_rows
        deletion = Deletion(f"{PLANS}/{table.name}", "the planning year is over", {"probabilities": rows})
        if job.apply:
            job.record(deletion)
            remove_draft(draft)
        yield deletion


def _unkept(job: _Job) -> Iterator[Deletion]:
    """Drawing frames of drafts whose transaction never ended, as when the process died over it."""
    with job.ledger.read() as connection:
        folders = unkept_folders(job.home, plan_ids(connection))
    for folder in folders:
        written = datetime.fromtimestamp(folder.stat().st_mtime, job.now.tzinfo).date()
        if job.today >= job.periods.unselected_until(_planned_on(written)):
            deletion = Deletion(f"{PLANS}/{folder.name}", "the planning year is over", {"unkept drafts": 1})
            if job.apply:
                job.record(deletion)
                shutil.rmtree(folder)
            yield deletion


def _answers(job: _Job) -> int:
    """Answers to repeated requests are no scores; they go without an entry in the audit."""
    if not job.apply:
        return 0
    with job.ledger.write() as connection:
        return forget_answers(connection, job.now - timedelta(days=job.periods.answer_days))


def _planned_on(day: date) -> Quarter:
    """What is planned on a day without a published run is for the coming quarter."""
    return Quarter.of(day).next()


def render(report: RetentionReport) -> str:
    """The report as a page of text."""
    if not report.deletions and not report.answers:
        return "nothing has to go"
    lines = ["deleted:" if report.applied else "would be deleted (dry run; --apply does it):"]
    for one in report.deletions:
        rows = ", ".join(f"{count} of {name}" for name, count in one.rows.items())
        lines.append(f"  {one.where}: {rows} ({one.why})")
    if report.answers:
        lines.append(f"  {report.answers} answers to repeated requests")
    return "\n".join(lines)
