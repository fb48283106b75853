"""The import contracts refuse what they are there to refuse: each is shown a breach, on a copy of the code."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def checkout(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what the contracts look at."""
    copy = tmp_path_factory.mktemp("checkout")
    ignore = shutil.ignore_patterns("__pycache__", "vendor")
    for folder in ("src", "pipelines", "api"):
        shutil.copytree(repository / folder, copy / folder, ignore=ignore)
    shutil.copy(repository / "pyproject.toml", copy)
    return copy


_LINT = (
    "import sys; from importlinter.cli import lint_imports_command; "
    "sys.argv[1:] = ['--no-cache']; lint_imports_command()"
)


def _lint(checkout: Path) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join((str(checkout / "src"), str(checkout)))
    return subprocess.run(
        [sys.executable, "-P", "-c", _LINT],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_code_as_it_stands_keeps_every_contract(checkout: Path) -> None:
    result = _lint(checkout)

    assert result.returncode == 0, result.stdout
    assert "0 broken" in result.stdout


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("src/targeting/features/definition.py", "import targeting.labels", "An upper layer may import a lower one"),
        ("src/targeting/planning/problem.py", "import lightgbm", "Planning sees published scores only"),
        ("src/targeting/planning/problem.py", "import targeting.modelling", "Planning sees published scores only"),
        ("api/main.py", "import targeting.scoring", "The web process cannot show a score that was not published"),
        ("api/main.py", "import pipelines", "Batch and web are independent"),
        ("src/targeting/tables/contract.py", "import targeting.parameters", "An upper layer may import a lower one"),
        ("src/targeting/domain/time.py", "import pandas", "Domain values know no library"),
        (
            "src/targeting/modelling/training.py",
            "import targeting.settings",
            "Only pipelines and the api read the environment",
        ),
        ("src/targeting/utils.py", '"""Odds and ends."""', "An upper layer may import a lower one"),
    ],
)
def test_a_breach_is_refused(checkout: Path, file: str, line: str, contract: str) -> None:
    target = checkout / file
    before = target.read_text() if target.exists() else None
    target.write_text(f"{before or ''}\n{line}\n")
    try:
        result = _lint(checkout)
    finally:
        target.unlink() if before is None else target.write_text(before)

    assert result.returncode != 0, f"{line!r} in {file} went unnoticed"
    assert any(contract in row and "BROKEN" in row for row in result.stdout.splitlines()), result.stdout
