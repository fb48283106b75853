"""The steps of a quarterly run as the page and the metrics tell them; durations are not part of what is canonical."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from targeting.domain import BadInputError

__all__ = ["Step", "read_steps", "steps_text"]


class Step(NamedTuple):
    """One step: "done", "skipped" (was there already) or "failed"; rows, seconds and the process's peak memory."""

    name: str
    state: str
    rows: int
    seconds: float
    peak_mib: float


def steps_text(steps: Sequence[Step]) -> str:
    """The steps as JSON."""
    return json.dumps([one._asdict() for one in steps], indent=1) + "\n"


def read_steps(path: Path) -> tuple[Step, ...]:
    """What `steps_text` wrote; none where there is no file."""
    if not path.is_file():
        return ()
    try:
        return tuple(Step(**one) for one in json.loads(path.read_text("utf-8")))
    except (TypeError, ValueError) as cause:
        raise BadInputError(expected="steps", got=str(cause), where=path.name, do="remove the file") from cause
