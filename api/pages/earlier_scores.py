"""How one establishment stood in the newest runs: each score as it was published then, never computed anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from api.pages.charts import Chart, Estimate, estimates
from api.pages.languages import Speech
from targeting.domain import Target
from targeting.published import Band, PublishedRun, band_of, score_rows_of, scored_in

__all__ = ["Standing", "drawn_standings", "standings"]

_RUNS: Final = 8


class Standing(NamedTuple):
    """What one run said of it.

    `of`: how many the list held, null where rows were deleted since; `band`: null where the score is a number.
    """

    as_of: str
    release: str
    score: float
    low: float
    high: float
    rank: int
    of: int | None
    band: Band | None


def standings(runs: Sequence[PublishedRun], target: Target, establishment: str) -> list[Standing]:
    """Its place in the list of `target` in each of the newest `runs` that ranked it, oldest first."""
    newest = runs[-_RUNS:]
    return [_standing(run, target, row) for run in newest for row in score_rows_of(run, target, [establishment])]


def _standing(run: PublishedRun, target: Target, row: Mapping[str, Any]) -> Standing:
    about = run.about.targets[target]
    return Standing(
        as_of=str(run.about.as_of),
        release=about.release,
        score=row["score"],
        low=row["low"],
        high=row["high"],
        rank=row["rank"],
        of=None if run.reduced else scored_in(run, target),
        band=band_of(about.bands, row["band"]),
    )


def drawn_standings(said: Speech, target: Target, told: Sequence[Standing]) -> Chart | None:
    """The scores run by run with their intervals; null before there is a second one."""
    if len(told) <= 1:
        return None
    title = said.text("The score from run to run: %(target)s", target=said.named(target, "target"))
    rows = [Estimate(_run_of(said, one), one.score, one.low, one.high) for one in told]
    drawn = estimates(said, title, said.text("Run"), rows)
    more = [(said.told(one.band, "title") if one.band else said.percent(one.score), one.release) for one in told]
    return drawn._replace(
        heads=(*drawn.heads, said.text("Shown as"), said.text("Model")),
        rows=tuple((*row, *rest) for row, rest in zip(drawn.rows, more, strict=True)),
    )


def _run_of(said: Speech, one: Standing) -> str:
    if one.of is None:
        return said.text("%(day)s: rank %(rank)s", day=said.day(one.as_of), rank=said.number(one.rank))
    return said.text(
        "%(day)s: rank %(rank)s of %(of)s",
        day=said.day(one.as_of),
        rank=said.number(one.rank),
        of=said.number(one.of),
    )
