"""From the paths a person named to the files to read, recognised, dated and in the order they must be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

from pipelines.readers import stage_of
from targeting.domain import BadInputError, has_national_identity_number
from targeting.sources.detect import SourceKind, day_in_name, detect

__all__ = ["Found", "Refused", "SourceFile", "find_files"]


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A recognised file and the day its content counts as known."""

    path: Path
    kind: SourceKind
    known_on: date


@dataclass(frozen=True, slots=True)
class Refused:
    """A file of which nothing was read, and why."""

    file: str
    reason: str


_NO_PERSON: Final = "expected a file name without digits shaped like a national identity number; rename the file"


class Found(NamedTuple):
    """Files to read, in order; named files that are none; and files of folders whose names say nothing."""

    files: tuple[SourceFile, ...]
    refused: tuple[Refused, ...]
    left_out: tuple[str, ...]


def find_files(paths: Sequence[Path], known_on: date) -> Found:
    """Folders are searched through. `known_on` dates the files whose names hold no date.

    Units come first, oldest file first, because the store keeps what is news since the day before; answers and
    reactions come after the inspections they belong to.
    """
    files: dict[Path, SourceFile] = {}
    refused: list[Refused] = []
    left_out: list[str] = []
    for path, named in _expanded(paths):
        if has_national_identity_number(path.name):
            # The name would be kept in the manifest and in every quarantine line.
            refused.append(Refused("a file", _NO_PERSON))
            continue
        try:
            _check_there(path)
            files[path.resolve()] = SourceFile(path, detect(path), day_in_name(path) or known_on)
        except BadInputError as error:
            if named:
                refused.append(Refused(path.name, str(error)))
            else:
                left_out.append(path.name)
    return Found(tuple(sorted(files.values(), key=_order)), tuple(refused), tuple(left_out))


def _check_there(path: Path) -> None:
    if not path.is_file():
        raise BadInputError(expected="a file", got="nothing there", where=path.name, do="check the path")


def _expanded(paths: Sequence[Path]) -> Iterator[tuple[Path, bool]]:
    for path in paths:
        if path.is_dir():
            inside = sorted(part for part in path.rglob("*") if part.is_file())
            yield from ((part, False) for part in inside if not part.name.startswith("."))
        else:
            yield path, True


def _order(file: SourceFile) -> tuple[int, date, int, str]:
    return stage_of(file.kind), file.known_on, list(SourceKind).index(file.kind), file.path.name
