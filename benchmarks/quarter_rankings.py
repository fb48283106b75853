"""The ranked list over HTTP against the same bytes ready-made: `benchmarks.rankings`, run as anybody would run it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

from benchmarks.quarter_country import Country
from benchmarks.quarter_figures import Row

__all__ = ["rankings"]


def rankings(country: Country, establishments: int) -> Iterator[Row]:
    """Rates and p99 of lists against each way of sending the same bytes ready-made, in a country of its own."""
    with country.folder() as folder:
        out = folder / "rankings.json"
        command = [
            sys.executable,
            "-m",
            "benchmarks.rankings",
            "--establishments",
            str(establishments),
            "--out",
            str(out),
        ]
        subprocess.run([*command, "--home", str(folder)], stdout=subprocess.DEVNULL, check=True)
        told = json.loads(out.read_text("utf-8"))
    ours = told["figures"]["list"]
    for way in told["ratios"]:
        same, note = told["figures"][way], f"{establishments} rows, three filters; against {way}"
        yield Row(
            "rankings", "300 of a filtered list", ours["rate"], same["rate"], "calls/s", f"{note}; higher is better"
        )
        yield Row("rankings", "300 of a filtered list, p99", ours["p99_ms"], same["p99_ms"], "ms", note)
        yield Row(
            "rankings", "300 of a filtered list, processor", ours["processor_ms"], same["processor_ms"], "ms", note
        )
