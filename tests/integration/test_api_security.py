"""Forms, headers, pace, log lines and errors: what the service gives away, and to whom it listens."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter, Request
from starlette.testclient import TestClient

from api.errors import TooManyError
from api.identity.pace import Pace
from api.identity.rules import logged_in
from api.main import create_app
from targeting.domain import Target
from targeting.planning.permissions import Role
from tests.lib.issuer import running_issuer, trusting
from tests.lib.published_run import publish
from tests.lib.signed_in import BASE, development, log_in, signed_in
from tests.lib.small_country import number

IDENTITY_NUMBER = "0101" + "9012345"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    publish(folder, targets=tuple(Target))
    return folder


def form_token(client: TestClient) -> str:
    return client.get("/").text.partition('csrf_token" value="')[2].partition('"')[0]


@pytest.mark.parametrize(
    ("headers", "taken"),
    [
        ({"Origin": BASE}, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Origin": BASE, "Sec-Fetch-Site": "same-origin"}, True),
        ({}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "http://evil.example"}, False),
        ({"Origin": BASE + ".evil.example"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Origin": BASE, "Sec-Fetch-Site": "cross-site"}, False),
        ({"Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"}, False),
    ],
)
def test_a_session_acts_only_from_our_own_pages(home: Path, headers: dict[str, str], taken: bool) -> None:
    client = signed_in(home)
    token = form_token(client)
    del client.headers["Origin"]
    for address, form in (("/logout", {"csrf_token": token}), ("/login", {"name": "eva"})):
        answer = client.post(address, data=form, headers=headers, follow_redirects=False)
        assert answer.status_code == (303 if taken else 403), address
        if not taken:
            assert client.get("/v1/models").status_code == 200, "and nothing happened"


@pytest.mark.parametrize("sent", ["", "x", "another"])
def test_a_session_acts_only_with_the_token_of_its_own_forms(home: Path, sent: str) -> None:
    client, another = signed_in(home), signed_in(home, name="eva")
    token = form_token(another) if sent == "another" else sent
    assert client.post("/logout", data={"csrf_token": token}).status_code == 403
    assert client.post("/logout", headers={"X-CSRF-Token": token}).status_code == 403
    assert client.post("/logout", json={"csrf_token": form_token(client)}).status_code == 403
    own = form_token(client)
    assert client.post("/logout", headers={"X-CSRF-Token": own}, follow_redirects=False).status_code == 303


def test_a_token_in_the_header_needs_no_form_token(tmp_path: Path) -> None:
    with running_issuer() as issuer:
        client = TestClient(create_app(trusting(tmp_path, issuer.url)), follow_redirects=False)
        sent = {"Authorization": f"Bearer {issuer.token()}"}
        assert client.post("/logout", headers=sent).status_code == 303
        assert client.post("/logout").status_code == 401
        assert client.post("/logout", headers={"HX-Request": "true"}).headers["hx-redirect"] == "/login?next=%2F"


def test_every_answer_says_what_a_browser_may_do_with_it(home: Path) -> None:
    client = signed_in(home)
    for address in ("/", "/v1/models", "/static/page.css", "/nowhere", "/v1/nowhere", "/healthz/live", "/login"):
        headers = client.get(address).headers
        policy = headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin"
        assert "strict-transport-security" not in headers
    for address in ("/", "/login", "/logged-out", "/nowhere", "/kandidater", "/kandidater?county=oslo"):
        assert client.get(address).headers["cache-control"] == "no-store"
    assert client.get("/v1/models").headers["cache-control"] == "private, no-cache"
    assert client.get("/v1/models").headers["vary"] == "Authorization, Cookie"


def test_no_page_holds_a_script_or_a_style_of_its_own(home: Path) -> None:
    client = signed_in(home)
    for address in ("/", "/login", "/logged-out", "/nowhere"):
        html = client.get(address).text
        assert "<script>" not in html
        assert "style=" not in html
        assert "<style" not in html
        assert " on" + "click" not in html


def test_a_person_may_ask_only_so_fast_and_others_are_not_held_up(home: Path) -> None:
    app = create_app(development(home, requests_at_once=5, requests_per_minute=60))
    ada, eva = log_in(app, [Role.PLANNER], "ada"), log_in(app, [Role.PLANNER], "eva")
    answers = [ada.get("/v1/models") for _ in range(8)]
    assert [answer.status_code for answer in answers][:5] == [200] * 5
    assert answers[-1].status_code == 429
    assert answers[-1].headers["retry-after"] == "1"
    assert answers[-1].json()["type"] == "urn:targeting:problem:too-many"
    assert eva.get("/v1/models").status_code == 200
    assert ada.get("/healthz/ready").status_code == 200


def test_the_pace_of_one_person() -> None:
    at = [0.0]
    pace = Pace(per_minute=60, at_once=3, monotonic=lambda: at[0])
    for _ in range(3):
        pace.take("ada")
    with pytest.raises(TooManyError):
        pace.take("ada")
    at[0] += 2.0
    pace.take("ada")
    pace.take("ada")
    with pytest.raises(TooManyError) as refusal:
        pace.take("ada")
    assert refusal.value.seconds == 1
    at[0] += 3600
    for _ in range(3):
        pace.take("ada")
    with pytest.raises(TooManyError):
        pace.take("ada")


def test_the_pace_forgets_who_has_gone() -> None:
    at = [0.0]
    pace = Pace(per_minute=60, at_once=3, monotonic=lambda: at[0])
    for person in range(25_000):
        pace.take(str(person))
    assert len(pace._left) <= 10_000


def logged(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def test_a_log_line_says_how_it_went_and_not_who_or_about_whom(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    client = signed_in(home, Role.PLANNER, Role.APPROVER, name="Ada Synt")
    client.get(f"/v1/establishments/{number(0)}?x=secret")
    client.get(f"/kandidater?county={IDENTITY_NUMBER}")
    client.get(f"/v1/nowhere/{IDENTITY_NUMBER}", headers={"X-Request-ID": IDENTITY_NUMBER})
    client.get("/v1/models", headers={"X-Request-ID": "abcdef-12345", "User-Agent": "mozilla-of-ada"})
    text = capsys.readouterr().err
    lines = logged(text)
    for hidden in (number(0), IDENTITY_NUMBER, "Ada", "secret", "county", "mozilla", "testclient"):
        assert hidden not in text
    assert [(line["route"], line["status"]) for line in lines] == [
        ("/login", 303),
        ("/v1/establishments/{number}", 200),
        ("/kandidater", 422),
        (None, 404),
        ("/v1/models", 200),
    ]
    assert lines[1]["roles"] == ["approver", "planner"]
    assert lines[-1]["id"] == "abcdef-12345"
    assert lines[0].keys() == {"event", "id", "level", "method", "ms", "roles", "route", "status", "timestamp"}


def test_a_fault_of_ours_is_logged_without_what_was_sent(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    app = create_app(development(home))
    router = APIRouter()

    async def broken(request: Request) -> None:
        raise RuntimeError("boom")

    router.add_api_route("/v1/broken", broken, dependencies=[logged_in()])
    app.include_router(router)
    client = log_in(app, [Role.PLANNER], raises=False)
    answer = client.get(f"/v1/broken?name={IDENTITY_NUMBER}")
    assert answer.status_code == 500
    assert "boom" not in answer.text
    assert answer.headers["content-security-policy"]
    told = capsys.readouterr().err
    assert answer.headers["x-request-id"] in told
    assert "RuntimeError" in told
    assert "boom" not in told
    assert IDENTITY_NUMBER not in told


def test_errors_repeat_nothing_that_could_name_somebody(home: Path) -> None:
    client = signed_in(home)
    spaced = "0101 9012345"
    for address in (
        f"/v1/establishments/{number(99_999)}",
        f"/v1/establishments/{IDENTITY_NUMBER}",
        f"/v1/rankings/bht_use?{IDENTITY_NUMBER}=1",
        "/v1/rankings/bht_use?Ada%20Synt=1",
        f"/v1/rankings/bht_use?county={spaced}",
        f"/v1/rankings/{IDENTITY_NUMBER}",
        f"/v1/rankings/bht_use?cursor={IDENTITY_NUMBER}",
        f"/{IDENTITY_NUMBER}",
        f"/kandidater?county={spaced}",
        f"/kandidater?text={IDENTITY_NUMBER}",
        f"/virksomheter/{IDENTITY_NUMBER}",
    ):
        answer = client.get(address)
        assert answer.status_code in (404, 422)
        for hidden in (number(99_999), IDENTITY_NUMBER, spaced, "Ada"):
            assert hidden not in answer.text, address


def test_the_page_says_why_in_the_readers_language(home: Path) -> None:
    client = signed_in(home)
    assert "krever a-krim-rollen" in client.get("/kandidater?target=work_crime").text
    assert "needs the a-krim role" in client.get("/kandidater?target=work_crime&lang=en").text
