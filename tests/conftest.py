"""What every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

pytest_plugins = ["tests.lib.postgres"]

_REPOSITORY = Path(__file__).resolve().parents[1]


_LONGEST = ("test_quarterly", "test_every_view", "test_demo", "test_exploration", "test_plan_story", "test_by_keyboard")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files that take longest first: a worker takes a whole file, and none should begin a long one last."""
    items.sort(key=lambda item: _LONGEST.index(item.path.stem) if item.path.stem in _LONGEST else len(_LONGEST))


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
