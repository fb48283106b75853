"""What every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

pytest_plugins = ["tests.lib.postgres"]

_REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of this checkout."""
    return _REPOSITORY


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real register extracts and inspection outcomes, which live beside the repository and are never committed."""
    folder = Path(os.environ.get("TARGETING_SHARED_DATA", _REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"real data are not here: no folder {folder.name} beside the repository (TARGETING_SHARED_DATA)")
    return folder
