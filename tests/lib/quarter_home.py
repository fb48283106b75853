"""A home before its quarterly run: eleven years in the store, models trained, the newest files waiting in an inbox."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from pipelines import ingest, score, train
from pipelines.progress import Progress
from pipelines.synthetic import synthetic
from targeting.domain import AsOf
from targeting.modelling.tracking import Tracker

__all__ = ["LAST", "QUARTER", "SILENT", "QuarterHome", "build"]

SILENT: Final = Progress("test", visible=False)
LAST, QUARTER = AsOf.parse("2026-10-01"), AsOf.parse("2027-01-01")
_NEWEST: Final = "2026"


class QuarterHome(NamedTuple):
    """A home with a published run of the quarter before, and the files of the newest year."""

    home: Path
    inbox: Path
    registers: Path

    def copy(self, folder: Path) -> QuarterHome:
        """The same in another place."""
        return QuarterHome(Path(shutil.copytree(self.home, folder / "home")), self.inbox, self.registers)


def build(folder: Path, seed: int = 5) -> QuarterHome:
    """Build one of 2 000 establishments; half a minute."""
    registers, inbox, home = folder / "registers", folder / "inbox", folder / "home"
    synthetic(2000, seed, registers, None, SILENT)
    inbox.mkdir()
    for path in sorted(registers.iterdir()):
        if f"_{_NEWEST}" in path.name:
            path.rename(inbox / path.name)
    report = ingest.ingest([registers], home, None, True, SILENT)
    assert not report.refused
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Tracker, "record", lambda *_, **__: "")  # MLflow keeps a record and decides nothing
        train.train(home, None, LAST, SILENT)
    score.score(home, LAST, SILENT)
    return QuarterHome(home, inbox, registers)
