"""Rank: print the published ranking of one target, for people (table) and for scripts (csv, json)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow.compute as pc

from targeting.domain import BadInputError, Target
from targeting.published import Band, PublishedRun, band_of, open_current

__all__ = ["FORMATS", "rank", "rows"]

FORMATS: Final = ("table", "csv", "json")
_FIELDS: Final = {
    "enterprise": "enterprise",
    "name": "name",
    "industry": "industry_code",  # as registered now, not the code harmonised over both standards
    "county": "county",
    "employees": "employees",
}

Row = dict[str, Any]


def rank(home: Path, target: Target, limit: int, format: str) -> str:  # noqa: A002 - the contract's word
    """The first `limit` rows of the run in service as text in `format`: table, csv or json."""
    if format not in FORMATS:
        raise BadInputError(expected=f"one of {', '.join(FORMATS)}", got=repr(format), where="--format")
    run = open_current(home)
    listed = rows(run, target, limit)
    match format:
        case "json":
            return json.dumps(listed, ensure_ascii=False, indent=2)
        case "csv":
            return _csv(listed)
        case _:
            return _table(run, target, listed)


def rows(run: PublishedRun, target: Target, limit: int) -> list[Row]:
    """Objects with rank, establishment, enterprise, name, industry, county, employees, score, band and reasons."""
    scores = run.scores(target).slice(0, limit)
    listed = scores.column("establishment")
    found = run.establishments.filter(pc.is_in(run.establishments.column("establishment"), value_set=listed))
    people = {row["establishment"]: row for row in found.to_pylist()}
    return [_row(row, people[row["establishment"]]) for row in scores.to_pylist()]


def _row(score: Mapping[str, Any], person: Mapping[str, Any]) -> Row:
    fields = {name: person[column] for name, column in _FIELDS.items()}
    return {
        "rank": score["rank"],
        "establishment": score["establishment"],
        **fields,
        "score": score["score"],
        "band": score["band"],
        "listing_probability": score["listing_probability"],
        "reasons": score["reasons"],
    }


def _csv(listed: list[Row]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["rank", "establishment", *_FIELDS, "score", "band", "reasons"])
    for row in listed:
        reasons = " | ".join(reason["text_nb"] for reason in row["reasons"])
        # A spreadsheet must not take a name for a formula.
        plain = ["" if row[name] is None else str(row[name]).lstrip("=+-@\t") for name in _FIELDS]
        writer.writerow([row["rank"], row["establishment"], *plain, f"{row['score']:.6f}", row["band"], reasons])
    return buffer.getvalue().rstrip("\n")


def _table(run: PublishedRun, target: Target, listed: list[Row]) -> str:
    about = run.about.targets[target]
    head = f"{target} as of {run.about.as_of}, run {run.about.run}, model {about.release} ({about.candidate})"
    columns = f"{'rank':>5}  {'establishment':<13}  {'name':<28}  {'industry':<8}  {'county':<6}  {'empl.':>7}  score"
    lines = [head, *([about.why_nb] if about.bands else []), columns]
    for row in listed:
        cells = [str(row[name] or "")[:width] for name, width in (("name", 28), ("industry", 8), ("county", 6))]
        lines.append(
            f"{row['rank']:>5}  {row['establishment']:<13}  {cells[0]:<28}  {cells[1]:<8}  {cells[2]:<6}  "
            f"{row['employees']:>7}  {_score(row, about.bands)}"
        )
        lines += [f"{'':>7}{_sign(reason['contribution'])} {reason['text_nb']}" for reason in row["reasons"]]
    return "\n".join(lines)


def _score(row: Row, bands: Sequence[Band]) -> str:
    """The probability, or the name of the band and its interval.

    >>> _score({"score": 0.55, "band": 1}, [Band(1, "Høy", "High", 0.55, 0.5, 0.62, 200)])
    'Høy (50–62 %)'
    """
    band = band_of(bands, row["band"])
    if band is None:
        return f"{row['score']:.3f}"
    return f"{band.title_nb} ({100 * band.low:.0f}–{100 * band.high:.0f} %)"


def _sign(contribution: float) -> str:
    return "+" if contribution > 0 else "-"
