"""`/kandidater.csv`: the filtered list as a file. Who took it, and its hash, is in the ledger before it leaves."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.answers import run_headers
from api.deps import CurrentViewer
from api.identity.rules import rule
from api.pages.candidate_filters import AskedCandidates, CandidateQuery, chosen_rows
from api.pages.languages import Speech, speech_of
from api.pages.targets import asked_target
from api.schemas.rankings import RankingRow
from api.served_run import ServedRun
from targeting.planning.exports import NEVER_EVIDENCE, neutral
from targeting.planning.permissions import check_can_export

__all__ = ["COLUMNS", "router"]

router = APIRouter(include_in_schema=False)

_PLAIN: Final = tuple(
    name for name in RankingRow.model_fields if name not in {"priority_areas", "quality_flags", "reasons"}
)
COLUMNS: Final = (*_PLAIN, "priority_areas", "quality_flags", "reasons", "run", "note")
"""Named as in the API, so that a file and an answer can be compared."""


@router.get("/kandidater.csv", dependencies=[rule(check_can_export, asked_target)])
async def candidates_file(request: Request, viewer: CurrentViewer, query: AskedCandidates) -> Response:
    """Every row that passes the filters, not only those of one page."""
    run = viewer.run
    content, count = await run_in_threadpool(_content, run, query, speech_of(request))
    sha256 = hashlib.sha256(content).hexdigest()
    await viewer.exports(query.target, format="csv", sha256=sha256, run=run.run, filters=query.narrowed, rows=count)
    name = f"{query.target}_{run.as_of}_{sha256[:12]}.csv"
    headers = {
        **run_headers(run, run.ranking(query.target).release),
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


def _content(run: ServedRun, query: CandidateQuery, said: Speech) -> tuple[bytes, int]:
    """UTF-8 with a byte-order mark, without which a spreadsheet guesses and loses æ, ø and å; and how many rows."""
    rows = chosen_rows(run, query)
    fragments = run.ranking(query.target).fragments.take(rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(_lines(run, (RankingRow.model_validate_json(one) for one in fragments), said))
    return text.getvalue().encode("utf-8-sig"), len(rows)


def _lines(run: ServedRun, rows: Iterable[RankingRow], said: Speech) -> Iterable[dict[str, Any]]:
    for row in rows:
        line = {
            **row.model_dump(mode="json", include=set(_PLAIN)),
            "priority_areas": "; ".join(row.priority_areas),
            "quality_flags": "; ".join(said.named(flag, "flag") for flag in row.quality_flags),
            "reasons": "; ".join(said.told(reason, "text") for reason in row.reasons),
            "run": run.run,
            "note": NEVER_EVIDENCE,
        }
        yield {name: neutral(value) for name, value in line.items()}
