"""What the plan-life commands do, as plain functions: propose a drawn plan, export it, say what it told."""

from __future__ import annotations

import hashlib
import io
import json
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from targeting.domain import BadInputError, Target
from targeting.feedback.plan_result import PlanResult, frame_from_table, plan_result
from targeting.ledger import Ledger, open_ledger
from targeting.planning import candidates_of, life
from targeting.planning.drafts import NO_RUN, export_from, keep_draft, kept_frame
from targeting.planning.exports import Format, written
from targeting.planning.frame import drawing_frame
from targeting.planning.kept_files import plan_folder
from targeting.planning.permissions import check_can_see_plan
from targeting.planning.plan_reading import read_plan
from targeting.published import open_current, open_run
from targeting.settings import Settings

__all__ = ["Exported", "export_plan", "ledger_at", "propose_plan", "result_of"]


class Exported(NamedTuple):
    """A file that left the house, and the sha256 of its bytes."""

    path: Path
    sha256: str


def ledger_at(home: Path) -> Ledger:
    """The ledger that the environment names, else the one under `home`."""
    return open_ledger(Settings(home=home).ledger)


def propose_plan(
    home: Path, by: life.By, plan: Path, target: Target, run: str | None = None, candidates: Path | None = None
) -> life.LivePlan:
    """Draft and propose PLAN.json, drawn from the run (in service unless named) or from a candidates file.

    What the draw was made from is kept under `plans/`, sealed by the first event: without it no outcome could speak
    for the cohort.
    """
    rows, origin = _drawn_from(home, target, run, candidates)
    record = read_plan(_text(plan), origin, str(target), rows, plan.name)
    frame = drawing_frame(_document(plan), _chances(plan), rows)
    with closing(ledger_at(home)) as ledger, ledger.write() as connection:
        kept = keep_draft(connection, by, home, record, frame)
        return life.propose(connection, by, kept.record.id)


def export_plan(home: Path, by: life.By, plan: str, kind: Format, out: Path | None = None) -> Exported:
    """Write the list as it stands and keep in the ledger that it was taken out."""
    with closing(ledger_at(home)) as ledger, ledger.write() as connection:
        live = life.live_plan(connection, plan)
        content = written(export_from(home, live), kind)
        sha256 = hashlib.sha256(content).hexdigest()
        life.exported(connection, by, live.record.id, str(kind), sha256)
        path = out or plan_folder(home, live.record.id) / f"plan_{live.hash[:12]}.{kind}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return Exported(path, sha256)


def result_of(home: Path, by: life.By, plan: str) -> PlanResult:
    """What the plan tells by now. Raises `BadInputError` when the drawing frame is not the one that was sealed."""
    with closing(ledger_at(home)) as ledger, ledger.read() as connection:
        live = life.live_plan(connection, plan)
        check_can_see_plan(by.person, live.record.target)
        frame = frame_from_table(kept_frame(connection, home, live.record.id))
    return plan_result(live.record, live.changes, live.outcomes, frame)


def _drawn_from(home: Path, target: Target, run: str | None, candidates: Path | None) -> tuple[pa.Table, str]:
    if candidates is not None:
        content = candidates.read_bytes() if candidates.is_file() else b""
        if not content:
            raise BadInputError(expected="a candidates Parquet file", got="nothing there", where=candidates.name)
        return pq.read_table(io.BytesIO(content)), NO_RUN + hashlib.sha256(content).hexdigest()[:16]
    published = open_run(home, run) if run else open_current(home)
    return candidates_of(published, target), published.about.named_for(target)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as cause:
        raise BadInputError(expected="a PLAN.json", got=type(cause).__name__, where=path.name) from cause


def _document(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(_text(path))
    return document


def _chances(plan: Path) -> pa.Table:
    path = plan.with_name(f"{plan.stem}.probabilities.parquet")
    try:
        return pq.read_table(path, partitioning=None)
    except (OSError, pa.ArrowInvalid) as cause:
        raise BadInputError(
            expected="the table of probabilities beside PLAN.json", got=type(cause).__name__, where=path.name
        ) from cause
