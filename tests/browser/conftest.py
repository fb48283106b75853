"""What tests in a browser may ask for.

`TARGETING_SCREENSHOTS=docs/images` keeps the pictures for the documents, taken of the published run under
`TARGETING_SCREENSHOTS_HOME`, or of the small one of the tests.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

from api.main import create_app
from targeting.planning.permissions import Role
from tests.lib.browser import enter, launched, running
from tests.lib.page_views import EVERYBODY, NO_ROLE, NOBODY, READER, View
from tests.lib.plans_in_every_state import every_state
from tests.lib.published_run import publish
from tests.lib.signed_in import development

ESTABLISHMENTS = 6000
"""A tenth of them can be planned: the others are drawn without a duty, inspected lately or with an open case."""

WIDE: ViewportSize = {"width": 1366, "height": 900}
PEOPLE = {EVERYBODY: tuple(Role), READER: (Role.DATA_SCIENTIST,), NO_ROLE: (Role.ADMINISTRATOR,)}


class Service(NamedTuple):
    """A running service with every state of every page, each person in a browser, what addresses are filled with."""

    address: str
    people: Mapping[str, BrowserContext]
    named: Mapping[str, str]

    def path(self, view: View) -> str:
        return view.path.format(**self.named)

    def open(self, page: Page, view: View, language: str = "nb") -> None:
        """Come to `view` on a page of its person."""
        path = self.path(view)
        page.goto(f"{self.address}{path}{'&' if '?' in path else '?'}lang={language}")
        if view.then:
            view.then(page)


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


@pytest.fixture(scope="session")
def country(tmp_path_factory: pytest.TempPathFactory, pictured_home: Path | None) -> Path:
    """A published run with room for a plan of 300. Copy it: a ledger belongs to one test."""
    folder = tmp_path_factory.mktemp("country")
    if pictured_home:
        shutil.copytree(pictured_home / "published", folder / "published")
    else:
        publish(folder, seed=5, establishments=ESTABLISHMENTS)
    return folder


@pytest.fixture(scope="session")
def service(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    home = tmp_path_factory.mktemp("every_state")
    plans = every_state(home)
    with running(create_app(development(home))) as address:
        people = {name: browser.new_context(viewport=WIDE, reduced_motion="reduce") for name in [*PEOPLE, NOBODY]}
        page = people[EVERYBODY].new_page()
        for name, roles in PEOPLE.items():
            enter(people[name].new_page(), address, roles, name)
        page.goto(f"{address}/kandidater")
        listed = str(page.locator("th a[href^='/virksomheter']").first.get_attribute("href"))
        page.goto(f"{address}/planer/{plans['draft']}")
        slot = str(page.locator("a[href*='/plasser/']").last.get_attribute("href"))
        yield Service(address, people, {**plans, "listed": listed.rpartition("/")[2], "slot": slot.rpartition("/")[2]})
        for one in people.values():
            one.close()
