"""What the benchmarks of the quarter hand back: one row a comparison, as a table and as JSON."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from statistics import median
from typing import Any, Final, NamedTuple

__all__ = ["Row", "as_json", "interleaved", "render", "timed"]

_HEAD: Final = ("part", "what", "ours", "floor", "unit", "ratio", "note")


class Row(NamedTuple):
    """Ours beside its floor, in `unit`. A null floor: nothing to compare with. `ratio` is ours over the floor."""

    part: str
    name: str
    ours: float
    floor: float | None
    unit: str = "s"
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Ours over the floor; null where there is none to speak of."""
        return self.ours / self.floor if self.floor else None


def timed(work: Callable[[], object]) -> float:
    """Seconds that `work` takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def interleaved(ways: Sequence[Callable[[], float]], repeats: int) -> list[float]:
    """The median figure of each of `ways`, measured in turn `repeats` times, so that a busy moment meets all alike."""
    rounds = [[way() for way in ways] for _ in range(repeats)]
    return [median(figures) for figures in zip(*rounds, strict=True)]


def render(rows: Iterable[Row]) -> str:
    """An aligned table."""
    cells = [_HEAD, *(_cells(row) for row in rows)]
    widths = [max(len(line[place]) for line in cells) for place in range(len(_HEAD))]
    return "\n".join("  ".join(_padded(line, widths)).rstrip() for line in cells)


def _cells(row: Row) -> tuple[str, ...]:
    floor, ratio = ("" if one is None else f"{one:.3f}" for one in (row.floor, row.ratio))
    return row.part, row.name, f"{row.ours:.3f}", floor, row.unit, ratio, row.note


def _padded(line: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [
        cell.rjust(width) if _HEAD[place] in ("ours", "floor", "ratio") else cell.ljust(width)
        for place, (cell, width) in enumerate(zip(line, widths, strict=True))
    ]


def as_json(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """The rows as JSON values, the ratio among them."""
    return [row._asdict() | {"ratio": row.ratio} for row in rows]
