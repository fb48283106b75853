"""Taking a plan out of the house: CSV, XLSX with a cover sheet, JSON. Each carries the hash of what it lists.

The same plan is the same bytes. A cell that a spreadsheet could take for a formula is written as text, in every format.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import xlsxwriter

from targeting.domain import AsOf
from targeting.planning.life import LivePlan

__all__ = ["COLUMNS", "FILLED_IN", "NEVER_EVIDENCE", "Export", "Format", "export_of", "neutral", "written"]

NEVER_EVIDENCE: Final = (
    "En skår er en prioritering for vurdering, aldri et bevis. / A score is a priority for review, never evidence."
)
FILLED_IN: Final = ("result", "breach", "reason", "inspected_on")
"""The columns that are left empty for the planner to fill in and send back."""

COLUMNS: Final = (
    "place",
    "establishment",
    "enterprise",
    "name",
    "industry_code",
    "county",
    "municipality",
    "employees",
    "arm",
    "how",
    "score",
    *FILLED_IN,
    "plan",
    "hash",
)
_PUBLISHED: Final = ("enterprise", "name", "industry_code", "county", "municipality", "employees")
_STARTS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class Format(StrEnum):
    """The three kinds of export."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"


@dataclass(frozen=True)
class Export:
    """The list as it stands with the cover that explains it. Grain of `rows`: one establishment; every cell is safe."""

    cover: Mapping[str, str]
    rows: tuple[Mapping[str, Any], ...]
    made_on: date


def neutral(value: Any) -> Any:
    """`value`, with an apostrophe before text that a spreadsheet could read as a formula.

    >>> neutral("=1+1"), neutral(" @cmd"), neutral("Bakeri AS"), neutral(-1.5)
    ("'=1+1", "' @cmd", 'Bakeri AS', -1.5)
    """
    if isinstance(value, str) and (value.startswith(_STARTS_A_FORMULA) or value.lstrip().startswith(_STARTS_A_FORMULA)):
        return f"'{value}"
    return value


def export_of(plan: LivePlan, as_of: AsOf, release: str, establishments: pa.Table | None = None) -> Export:
    """The export of `plan`; `establishments` (of the run it was planned from) gives names and places, null without."""
    known = _known(establishments, [one.establishment for one in plan.slots])
    sealed = plan.frozen
    rows = [
        {
            "place": place,
            "establishment": slot.establishment,
            **{name: known.get(slot.establishment, {}).get(name) for name in _PUBLISHED},
            "arm": str(slot.arm),
            "how": str(slot.how),
            "score": slot.score,
            **dict.fromkeys(FILLED_IN),
            "plan": plan.record.id,
            "hash": plan.hash,
        }
        for place, slot in enumerate(plan.slots, start=1)
    ]
    cover = {
        "plan": plan.record.id,
        "target": plan.record.target,
        "run": plan.record.run,
        "as of": str(as_of),
        "release": release,
        "state": plan.state.title_en,
        "author": plan.record.author,
        "approved by": sealed.actor if sealed else "not approved",
        "approved at": sealed.at if sealed else "not approved",
        "approved hash": str(sealed.payload["hash"]) if sealed else "not approved",
        "hash of this list": plan.hash,
        "ledger head": plan.events[-1].hash,
        "slots": str(len(rows)),
        "note": NEVER_EVIDENCE,
    }
    safe = tuple({name: neutral(value) for name, value in row.items()} for row in rows)
    return Export({name: neutral(value) for name, value in cover.items()}, safe, as_of.day)


def _known(establishments: pa.Table | None, wanted: Sequence[str]) -> dict[str, dict[str, Any]]:
    if establishments is None:
        return {}
    found = establishments.filter(pc.is_in(establishments.column("establishment"), value_set=pa.array(wanted)))
    rows = found.select(["establishment", *_PUBLISHED]).to_pylist()
    return {row["establishment"]: row for row in rows}


def written(export: Export, kind: Format) -> bytes:
    """The bytes of the export; equal exports are equal bytes."""
    match kind:
        case Format.CSV:
            return _csv(export)
        case Format.JSON:
            return _json(export)
        case Format.XLSX:
            return _xlsx(export)


def _csv(export: Export) -> bytes:
    """UTF-8 with a byte-order mark, without which a spreadsheet guesses and loses æ, ø and å."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(export.rows)
    return text.getvalue().encode("utf-8-sig")


def _json(export: Export) -> bytes:
    document = {"cover": dict(export.cover), "slots": [dict(row) for row in export.rows]}
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def _xlsx(export: Export) -> bytes:
    sink = io.BytesIO()
    book = xlsxwriter.Workbook(sink, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    # A workbook holds the moment it was made; the as-of day stands in for it, or no two exports would be equal.
    book.set_properties({"title": "Tilsynsplan", "created": datetime(*export.made_on.timetuple()[:3])})  # noqa: DTZ001
    cover = book.add_worksheet("Forside")
    cover.set_column(0, 0, 20)
    cover.set_column(1, 1, 80)
    for line, (name, value) in enumerate(export.cover.items()):
        cover.write_string(line, 0, name)
        cover.write_string(line, 1, value)
    sheet = book.add_worksheet("Plan")
    sheet.freeze_panes(1, 2)
    for column, name in enumerate(COLUMNS):
        sheet.write_string(0, column, name)
        for line, row in enumerate(export.rows, start=1):
            _cell(sheet, line, column, row[name])
    book.close()
    return sink.getvalue()


def _cell(sheet: Any, line: int, column: int, value: Any) -> None:
    if isinstance(value, str):
        sheet.write_string(line, column, value)
    elif value is not None:
        sheet.write_number(line, column, value)
