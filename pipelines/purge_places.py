"""Where a number may be under TARGETING_HOME beside the store, and how it is taken out of there."""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.shadow import shadow_files
from targeting.domain import Target
from targeting.ledger import Asked, EventKind, Ledger, plan_ids, plan_of, plans_naming, trail_of, trial_of, whole_trail
from targeting.planning.drafts import FRAME, nameless
from targeting.planning.kept_files import (
    PLANS,
    plan_folder,
    probabilities_file,
    remove_draft,
    unkept_folders,
    working_drafts,
)
from targeting.published import (
    PublishedRun,
    establishments_of,
    holdings_of,
    open_run,
    remove_from_run,
    run_ids,
    score_rows_of,
    settle_run,
)
from targeting.published.flushing import keep_file

__all__ = ["Place", "Prepared", "frames", "published_runs", "quarantines", "shadows", "staying", "working_files"]

_NAME: Final = "establishment"


class Prepared(NamedTuple):
    """What has to be recorded beside the counts before anything goes, and the going itself."""

    more: Mapping[str, Any]
    settle: Callable[[], object]


class Place(NamedTuple):
    """One place that names the number: `rows` by what they are of.

    `plan` is set where a file of a plan is sealed anew, `target` where only those who see it may know of the purge.
    """

    where: str
    rows: Mapping[str, int]
    prepared: Callable[[], Prepared]
    plan: str | None = None
    target: Target | None = None


def removing(act: Callable[[], object]) -> Callable[[], Prepared]:
    """How to prepare what needs no preparation."""
    return lambda: Prepared({}, act)


def quarantines(home: Path, number: str) -> Iterator[Place]:
    """Rows that could not be read may quote it; the counts in the manifest stay."""
    quoting = re.compile(r"(?<!\d)" + r"[ .]?".join((number[:3], number[3:6], number[6:])) + r"(?!\d)")
    for path in sorted((home / "quarantine").glob("*.jsonl")):
        lines = path.read_text("utf-8").splitlines(keepends=True)
        left = [line for line in lines if not quoting.search(line)]
        if len(left) < len(lines):
            act = partial(keep_file, path, "".join(left).encode())
            yield Place(f"quarantine/{path.name}", {"rows": len(lines) - len(left)}, removing(act))


def published_runs(home: Path, number: str) -> Iterator[Place]:
    """Every run that names it, the one in service too."""
    for run in (open_run(home, one) for one in run_ids(home)):
        found = list(_of_run(run, number))
        for place in found:
            yield place if place is not found[-1] else place._replace(prepared=partial(_removed, run, number))


def _of_run(run: PublishedRun, number: str) -> Iterator[Place]:
    """One place for the open part, one for each closed target: who may not know of those sees the first alone."""
    shown, gone = run.open_part(), establishments_of(run, number)
    rows = {f"scores_{target}": len(score_rows_of(run, target, gone)) for target in sorted(shown.about.targets)}
    rows["establishments"], rows["owner groups"] = len(establishments_of(shown, number)), _owned(shown, number)
    rows["holdings"] = len(holdings_of(run, gone | {number}) or ())
    if any(rows.values()):
        yield Place(f"run {shown.about.run}", _counted(rows), removing(_nothing))
    for target in sorted(run.about.targets.keys() - shown.about.targets.keys()):
        rows = {f"scores_{target}": len(score_rows_of(run, target, gone))}
        rows["owner groups"] = _owned(run, number) - _owned(shown, number)
        if any(rows.values()):
            yield Place(f"run {run.about.run}", _counted(rows), removing(_nothing), target=target)


def _owned(run: PublishedRun, number: str) -> int:
    rows: int = run.establishments.filter(pc.equal(run.establishments.column("owner_group"), number)).num_rows
    return rows


def _removed(run: PublishedRun, number: str) -> Prepared:
    reduced = remove_from_run(run, number)
    return Prepared({"seal": reduced.seal}, partial(settle_run, reduced))


def _nothing() -> None:
    """The run changes once, at the last of its places."""


def shadows(home: Path, number: str) -> Iterator[Place]:
    """What a shadow scored silently."""
    for path, where, closed in shadow_files(home):
        table = pq.read_table(path, partitioning=None)
        left = table.filter(pc.not_equal(table.column(_NAME), number))
        if left.num_rows < table.num_rows:
            act = partial(keep_file, path, _parquet(left))
            yield Place(where, {"shadow scores": 1}, removing(act), target=closed)


def frames(home: Path, ledger: Ledger, number: str) -> Iterator[Place]:
    """What a plan was drawn from, where the plan does not list it: the numbers stay, not whose they are."""
    with ledger.read() as connection:
        records = [plan_of(connection, one) for one in plan_ids(connection)]
    for record in records:
        path = plan_folder(home, record.id) / FRAME
        listed = any(one.slot.establishment == number for one in record.slots)
        if not listed and path.is_file() and _names(path, number):
            target = Target(record.target)
            yield Place(
                f"plan {record.id[:12]}",
                {FRAME: 1},
                partial(_nameless, path, number),
                record.id,
                target if target.closed else None,
            )


def _nameless(path: Path, number: str) -> Prepared:
    frame = pq.read_table(path, partitioning=None)
    content = nameless(frame, pc.equal(frame.column(_NAME), number))
    return Prepared({"files": {FRAME: hashlib.sha256(content).hexdigest()}}, partial(keep_file, path, content))


def working_files(home: Path, ledger: Ledger, number: str) -> Iterator[Place]:
    """Drafts that `plan` wrote and drafts that were never kept go whole: they can be drawn again."""
    with ledger.read() as connection:
        folders = unkept_folders(home, plan_ids(connection))
    for folder in folders:
        if any(_names(path, number) for path in folder.glob("*.parquet")):
            yield Place(f"{PLANS}/{folder.name}", {"unkept draft": 1}, removing(partial(shutil.rmtree, folder)))
    for draft in working_drafts(home):
        if _names(table := probabilities_file(draft), number):
            yield Place(f"{PLANS}/{table.name}", {"working draft": 1}, removing(partial(remove_draft, draft)))


def staying(ledger: Ledger, number: str) -> tuple[str, ...]:
    """What names it still, and why."""
    with ledger.read() as connection:
        plans = plans_naming(connection, number)
        frozen = whole_trail(connection, Asked(kinds=[EventKind.TRIAL_FROZEN]))
        trials = [str(one.payload["trial"]) for one in frozen]
        named = [one for one in trials if number in json.dumps(trial_of(connection, one))]
        looked = bool(trail_of(connection, Asked(establishment=number), limit=1).events)
    said = [f"plan {one[:12]} names it: its slots and standbys, exports and uploaded outcomes" for one in plans]
    said += [f"trial {one[:12]} names it: its assignment and uploaded outcomes" for one in named]
    return (*said, *(["the audit: who looked it up, and what was done about it"] if looked else []))


def _names(path: Path, number: str) -> bool:
    return bool(pq.read_table(path, columns=[_NAME], partitioning=None, filters=[(_NAME, "=", number)]).num_rows)


def _counted(rows: Mapping[str, int]) -> dict[str, int]:
    return {name: count for name, count in rows.items() if count}


def _parquet(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()
