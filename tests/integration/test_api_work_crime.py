"""A person without the a-krim role sees no byte that differs whether or not work-crime scores exist.

Every route of the application is asked, so a new one is covered by being there; one whose address has a part that
nobody gave a value for here fails until somebody does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.testclient import TestClient

from api.main import create_app
from api.plans import draw_plan, save_draft
from targeting.domain import NotFoundError, Target
from targeting.planning import Problem
from targeting.planning.life import By
from targeting.planning.permissions import Person, Role
from targeting.published import open_current, open_run
from tests.lib.signed_in import development, log_in
from tests.lib.two_runs import ONLY_WORK_CRIME, OPEN_ID, SEEN, WHOLE_ID, publish_both

PARTS = {
    "target": (*map(str, Target), "no_such_target"),
    "number": (SEEN, ONLY_WORK_CRIME, "311111116", "12"),
    "path": ("page.css", "nowhere.css"),
    "plan": ("c0ffee" + "0" * 58, "c0ffee"),
    "slot": (SEEN,),
    "trial": ("c0ffee" + "0" * 58,),
}
QUERIES = (
    "",
    "?limit=3",
    "?lang=en",
    "?target=work_crime",
    "?target=unlawful_hiring&limit=2",
    "?cursor=bm9uZQ",
    "?x=1",
)
ROLES: tuple[frozenset[Role] | None, ...] = (
    None,
    frozenset(),
    frozenset({Role.PLANNER}),
    frozenset(Role) - {Role.AKRIM_ANALYST},
)
OF_THE_MOMENT = {"date", "x-request-id", "set-cookie"}


class Pair(NamedTuple):
    without: FastAPI
    with_work_crime: FastAPI


PROCESS_FIGURE = re.compile(rb"(?m)^(process_\w+) .*$")
"""What a process says of its own memory and time in /metrics."""


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    both = tmp_path_factory.mktemp("without"), tmp_path_factory.mktemp("with")
    publish_both(*both)
    return both


@pytest.fixture(scope="module")
def pair(homes: tuple[Path, Path]) -> Pair:
    return Pair(*(_app(home) for home in homes))


def _app(home: Path) -> FastAPI:
    settings = development(home, session_secret="0123456789abcdef" * 2)
    return create_app(settings, clock=lambda: datetime(2027, 1, 4, tzinfo=UTC))


def addresses(app: FastAPI) -> Iterator[tuple[str, str]]:
    """Every method and address that every route can be asked by."""
    for route in iter_route_contexts(app.routes):
        assert route.path is not None
        template = route.path if route.methods else f"{route.path}/{{path}}"
        names = re.findall(r"{(\w+)", template)
        assert set(names) <= set(PARTS), f"give {template} a value for each part in PARTS"
        for values in product(*(PARTS[name] for name in names)):
            address = re.sub(r"{\w+(:\w+)?}", "{}", template).format(*values)
            for method, query in product(sorted(route.methods or {"GET"}), QUERIES):
                yield method, address + query


def client_of(app: FastAPI, roles: frozenset[Role] | None) -> TestClient:
    client = TestClient(app, headers={"Origin": "http://testserver"}) if roles is None else log_in(app, roles)
    client.follow_redirects = False
    return client


def bytes_of(answer: Any) -> tuple[int, list[tuple[str, str]], bytes]:
    content, figures = PROCESS_FIGURE.subn(rb"\1", answer.content)
    moment = OF_THE_MOMENT | ({"content-length"} if figures else set())
    headers = [(name, value) for name, value in answer.headers.multi_items() if name not in moment]
    return answer.status_code, headers, content


@pytest.mark.parametrize(
    "roles", ROLES, ids=lambda roles: "nobody" if roles is None else "+".join(sorted(roles)) or "none"
)
def test_no_byte_differs(pair: Pair, roles: frozenset[Role] | None) -> None:
    one, other = (client_of(app, roles) for app in pair)
    asked = list(addresses(pair.without))
    assert len(asked) > 100
    for method, address in asked:
        answers = [client.request(method, address) for client in (one, other)]
        assert bytes_of(answers[0]) == bytes_of(answers[1]), (method, address)
        if tag := answers[0].headers.get("etag"):
            again = [client.get(address, headers={"If-None-Match": tag}) for client in (one, other)]
            assert [bytes_of(answer)[0] for answer in again] == [304, 304], address


def test_no_byte_differs_from_page_to_page(pair: Pair) -> None:
    one, other = (client_of(app, frozenset({Role.PLANNER})) for app in pair)
    cursor, pages = "", 0
    while cursor is not None:
        address = f"/v1/rankings/bht_use?limit=10&cursor={cursor}"
        answers = [client.get(address) for client in (one, other)]
        assert bytes_of(answers[0]) == bytes_of(answers[1])
        cursor, pages = answers[0].json()["next"], pages + 1
    assert pages > 5


def test_nothing_is_said_of_it_to_those_without_the_role(pair: Pair) -> None:
    client = client_of(pair.with_work_crime, frozenset({Role.PLANNER}))
    for method, address in addresses(pair.with_work_crime):
        if (
            method == "GET"
            and "work_crime" not in address
            and address.startswith(("/v1", "/healthz", "/?", "/kandidater", "/naeringer", "/modeller", "/virksomheter"))
        ):
            answer = client.get(address)
            assert WHOLE_ID not in answer.text + str(answer.headers)
            if "no_such_target" not in address:
                assert "work_crime" not in answer.text + str(answer.headers), address


def test_with_the_role_it_is_all_there(pair: Pair) -> None:
    """The test above could not fail if nobody saw it."""
    client = client_of(pair.with_work_crime, frozenset({Role.AKRIM_ANALYST}))
    assert client.get("/v1/rankings/work_crime").json()["run"] == WHOLE_ID
    assert "work_crime" in {row["target"] for row in client.get("/v1/sectors").json()["rows"]}
    assert "work_crime" in {one["target"] for one in client.get("/v1/models").json()["models"]}
    assert client.get("/kandidater?target=work_crime").status_code == 200
    answer = client.get(f"/v1/establishments/{ONLY_WORK_CRIME}").json()
    assert [one["target"] for one in answer["scores"]] == ["work_crime"]


def test_what_both_may_see_is_the_same_to_both(pair: Pair) -> None:
    whole = client_of(pair.with_work_crime, frozenset({Role.AKRIM_ANALYST}))
    part = client_of(pair.with_work_crime, frozenset({Role.PLANNER}))
    for target in ("bht_use", "unlawful_hiring"):
        rows = [client.get(f"/v1/rankings/{target}?limit=1000").json()["rows"] for client in (whole, part)]
        assert rows[0] == rows[1]
        for row in rows[0][:20]:
            answers = [client.get(f"/v1/establishments/{row['establishment']}").json() for client in (whole, part)]
            assert answers[0]["facts"] == answers[1]["facts"]
            shown = [one for one in answers[0]["scores"] if one["target"] != "work_crime"]
            assert shown == answers[1]["scores"]


def test_a_cursor_of_the_whole_run_is_not_one_of_its_open_part(pair: Pair) -> None:
    whole = client_of(pair.with_work_crime, frozenset({Role.AKRIM_ANALYST}))
    part = client_of(pair.with_work_crime, frozenset({Role.PLANNER}))
    cursor = whole.get("/v1/rankings/bht_use?limit=5").json()["next"]
    assert part.get(f"/v1/rankings/bht_use?limit=5&cursor={cursor}").status_code == 410


def test_a_plan_names_the_open_part_and_finds_it_again(homes: tuple[Path, Path]) -> None:
    without, with_work_crime = (open_current(home) for home in homes)
    about = with_work_crime.about
    assert about.run == WHOLE_ID
    assert about.named_for(Target.BHT_USE) == OPEN_ID == without.about.named_for(Target.BHT_USE)
    assert about.named_for(Target.WORK_CRIME) == WHOLE_ID

    found = open_run(homes[1], OPEN_ID)
    assert found.about.run == OPEN_ID
    assert found.establishments.equals(without.establishments)
    assert found.sectors.equals(without.sectors)
    for target in without.about.targets:
        assert found.scores(target).equals(without.scores(target))
    with pytest.raises(NotFoundError):
        found.scores(Target.WORK_CRIME)


def test_a_plan_of_work_crime_is_not_there_for_those_without_the_role(tmp_path: Path) -> None:
    """Whatever is asked of it, the answer is that to a plan that never was."""
    publish_both(tmp_path / "without", tmp_path / "with")
    app = _app(tmp_path / "with")
    run = app.state.run_in_service.opened().whole
    author = By(Person("eva", frozenset(Role)), datetime(2027, 1, 4, tzinfo=UTC))
    with app.state.ledger.opened().write() as connection:
        hidden = save_draft(connection, author, tmp_path / "with", draw_plan(run, Target.WORK_CRIME, Problem(5)))
    everybody_else = client_of(app, frozenset(Role) - {Role.AKRIM_ANALYST})
    missing = "c0ffee" + "0" * 58
    asked = [address for address in addresses(app) if missing in address[1]]
    assert len(asked) > 50
    for method, address in asked:
        answers = [everybody_else.request(method, address.replace(missing, one)) for one in (missing, hidden.record.id)]
        status, headers, content = bytes_of(answers[1])
        # A page repeats its own address, which whoever asks knows already.
        assert bytes_of(answers[0]) == (status, headers, content.replace(hidden.record.id.encode(), missing.encode()))
    cursors = [everybody_else.get(f"/v1/plans?cursor={one}") for one in (missing, hidden.record.id)]
    assert bytes_of(cursors[0]) == bytes_of(cursors[1])
    assert everybody_else.get("/v1/plans").json()["rows"] == []
    audit = everybody_else.get("/v1/audit").json()
    assert hidden.record.id not in str(audit)
    assert "work_crime" not in str(audit)

    with_the_role = client_of(app, frozenset({Role.AKRIM_ANALYST}))
    assert [one["id"] for one in with_the_role.get("/v1/plans").json()["rows"]] == [hidden.record.id]
    assert with_the_role.get(f"/v1/plans/{hidden.record.id}").status_code == 200
