"""Shadows: versions that score a quarter silently beside the run, and how far they would change its list.

What a shadow says is kept apart from everything that is served: `shadow/RUN/` beside `published/`, which no reader of
published runs, and so neither the API nor a plan, ever opens.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyarrow.parquet as pq

from pipelines.quarter.parts import partitions_of
from pipelines.quarter.work import Scoring, Work
from pipelines.train import MODELS
from targeting.domain import Target
from targeting.modelling.specification import load_specification
from targeting.published import Run
from targeting.scoring import compare, write_scores
from targeting.snapshots.row_groups import whole_file

__all__ = ["ShadowFile", "comparisons", "keep_shadows", "shadow_files"]

_FOLDER: Final = "shadow"
_COMPARED: Final = ["rank", "establishment", "score"]


class ShadowFile(NamedTuple):
    """What one shadow scored, and `where` that is under the home.

    `closed` is set where the shadow may be known only to those who see that target.
    """

    path: Path
    where: str
    closed: Target | None


def shadow_files(home: Path) -> Iterator[ShadowFile]:
    """The scores of every shadow, a run and version at a time."""
    for path in sorted((home / _FOLDER).glob("*/*.parquet")):
        target = Target(path.stem.rpartition("_")[0])
        yield ShadowFile(path, path.relative_to(home).as_posix(), target if target.closed else None)


def keep_shadows(work: Work, run: Run) -> None:
    """Keep what every shadow said of the run's own rows, and compare its list with that of the model that serves."""
    for one in work.scorings:
        if one.shadow:
            folder = work.home / _FOLDER / run.run
            folder.mkdir(parents=True, exist_ok=True)
            _keep(work, run, one, folder)


def _keep(work: Work, run: Run, one: Scoring, folder: Path) -> None:
    target = one.target
    parts = [work.part(one, place) for place in range(partitions_of(work).number)]
    capacity = load_specification(MODELS / f"{target.value}.toml").capacity
    with work.scratch() as scratch, whole_file(folder / f"{one.name}.parquet") as partial:
        whole = scratch / "shadow.parquet"
        write_scores(parts, whole, seed=run.seed, capacity=capacity, scratch=scratch)
        told = pq.read_table(whole, columns=[name for name in pq.read_schema(whole).names if name != "reasons"])
        pq.write_table(told, partial)
    champion = pq.read_table(work.scores(target), columns=_COMPARED)
    document = {
        "run": run.run,
        "as_of": str(run.as_of),
        "target": target.value,
        "champion": run.targets[target].release,
        "shadow": one.version,
        **compare(champion, told.select(_COMPARED), capacity)._asdict(),
    }
    with whole_file(folder / f"{one.name}.json") as partial:
        partial.write_text(json.dumps(document, indent=2, sort_keys=True) + "\n", "utf-8")


def comparisons(home: Path, target: Target, version: str) -> list[Mapping[str, Any]]:
    """What was written about a shadow, run by run, oldest quarter first."""
    found = [json.loads(path.read_text("utf-8")) for path in (home / _FOLDER).glob(f"*/{target}_{version}.json")]
    return sorted(found, key=lambda one: (one["as_of"], one["run"]))
