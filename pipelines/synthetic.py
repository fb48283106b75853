"""Build a synthetic country: the registers' files in one folder and, when asked for, the hidden truth elsewhere."""

from __future__ import annotations

from pathlib import Path

from pipelines.progress import Progress
from targeting.sources.synthetic import build_country, check_apart, write_files, write_truth

__all__ = ["synthetic"]


def synthetic(establishments: int, seed: int, out: Path, truth: Path | None, progress: Progress) -> str:
    """Write the country's files to `out` and its truth to `truth`, which must lie outside `out`; returns one line.

    Raises `BadInputError` on a size that is not supported or a truth inside `out`; nothing is written then.
    """
    if truth is not None:
        check_apart(truth, out)
    country = build_country(establishments, seed, progress.track)
    write_files(country, out, progress.track)
    if truth is not None:
        truth.parent.mkdir(parents=True, exist_ok=True)
        write_truth(country, truth)
    files = sum(1 for path in out.iterdir() if path.is_file())
    return (
        f"synthetic Norway: {len(country.world.register.number)} establishments in eleven years, "
        f"{len(country.inspections.day)} inspections, {files} files"
    )
