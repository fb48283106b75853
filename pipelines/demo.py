"""The whole way once, on a synthetic Norway: what `make demo` runs."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from pipelines import ingest, oracle, plan, rank, score, synthetic, train
from pipelines.progress import Progress, steps
from targeting.domain import AsOf, RefusedError, Target

__all__ = ["COMING_QUARTER", "demo", "made_by_demo"]

COMING_QUARTER = AsOf.parse("2027-01-01")
"""The quarter after the last day of the synthetic country."""

_LAST_DAY = COMING_QUARTER.day - timedelta(days=1)
_TOP_ROWS = 10
_MARKER = Path("demo") / "MARKER"

_STATE = (
    "snapshots",
    "quarantine",
    "models",
    "mlflow",
    "mlflow.db",
    "evaluations",
    "published",
    "shadow",
    "plans",
    "ledger.db",
)

Say = Callable[[str], None]


def demo(home: Path, establishments: int, seed: int, say: Say) -> None:
    """Build, ingest, train, score, plan and print; the hidden truth is read only after the list is published."""
    started = time.perf_counter()
    _start_clean(home)
    with steps("demo") as progress, tempfile.TemporaryDirectory() as vault:
        truth = Path(vault) / "truth.parquet"
        _build_and_read(home, establishments, seed, truth, progress, say)
        say(train.render(train.train(home, None, COMING_QUARTER, progress)))
        say(f"published run {score.score(home, COMING_QUARTER, progress)}")
        say(plan.first_list(home))
        say(rank.rank(home, Target.BHT_USE, _TOP_ROWS, "table"))
        say(oracle.compare(home, truth, COMING_QUARTER))
    say(f"\nDone in {time.perf_counter() - started:.0f} s. A score is a priority for review, never evidence.")


def made_by_demo(home: Path) -> bool:
    """Whether everything under `home` is from the synthetic country."""
    return (home / _MARKER).is_file()


def _build_and_read(home: Path, establishments: int, seed: int, truth: Path, progress: Progress, say: Say) -> None:
    registers = home / "demo" / "registers"
    say(synthetic.synthetic(establishments, seed, registers, truth, progress))
    say(ingest.render(ingest.ingest([registers], home, _LAST_DAY, True, progress)))


def _start_clean(home: Path) -> None:
    """A demo starts from nothing, so that the same seed gives the same bytes; it never touches anybody's real state."""
    marker = home / _MARKER
    occupied = [name for name in _STATE if (home / name).exists()]
    if occupied and not marker.exists():
        raise RefusedError(
            expected="an empty TARGETING_HOME, or that of an earlier demo",
            got=f"{', '.join(occupied)} that no demo made",
            where=str(home),
            do="set TARGETING_HOME to another folder",
        )
    for name in _STATE:
        path = home / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    shutil.rmtree(home / "demo", ignore_errors=True)
    marker.parent.mkdir(parents=True)
    marker.write_text("Made by the demo, which may remove everything beside this folder.\n")
