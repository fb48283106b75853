"""Every ratio this project promises, in one run: ours beside a floor measured on the same machine in the same minutes.

    python -m benchmarks [--home FOLDER] [--establishments N] [--only PART ...] [--times 10] [--out FILE]

`--home` is a home with a store and trained models (that of a demo, say); nothing is written to it. Without it a
synthetic country of `--establishments` is made first. Prints one table and writes JSON. Nothing here asserts a time.
Read ratios, not seconds. The full size: a demo of 950 000, then this on its home, on an idle machine, 50 GB of disk.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from benchmarks.memory import memory
from benchmarks.quarter_country import Country, prepared
from benchmarks.quarter_features import features
from benchmarks.quarter_figures import Row, as_json, render
from benchmarks.quarter_models import explaining, scoring
from benchmarks.quarter_rankings import rankings
from benchmarks.quarter_run import quarter
from benchmarks.reading_bulk import reading
from targeting.domain import AsOf

_PARTS: Final = ("features", "scoring", "explaining", "reading", "quarter", "memory", "rankings")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, write."""
    asked = _asked(arguments)
    with tempfile.TemporaryDirectory(dir=asked.scratch) as folder:
        scratch = Path(folder)
        home = asked.home or scratch / "home"
        prepared(home, asked.establishments, asked.seed)
        registers = asked.registers or home / "demo" / "registers"
        country = Country(
            home.resolve(),
            AsOf.parse(asked.as_of),
            registers if registers.is_dir() else None,
            scratch,
            asked.jobs,
            asked.repeats,
        )
        rows: list[Row] = []
        parts = [(part, measure) for part, measure in _parts(country, asked).items() if part in asked.only]
        failed = [part for part, measure in parts if not _ran(part, measure, rows, asked)]
    print(render(rows))
    if failed:
        sys.exit(f"not measured: {', '.join(failed)} (see above)")


def _parts(country: Country, asked: argparse.Namespace) -> Mapping[str, Callable[[], Iterator[Row]]]:
    return {
        "features": lambda: features(country),
        "scoring": lambda: scoring(country),
        "explaining": lambda: explaining(country),
        "reading": lambda: reading(country),
        "quarter": lambda: quarter(country),
        "memory": lambda: memory(country, asked.times),
        "rankings": lambda: rankings(country, asked.establishments),
    }


def _ran(part: str, measure: Callable[[], Iterator[Row]], rows: list[Row], asked: argparse.Namespace) -> bool:
    """Measure a part and write what there is: the full size takes hours, and no part must cost the others."""
    print(f"{part} ...", file=sys.stderr, flush=True)
    try:
        rows += measure()
    except Exception:
        traceback.print_exc()
        return False
    if asked.out:
        asked.out.write_text(json.dumps({"about": _about(asked), "rows": as_json(rows)}, indent=2) + "\n", "utf-8")
    return True


def _about(asked: argparse.Namespace) -> dict[str, str]:
    told = {
        name: str(value)
        for name, value in vars(asked).items()
        if name in ("establishments", "jobs", "repeats", "times")
    }
    return told | {"processors": str(os.cpu_count()), "as_of": asked.as_of}


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--home", type=Path, help="a home with a store and models; a synthetic country without it")
    parser.add_argument("--establishments", type=int, default=20_000, help="of what has to be made up")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--registers", type=Path, help="folder of register files; those of a demo's home without it")
    parser.add_argument("--as-of", default="2027-01-01", help="the quarter that is scored")
    parser.add_argument("--only", nargs="+", choices=_PARTS, default=_PARTS)
    parser.add_argument(
        "--times", type=int, default=10, help="how many times over the country is for memory, at most 10"
    )
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, help="processes of the run, threads of its floors"
    )
    parser.add_argument("--repeats", type=int, default=1, help="rounds of features and reading; the median counts")
    parser.add_argument("--scratch", type=Path, help="where everything temporary goes; 50 GB for the full size")
    parser.add_argument("--out", type=Path, help="where the JSON goes")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
