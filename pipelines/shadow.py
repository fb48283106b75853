"""Shadows: versions that score a quarter silently beside the run, and how far they would change its list.

What a shadow says is kept apart from everything that is served: `shadow/RUN/` beside `published/`, which no reader of
published runs, and so neither the API nor a plan, ever opens.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pyarrow.parquet as pq

from pipelines.train import MODELS
from targeting.domain import Target
from targeting.matrix import Matrix
from targeting.modelling.registry import load_version
from targeting.modelling.releases import Release
from targeting.modelling.specification import load_specification
from targeting.published import PublishedRun
from targeting.scoring import compare, score_silently

__all__ = ["FOLDER", "comparisons", "score_shadows"]

FOLDER: Final = "shadow"


def score_shadows(
    home: Path, run: PublishedRun, releases: Mapping[Target, Release], matrices: Mapping[Target, Matrix]
) -> None:
    """Score every declared shadow of the run's targets on the run's own rows, and compare it with what serves.

    `NotFoundError` when a declared shadow was not trained in this home; the published run is in service by then.
    """
    for target, about in run.about.targets.items():
        for version in releases[target].shadows:
            model = load_version(home, target, version)
            scores = score_silently(matrices[target], model, run.about.seed)
            found = compare(run.scores(target), scores, load_specification(MODELS / f"{target.value}.toml").capacity)
            document = {
                "run": run.about.run,
                "as_of": str(run.about.as_of),
                "target": target.value,
                "champion": about.release,
                "shadow": version,
                **found._asdict(),
            }
            folder = home / FOLDER / run.about.run
            folder.mkdir(parents=True, exist_ok=True)
            pq.write_table(scores.drop_columns(["reasons"]), folder / f"{target}_{version}.parquet")
            _write(folder / f"{target}_{version}.json", document)


def comparisons(home: Path, target: Target, version: str) -> list[Mapping[str, Any]]:
    """What was written about a shadow, run by run, oldest quarter first."""
    found = [json.loads(path.read_text("utf-8")) for path in (home / FOLDER).glob(f"*/{target}_{version}.json")]
    return sorted(found, key=lambda one: (one["as_of"], one["run"]))


def _write(path: Path, document: Mapping[str, Any]) -> None:
    partial = path.with_name(f"{path.name}.partial")
    partial.write_text(json.dumps(document, indent=2, sort_keys=True) + "\n", "utf-8")
    partial.replace(path)
