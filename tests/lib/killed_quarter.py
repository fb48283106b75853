"""Quarterly runs killed at random moments: `python -m tests.lib.killed_quarter TEMPLATE HOME INBOX KILLS SEED`.

Everything is imported once; every attempt is a fork of this process that runs the quarter in HOME and is killed by
SIGKILL after a random time. The next attempt goes on in the same home. When one ends before it is killed, HOME is made
anew from TEMPLATE. After each kill the run in service is opened, its files checked. At the end the quarter is run to
its end once more. Prints how many were killed, how many came to an end, and at which of its steps each was killed.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
import time
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from pipelines.quarter.engine import Engine
from pipelines.quarterly import Asked, quarterly
from targeting.ledger import open_ledger
from targeting.published import open_current
from targeting.settings import Settings
from tests.lib.quarter_home import QUARTER, SILENT

__all__ = ["run_quarter"]

NOW = datetime(2026, 12, 31, 3, tzinfo=UTC)
_REACH = 0.6
"""Of a whole run: the next attempt goes on where this one was, so that all of them together reach every step."""
ROWS = 200
"""Establishments a partition: several partitions even in a small country."""


def run_quarter(home: Path, inbox: Path, engine: Engine | None = None) -> str:
    """Run the quarter once, in this process."""
    settings = Settings(home=home)
    asked = Asked(QUARTER, (inbox,), None, False, engine or Engine(partition_rows=ROWS))
    with closing(open_ledger(settings.ledger)) as ledger:
        return quarterly(settings, asked, ledger, NOW, SILENT, lambda _: None).run


def _attempt(home: Path, inbox: Path, seconds: float) -> bool:
    """Whether it came to an end before it was killed."""
    child = os.fork()
    if child == 0:
        os.close(2)
        os.open(os.devnull, os.O_WRONLY)
        run_quarter(home, inbox)
        os._exit(0)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0


def _fresh(template: Path, home: Path) -> None:
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(template, home)


def _where(home: Path) -> str:
    """The last step that the killed run had recorded."""
    path = home / "quarterly" / f"{QUARTER}.steps.json"
    steps = json.loads(path.read_text("utf-8"))["steps"] if path.is_file() else []
    return str(steps[-1]["name"]) if steps else "nothing"


def main(template: Path, home: Path, inbox: Path, kills: int, seed: int) -> dict[str, object]:
    dice = random.Random(seed)
    _fresh(template, home)
    begun = time.monotonic()
    child = os.fork()
    if child == 0:
        run_quarter(home, inbox)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    whole = time.monotonic() - begun
    _fresh(template, home)
    before = open_current(home).about.run
    ended, services, places = 0, Counter[str](), Counter[str]()
    for _ in range(kills):
        if _attempt(home, inbox, dice.uniform(0.0, _REACH * whole)):
            ended += 1
            _fresh(template, home)
        else:
            services["before" if open_current(home).about.run == before else "new"] += 1
            places[_where(home)] += 1
    child = os.fork()
    if child == 0:
        run_quarter(home, inbox)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    return {"killed": kills - ended, "ended": ended, "in_service": services, "after": places, "seconds": whole}


if __name__ == "__main__":
    template, home, inbox = (Path(one) for one in sys.argv[1:4])
    sys.stdout.write(json.dumps(main(template, home, inbox, int(sys.argv[4]), int(sys.argv[5]))) + "\n")
