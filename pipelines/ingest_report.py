"""What became of each file, and the same as a table for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final

from pipelines.found_files import Refused
from targeting.sources.reading import Quarantined

if TYPE_CHECKING:
    from targeting.watching import Check

__all__ = ["FileReport", "IngestReport", "render"]


@dataclass(frozen=True, slots=True)
class FileReport:
    """One file in rows: `read == accepted + quarantined + purged`, `accepted == new + unchanged + withheld`.

    `unchanged` says what the store held already; `withheld` belongs to units purged before; `deleted` are units that a
    complete file lacked; `corrected` still held a value that somebody had corrected, and did not undo it. A `skipped`
    file was read before, so that nothing was counted.
    """

    file: str
    kind: str
    load: str = ""
    skipped: bool = False
    read: int = 0
    accepted: int = 0
    quarantined: int = 0
    purged: int = 0
    new: int = 0
    unchanged: int = 0
    withheld: int = 0
    deleted: int = 0
    corrected: int = 0
    reasons: tuple[Quarantined, ...] = ()


@dataclass(frozen=True, slots=True)
class IngestReport:
    """Every file that was read or skipped; files refused as a whole; files of folders left out for their names.

    `checks` is what a guard looked at in the files that were stored; empty without one.
    """

    files: tuple[FileReport, ...]
    refused: tuple[Refused, ...] = ()
    left_out: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()


_COUNTS: Final = tuple(each.name for each in fields(FileReport) if each.type == "int")
_MOST_LINES: Final = 30
_MOST_REASONS: Final = 10


def render(report: IngestReport) -> str:
    """An aligned table with totals (a line a file, or a line a kind of very many), then the reasons in words."""
    by_kind = len(report.files) > _MOST_LINES
    lines = _by_kind(report.files) if by_kind else [_line(file) for file in report.files]
    table = _aligned([["kind" if by_kind else "file", *_COUNTS], *lines, ["total", *_sums(report.files)]])
    return "\n".join(
        [*table, *_refused(report), *_watched(report), *_reasons(report.files), *_left_out(report.left_out)]
    )


def _line(file: FileReport) -> list[str]:
    if file.skipped:
        return [f"{file.file} (read before, skipped)", *[""] * len(_COUNTS)]
    return [file.file, *_sums([file])]


def _by_kind(files: Sequence[FileReport]) -> list[list[str]]:
    lines = []
    for kind in dict.fromkeys(file.kind for file in files):
        of_kind = [file for file in files if file.kind == kind]
        skipped = sum(file.skipped for file in of_kind)
        note = f", {skipped} read before" if skipped else ""
        lines.append([f"{kind} ({len(of_kind)} files{note})", *_sums(of_kind)])
    return lines


def _sums(files: Sequence[FileReport]) -> list[str]:
    return [f"{sum(getattr(file, name) for file in files):,}".replace(",", " ") for name in _COUNTS]


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in rows
    ]


def _refused(report: IngestReport) -> list[str]:
    if not report.refused:
        return []
    # Most reasons name their file already.
    reasons = (each.reason if each.file in each.reason else f"{each.file}: {each.reason}" for each in report.refused)
    return ["", "Refused as a whole, nothing of them was stored:", *(f"  {reason}" for reason in reasons)]


def _watched(report: IngestReport) -> list[str]:
    odd = [check.reason_en for check in report.checks if check.light != "green"]
    return ["", "Stored, but unlike the last file of its kind:", *(f"  {reason}" for reason in odd)] if odd else []


def _reasons(files: Sequence[FileReport]) -> list[str]:
    quarantined = sum(file.quarantined for file in files)
    if not quarantined:
        return []
    # A few of every file rather than many of the first: each file may have its own trouble.
    turns = ([file.reasons[turn] for file in files if turn < len(file.reasons)] for turn in range(_MOST_REASONS))
    shown = [reason for turn in turns for reason in turn][:_MOST_REASONS]
    places = ", ".join(f"quarantine/{file.load}.jsonl" for file in files if file.quarantined)
    return ["", f"Quarantined, {len(shown)} of {quarantined} (all in {places}):", *(f"  {reason}" for reason in shown)]


def _left_out(names: Sequence[str]) -> list[str]:
    return ["", f"Left out, their names say nothing of their content: {', '.join(names)}"] if names else []
