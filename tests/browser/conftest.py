"""What tests in a browser may ask for.

`TARGETING_SCREENSHOTS=docs/images` keeps the pictures for the documents, taken of the published run under
`TARGETING_SCREENSHOTS_HOME`, or of the small one of the tests.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.lib.browser import launched


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with launched() as started:
        yield started


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that screenshots are written to."""
    asked = os.environ.get("TARGETING_SCREENSHOTS")
    folder = Path(asked) if asked else tmp_path_factory.mktemp("pictures")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def pictured_home() -> Path | None:
    asked = os.environ.get("TARGETING_SCREENSHOTS_HOME")
    return Path(asked) if asked else None
