"""Every page in every state: WCAG 2.1 A and AA, 320 px, 200 % zoom, both languages, and by keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, ViewportSize

from tests.browser.conftest import WIDE, Service
from tests.lib.browser import cut_off, too_wide, violations
from tests.lib.keyboard import from_the_top, walked
from tests.lib.page_views import VIEWS, View, template_of, templates

NARROW: ViewportSize = {"width": 320, "height": 640}
ZOOMED: ViewportSize = {"width": 683, "height": 384}
"""What 1366 by 768 leaves at 200 %."""
OPENED = """() => document.querySelectorAll("details:not(tbody tr:nth-child(n+4) *)")
    .forEach(one => { one.open = true })"""
"""Whatever can be opened is; in long tables in the first rows, for those below them are made alike."""


ADDRESSED = [name for name, one in VIEWS.items() if one.then is None and not one.fails]


@pytest.fixture(params=[name if name in ADDRESSED else pytest.param(name, marks=pytest.mark.night) for name in VIEWS])
def view(request: pytest.FixtureRequest) -> View:
    return VIEWS[str(request.param)]


@pytest.fixture
def page(service: Service, view: View) -> Iterator[Page]:
    made = service.people[view.who].new_page()
    made.set_viewport_size(WIDE)
    made.set_default_timeout(20_000)
    yield made
    made.close()


def test_every_page_has_a_view(service: Service) -> None:
    """A new page fails here until it is in the list, and then wherever it stands in somebody's way."""
    assert set(templates()) - {template_of(service.path(one)) for one in VIEWS.values()} == set()


def test_nothing_stands_in_anybodys_way(service: Service, page: Page, view: View) -> None:
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("request", lambda asked: complaints.append(asked.url) if service.address not in asked.url else None)
    service.open(page, view)
    assert page.locator("html").get_attribute("lang") == "nb"
    assert page.locator("h1").count() == 1
    page.evaluate(OPENED)
    assert violations(page) == []
    if not view.fails:
        assert [one for one in complaints if not one.startswith("data:")] == []
    for size in (NARROW, ZOOMED):
        page.set_viewport_size(size)
        assert too_wide(page) == [], size
        assert cut_off(page) == [], size


@pytest.mark.parametrize("view", [VIEWS[name] for name in ADDRESSED], ids=ADDRESSED)
def test_english_words_are_not_too_long(service: Service, page: Page, view: View) -> None:
    """The markup is that of bokmål: whatever has an address of its own tells."""
    service.open(page, view, "en")
    assert page.locator("html").get_attribute("lang") == "en"
    page.evaluate(OPENED)
    page.set_viewport_size(NARROW)
    assert too_wide(page) == []
    assert cut_off(page) == []


def test_the_keyboard_reaches_everything_in_order_and_shows_where_it_is(
    service: Service, page: Page, view: View
) -> None:
    service.open(page, view)
    walk = walked(page)
    assert "ds-skip-link" in walk.first
    assert walk.missed == []
    assert walk.unseen == []
    assert walk.ordered
    from_the_top(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main", "past the menu"
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('header').contains(document.activeElement)") is False
