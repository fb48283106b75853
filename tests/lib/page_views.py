"""Every page of the service in every state that it has been designed for, and how a person comes there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from fastapi.routing import iter_route_contexts
from playwright.sync_api import Page
from starlette.routing import compile_path

from api.identity import login
from api.pages.routes import router

__all__ = ["EVERYBODY", "FILES", "NOBODY", "NO_ROLE", "READER", "VIEWS", "View", "template_of", "templates"]

EVERYBODY, READER, NO_ROLE, NOBODY = "ada", "kari", "eva", ""
FILES = frozenset({"/kandidater.csv", "/planer/{plan}/liste", "/login/callback"})
"""What answers with a file or leads on, and is no page."""


class View(NamedTuple):
    """A page as `who` sees it at `path`, where `{listed}` and the like stand for what the home holds.

    `then` does what leads to the state: the page that a form answers with has no address of its own. `fails` marks
    pages that say what is wrong: the browser notes their status as an error.
    """

    path: str
    who: str = EVERYBODY
    then: Callable[[Page], None] | None = None
    fails: bool = False


def _send(page: Page, button: str) -> None:
    with page.expect_navigation():
        page.locator(button).first.click()


def _changed_meanwhile(page: Page) -> None:
    page.evaluate("document.querySelectorAll('[name=version]').forEach(one => { one.value = '1' })")
    _send(page, "ul.acts form button")


def _adds_nobody(page: Page) -> None:
    page.fill("#establishment", "311111111")
    page.select_option("#add-code", index=1)
    page.fill("#add-why", "Ny")
    _send(page, "form.filters button")


def _sends(name: str, content: bytes) -> Callable[[Page], None]:
    def send(page: Page) -> None:
        page.set_input_files("#file", {"name": name, "mimeType": "application/octet-stream", "buffer": content})
        _send(page, "form.upload button")

    return send


def _sends_what_cannot_be_read(page: Page) -> None:
    taken = page.request.get(f"{page.url.partition('?')[0]}/liste?format=csv")
    head, *rows = taken.text().lstrip("\ufeff").splitlines()
    place = head.split(",").index("result")
    cells = [row.split(",") for row in rows]
    lines = [",".join([*row[:place], "kanskje", *row[place + 1 :]]) for row in cells]
    _sends("filled.csv", "\n".join([head, *lines]).encode())(page)


def _wants(**fields: str) -> Callable[[Page], None]:
    """The form of a new plan with these fields, shown without htmx as a whole page."""

    def fill(page: Page) -> None:
        page.evaluate("document.querySelector('#wish').removeAttribute('hx-post')")
        for name, value in fields.items():
            page.fill(f"#{name}", value)
        page.evaluate("document.querySelector('#where-0').value = 'county=03'")
        _send(page, "#wish [value=show]")

    return fill


def _dials(page: Page) -> None:
    page.fill("#capacity", "8")
    page.locator("[value=dial]").click()
    page.locator("#dial svg").nth(1).wait_for()


VIEWS: Mapping[str, View] = {
    "overview": View("/"),
    "overview_without_tasks": View("/", READER),
    "overview_without_lists": View("/", NO_ROLE),
    "candidates": View("/kandidater?county=03"),
    "candidates_as_bands": View("/kandidater?target=unlawful_hiring&county=03&duty=yes"),
    "candidates_sorted": View("/kandidater?sort=-employees&county=03&size=20-49"),
    "candidates_with_more_filters": View("/kandidater?age_years_min=2&text=syntetisk%2022"),
    "candidates_none": View("/kandidater?text=zzzz"),
    "candidates_refused": View("/kandidater", NO_ROLE, fails=True),
    "establishment": View("/virksomheter/{listed}"),
    "establishment_for_a_reader": View("/virksomheter/{listed}", READER),
    "sectors": View("/naeringer"),
    "sectors_too_much": View("/naeringer?inspections=5&minimum=400"),
    "models": View("/modeller"),
    "audit": View("/revisjon"),
    "audit_none": View("/revisjon?actor=nobody"),
    "audit_refused": View("/revisjon", READER, fails=True),
    "login": View("/login", NOBODY),
    "logged_out": View("/logged-out", NOBODY),
    "not_found": View("/virksomheter/311111116", fails=True),
    "nowhere": View("/finnes-ikke", fails=True),
    "bad_input": View("/kandidater?county=oslo", fails=True),
    "plans": View("/planer"),
    "plans_of_one_state": View("/planer?state=approved", READER),
    "plans_none": View("/planer?target=working_environment"),
    "plan_new": View("/planer/ny"),
    "plan_new_clash": View("/planer/ny", then=_wants(capacity="8", quota_0="8", explore="100")),
    "plan_new_misspelt": View("/planer/ny", then=_wants(capacity="0", quota_0="9999")),
    "plan_new_dialled": View("/planer/ny", then=_dials),
    "plan_new_refused": View("/planer/ny", READER, fails=True),
    "plan_draft": View("/planer/{draft}"),
    "plan_draft_saved": View("/planer/{draft}?done=drafted"),
    "plan_proposed": View("/planer/{proposed}"),
    "plan_proposed_for_a_reader": View("/planer/{proposed}", READER),
    "plan_approved": View("/planer/{approved}"),
    "plan_in_progress": View("/planer/{in_progress}"),
    "plan_with_outcomes": View("/planer/{outcomes}"),
    "plan_closed": View("/planer/{closed}"),
    "plan_withdrawn": View("/planer/{withdrawn}"),
    "plan_not_found": View(f"/planer/{'f' * 64}", fails=True),
    "plan_refused": View("/planer/{draft}", NO_ROLE, fails=True),
    "plan_changed": View("/planer/{draft}", then=_changed_meanwhile, fails=True),
    "plan_not_added": View("/planer/{draft}", then=_adds_nobody, fails=True),
    "slot": View("/planer/{draft}/plasser/{slot}"),
    "slot_not_found": View("/planer/{draft}/plasser/311111116", fails=True),
    "list_refused": View("/planer/{draft}/liste", READER, fails=True),
    "result": View("/planer/{outcomes}/resultat"),
    "result_of_a_closed_plan": View("/planer/{closed}/resultat"),
    "result_none": View("/planer/{in_progress}/resultat"),
    "outcomes_put_aside": View("/planer/{in_progress}", then=_sends_what_cannot_be_read),
    "outcomes_of_another_kind": View("/planer/{in_progress}", then=_sends("plan.pdf", b"%PDF-1.7"), fails=True),
    "outcomes_of_another_plan": View("/planer/{in_progress}", then=_sends("x.csv", b"a,b\n1,2\n"), fails=True),
}


def templates(method: str = "GET") -> list[str]:
    """The routes of people, those for logging in among them, in the order in which they are tried."""
    return list(_templates(method))


def _templates(method: str) -> Iterator[str]:
    for source in (router, login.router):
        for one in iter_route_contexts(source.routes):
            if method in (one.methods or ()) and str(one.path) not in FILES:
                yield str(one.path)


def template_of(path: str, method: str = "GET") -> str | None:
    """Which of them answers `path`; null for an address of nobody."""
    asked = path.partition("?")[0]
    return next((one for one in templates(method) if compile_path(one)[0].match(asked)), None)
