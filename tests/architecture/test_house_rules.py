"""What review would forget: sizes, banned names, and what must never be committed."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

_MODULE_LIMIT = 400


def _tracked(repository: Path, *patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=repository,
        capture_output=True,
        text=True,
        check=True,
    )
    files = [repository / line for line in listed.stdout.splitlines()]
    return [file for file in files if file.is_file()]


def _offences(files: list[Path], pattern: str) -> list[str]:
    found = []
    for file in files:
        for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if re.search(pattern, line):
                found.append(f"{file.name}:{number}")
    return found


def test_no_module_outgrows_the_limit(repository: Path) -> None:
    sizes = {file.name: len(file.read_text().splitlines()) for file in _tracked(repository, "*.py")}

    assert {name: size for name, size in sizes.items() if size > _MODULE_LIMIT} == {}


def test_no_drawer_for_odds_and_ends(repository: Path) -> None:
    names = {file.stem for file in _tracked(repository, "*.py")}

    assert names & {"utils", "util", "helpers", "helper", "misc", "common", "manager"} == set()


def test_no_registry_host_is_committed(repository: Path) -> None:
    hosts = "|".join(("py" + "pi", "python" + "hosted", "npm" + "js", "deb" + "ian"))

    assert _offences(_tracked(repository), rf"https?://[a-z0-9.-]*({hosts})") == []


def test_no_path_of_a_machine_is_committed(repository: Path) -> None:
    assert _offences(_tracked(repository), r"(^|[^A-Za-z0-9_.])/(work|far" + r"m|home/[a-z]+)/") == []


def test_no_number_shaped_like_a_real_organisation_is_committed(repository: Path) -> None:
    """Ours start with 2 or 3; TILDA's and Equinor's stay in the documents that are not part of the project."""
    files = [file for file in _tracked(repository) if file.suffix not in {".lock", ".woff2"}]

    assert _offences(files, r"(?<![0-9a-f.-])[89][0-9]{8}(?![0-9a-f])") == []


def test_nothing_shaped_like_a_national_identity_number_is_committed(repository: Path) -> None:
    files = [file for file in _tracked(repository) if file.suffix not in {".lock", ".woff2"}]

    assert _offences(files, r"(?<![0-9a-f.])\d{11}(?![0-9a-f])") == []


@pytest.mark.parametrize("folder", ["src", "api"])
def test_the_clock_is_read_only_at_the_edge(repository: Path, folder: str) -> None:
    """`pipelines` are the edge of the batch, `api/deps.py` is that of the web."""
    files = [file for file in _tracked(repository, f"{folder}/*.py") if file.name != "deps.py"]

    assert files
    assert _offences(files, r"\b(date\.today|datetime\.now|time\.time)\(") == []
