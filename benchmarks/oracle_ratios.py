"""How near the published lists come to what could be known: whole synthetic countries, the hidden truth read last.

    OMP_NUM_THREADS=1 python -m benchmarks.oracle_ratios --establishments 200000 --seeds 2026 7 11 [--out FILE.json]

Each country is built, ingested, trained on, scored and only then held against its truth. A ratio is breaches to expect
among our top k, over those among the top k of the oracle that reads every register but not what is unobserved
("observable"), or of the one that knows that too ("full"). Labels are few in a small country and the top k is a smaller
part of a large one, so a ratio belongs to its number of establishments: both are printed. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from pipelines import ingest, oracle, score, synthetic, train
from pipelines.demo import COMING_QUARTER
from pipelines.progress import Progress, steps
from pipelines.train_report import TargetReport
from targeting.domain import Target

_COLUMNS = ("base rate", "best rule", "ours", "observable", "full", "ours/obs.", "ours/full", "labels")


class Row(NamedTuple):
    """One target of one country. Rates are shares of the top `k`; `best_rule` is the better of the two plain rules."""

    establishments: int
    seed: int
    target: str
    k: int
    base_rate: float
    best_rule: float
    ours: float
    observable_oracle: float
    full_oracle: float
    ratio_observable: float
    ratio_full: float
    labels: int
    released: str
    seconds: float


def country(establishments: int, seed: int, folder: Path, progress: Progress) -> Iterator[Row]:
    """Run one country in `folder` (empty, outside any real home) and hold its lists against its truth."""
    started = time.perf_counter()
    registers, home, truth = folder / "registers", folder / "home", folder / "vault" / "truth.parquet"
    synthetic.synthetic(establishments, seed, registers, truth, progress)
    ingest.ingest([registers], home, COMING_QUARTER.day, True, progress)
    report = train.train(home, None, COMING_QUARTER, progress)
    score.score(home, COMING_QUARTER, progress)
    trained = {one.target: one for one in report.targets}
    seconds = time.perf_counter() - started
    for one in oracle.comparisons(home, truth, COMING_QUARTER):
        yield _row(establishments, seed, one, trained[one.target], seconds)


def _row(establishments: int, seed: int, found: oracle.Comparison, trained: TargetReport, seconds: float) -> Row:
    return Row(
        establishments=establishments,
        seed=seed,
        target=found.target.value,
        k=found.k,
        base_rate=found.base_rate,
        best_rule=max(found.sector_rate, found.past_breaches) / found.k,
        ours=found.ours / found.k,
        observable_oracle=found.observable_oracle / found.k,
        full_oracle=found.full_oracle / found.k,
        ratio_observable=found.ratio_observable,
        ratio_full=found.ratio_full,
        labels=trained.rows,
        released=trained.choice.candidate if trained.choice else "nothing",
        seconds=seconds,
    )


def render(rows: Sequence[Row]) -> str:
    """The rows as an aligned table, and each target's least ratio over the seeds."""
    lines = [f"{'seed':<6}{'target':<21}" + "".join(f"{name:>11}" for name in _COLUMNS) + "  released"]
    lines += [_line(row) for row in rows]
    for target in Target:
        ratios = [row.ratio_observable for row in rows if row.target == target.value]
        if ratios:
            lines.append(f"{target.value}: least {min(ratios):.3f}, mean {sum(ratios) / len(ratios):.3f} of observable")
    return "\n".join(lines)


def _line(row: Row) -> str:
    values = (
        row.base_rate,
        row.best_rule,
        row.ours,
        row.observable_oracle,
        row.full_oracle,
        row.ratio_observable,
        row.ratio_full,
    )
    figures = "".join(f"{value:>11.3f}" for value in values)
    return f"{row.seed:<6}{row.target:<21}{figures}{row.labels:>11}  {row.released}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table, and write it as JSON where asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--establishments", type=int, default=200_000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[2026, 7, 11])
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args(arguments)
    rows: list[Row] = []
    with steps("oracle ratios") as progress:
        for seed in asked.seeds:
            with tempfile.TemporaryDirectory() as folder:
                rows += country(asked.establishments, seed, Path(folder), progress)
    print(f"{asked.establishments} establishments living at the end")
    print(render(rows))
    if asked.out:
        asked.out.write_text(json.dumps([row._asdict() for row in rows], indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
