"""How a list moved since the run before: what drift can be seen in published scores alone, before any outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import pyarrow.compute as pc

from targeting.domain import Target
from targeting.published import PublishedRun

__all__ = ["Flagged", "Moved", "Registers", "moved", "registers", "run_before"]

_FIRST: Final = 300


class Moved(NamedTuple):
    """A list then and now: how many it holds, the mean score, and how many of the `first` places kept who was there."""

    then: str
    held: tuple[int, int]
    mean: tuple[float, float]
    first: int
    kept: int
    same_model: bool


class Flagged(NamedTuple):
    """The share of establishments whose register data bear a flag; `then` is null without a run before."""

    flag: str
    then: float | None
    now: float


class Registers(NamedTuple):
    """How many establishments the run tells of, and the flags of their register data."""

    establishments: int
    flags: tuple[Flagged, ...]


def run_before(runs: Sequence[PublishedRun]) -> PublishedRun | None:
    """The run before the last of `runs`; null when there is none, or its unselected rows were deleted since."""
    before = runs[-2] if len(runs) > 1 else None
    return None if before is None or before.reduced else before


def moved(before: PublishedRun, now: PublishedRun, target: Target) -> Moved | None:
    """How the list of `target` moved; null when the run before had none, or either is empty."""
    if target not in before.about.targets:
        return None
    then, here = (run.score_columns(target, ["establishment", "score"]) for run in (before, now))
    if not (len(then) and len(here)):
        return None
    first = min(_FIRST, len(then), len(here))
    kept = pc.is_in(here.column(0).slice(0, first), value_set=then.column(0).slice(0, first).combine_chunks())
    return Moved(
        then=str(before.about.as_of),
        held=(len(then), len(here)),
        mean=(pc.mean(then.column(1)).as_py(), pc.mean(here.column(1)).as_py()),
        first=first,
        kept=pc.sum(kept).as_py() or 0,
        same_model=before.about.targets[target].model == now.about.targets[target].model,
    )


def registers(before: PublishedRun | None, now: PublishedRun) -> Registers:
    """What the register data of the run lack, the most frequent first, beside the run before."""
    establishments, here = _flags(now)
    then = _flags(before)[1] if before else {}
    known = sorted({*then, *here}, key=lambda flag: (-here.get(flag, 0.0), flag))
    flags = [Flagged(flag, then.get(flag, 0.0) if before else None, here.get(flag, 0.0)) for flag in known]
    return Registers(establishments, tuple(flags))


def _flags(run: PublishedRun) -> tuple[int, Mapping[str, float]]:
    """How many establishments there are, and the share of them that bears each flag."""
    flags = replace(run).establishments.column("quality_flags")  # a run anew: the one in service would keep the table
    counted = pc.value_counts(pc.list_flatten(flags)).to_pylist()
    return len(flags), {one["values"]: one["counts"] / len(flags) for one in counted}
