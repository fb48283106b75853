"""A plan kept with what it was drawn from: the drawing frame lies beside the ledger, sealed by the plan's first event.

Without that frame no outcome could speak for the cohort.
"""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import sqlalchemy as sa

from targeting.domain import AsOf, BadInputError, NotFoundError, Target
from targeting.ledger import PlanRecord, files_of
from targeting.planning.exports import Export, export_of
from targeting.planning.kept_files import plan_folder
from targeting.planning.life import By, LivePlan, draft
from targeting.published import PublishedRun, open_run
from targeting.published.flushing import keep_file

__all__ = ["FRAME", "NO_RUN", "export_from", "keep_draft", "kept_frame", "nameless"]

NO_RUN: Final = "candidates-"
"""How the origin of a plan begins that was drawn from a file instead of a published run."""

FRAME: Final = "frame.parquet"
_NO_RELEASE: Final = "not from a published run"


def keep_draft(connection: sa.Connection, by: By, home: Path, plan: PlanRecord, frame: pa.Table) -> LivePlan:
    """Keep the plan as a draft, and its drawing frame with it. Until the transaction ends neither counts."""
    content = _content(frame)
    kept = draft(connection, by, plan, {FRAME: hashlib.sha256(content).hexdigest()})
    keep_file(plan_folder(home, plan.id) / FRAME, content)
    return kept


def kept_frame(connection: sa.Connection, home: Path, plan: str) -> pa.Table:
    """The drawing frame of the plan with this whole id.

    Raises `NotFoundError` when it is gone, `BadInputError` when it is not the one that was sealed.
    """
    sealed = files_of(connection, plan).get(FRAME)
    path = plan_folder(home, plan) / FRAME
    if sealed is None or not path.is_file():
        raise NotFoundError(expected="the plan's drawing frame", got="none", where=FRAME, do="restore it from a backup")
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != sealed:
        raise BadInputError(
            expected=f"the drawing frame sealed at the draft ({sealed[:12]})",
            got="other bytes",
            where=FRAME,
            do="restore it from a backup",
        )
    return pq.read_table(io.BytesIO(content))


def nameless(frame: pa.Table, rows: pa.ChunkedArray) -> bytes:
    """The content of `frame`'s file without the numbers of `rows`, a mask; the caller has it sealed anew.

    The rows stay: the plan's estimates need their probabilities, not whose they are.
    """
    place = frame.column_names.index("establishment")
    left = pc.if_else(rows, pa.scalar(None, pa.string()), frame.column(place))
    return _content(frame.set_column(place, "establishment", left))


def export_from(home: Path, plan: LivePlan, run: PublishedRun | None = None) -> Export:
    """The export of `plan` with names and places of the run it was drawn from; `run` saves opening that one again."""
    if plan.record.run.startswith(NO_RUN):
        return export_of(plan, AsOf.parse(plan.record.created[:10]), _NO_RELEASE)
    target = Target(plan.record.target)
    known = run is not None and target in run.about.targets and run.about.named_for(target) == plan.record.run
    published = run if run is not None and known else open_run(home, plan.record.run)
    return export_of(plan, published.about.as_of, published.about.targets[target].release, published.establishments)


def _content(frame: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(frame, sink)
    return sink.getvalue()
