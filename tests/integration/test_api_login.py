"""Logging in with a browser: code and PKCE at a real issuer, or anybody on a development machine."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from starlette.testclient import TestClient

from api.main import create_app
from targeting.domain import TargetingError
from targeting.planning.permissions import Role
from targeting.settings import Settings
from tests.lib.issuer import BASE, Issuer, now, running_issuer, trusting
from tests.lib.pkce import s256
from tests.lib.published_run import publish
from tests.lib.signed_in import development, log_in, signed_in


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with running_issuer() as running:
        running.know("s-ada", preferred_username="ada", roles=["planner"])
        running.know("s-nobody", roles=["planner"])
        yield running


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    publish(folder)
    return folder


def browser(home: Path, issuer: Issuer, **settings: Any) -> TestClient:
    app = create_app(trusting(home, issuer.url, **settings))
    return TestClient(app, base_url=BASE, headers={"Origin": BASE}, follow_redirects=False)


def sent_to(client: TestClient, back: str = "/") -> str:
    answer = client.get("/login", params={"next": back})
    assert answer.status_code == 302
    return str(answer.headers["location"])


def coming_back(address: str, subject: str = "s-ada", **form: str) -> str:
    """What the issuer sends the browser to after somebody logged in there."""
    answer = httpx2.post(address, data=form or {"sub": subject})
    assert answer.status_code == 302, answer.text
    return str(answer.headers["location"]).removeprefix(BASE)


def cookie_content(client: TestClient, name: str = "targeting") -> dict[str, Any]:
    content: dict[str, Any] = json.loads(base64.b64decode(client.cookies[name].split(".")[0]))
    return content


def test_the_whole_way_in_and_out(home: Path, issuer: Issuer) -> None:
    client = browser(home, issuer)
    first = client.get("/?county=03")
    assert (first.status_code, first.headers["location"]) == (303, "/login?next=%2F%3Fcounty%3D03")

    back = client.get(coming_back(sent_to(client, "/?county=03")))
    assert (back.status_code, back.headers["location"]) == (303, "/?county=03")
    page = client.get("/?county=03")
    assert page.status_code == 200
    assert "ada <span" in page.text, "who is logged in"
    assert page.headers["cache-control"] == "no-store"
    assert client.get("/v1/models").status_code == 200, "a session opens the API too"

    token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
    assert client.post("/logout", data={"csrf_token": token}).headers["location"] == "/logged-out"
    assert client.get("/logged-out").status_code == 200
    assert client.get("/").headers["location"] == "/login?next=%2F"


def test_the_session_holds_who_and_until_when_and_no_token(home: Path, issuer: Issuer) -> None:
    client = browser(home, issuer)
    client.get(coming_back(sent_to(client)))
    content = cookie_content(client)
    assert content.keys() == {"subject", "name", "roles", "issued", "expires"}
    assert (content["subject"], content["name"], content["roles"]) == ("s-ada", "ada", ["planner"])
    assert abs(content["expires"] - now() - 8 * 3600) < 60


def test_the_code_is_bound_to_this_browser_by_pkce_state_and_nonce(home: Path, issuer: Issuer) -> None:
    client = browser(home, issuer)
    asked = parse_qs(urlsplit(sent_to(client)).query)
    kept = next(value["data"] for name, value in cookie_content(client).items() if name.startswith("_state_"))
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["code_challenge"] == [s256(kept["code_verifier"])]
    assert asked["nonce"] == [kept["nonce"]]
    assert asked["redirect_uri"] == [f"{BASE}/login/callback"]
    assert kept["code_verifier"] not in str(asked)


def test_a_callback_that_did_not_begin_here_is_refused(home: Path, issuer: Issuer) -> None:
    client, other = browser(home, issuer), browser(home, issuer)
    theirs = coming_back(sent_to(other))
    for address in (theirs, "/login/callback", "/login/callback?code=x&state=y", "/login/callback?error=access_denied"):
        sent_to(client)
        answer = client.get(address)
        assert answer.status_code == 401, address
        assert client.get("/v1/models").status_code == 401


def test_the_verifier_goes_to_the_issuer_that_holds_its_challenge(home: Path, issuer: Issuer) -> None:
    client = browser(home, issuer)
    address = sent_to(client)
    (challenge,) = parse_qs(urlsplit(address).query)["code_challenge"]
    asked_before = len(issuer.pkce.token_requests)
    assert client.get(coming_back(address)).status_code == 303
    (asked,) = issuer.pkce.token_requests[asked_before:]
    assert s256(asked["code_verifier"]) == challenge
    assert asked["grant_type"] == "authorization_code"


def test_a_stolen_code_is_worth_nothing_in_another_browser(home: Path, issuer: Issuer) -> None:
    """The thief has a login of their own under way, so the state holds: their verifier is not the code's."""
    victim, thief = browser(home, issuer), browser(home, issuer)
    (code,) = parse_qs(urlsplit(coming_back(sent_to(victim))).query)["code"]
    (state,) = parse_qs(urlsplit(sent_to(thief)).query)["state"]
    refused_before = issuer.pkce.refused
    assert thief.get("/login/callback", params={"code": code, "state": state}).status_code == 401
    assert issuer.pkce.refused == refused_before + 1
    assert thief.get("/v1/models").status_code == 401


def test_a_good_code_with_another_state_is_refused(home: Path, issuer: Issuer) -> None:
    client = browser(home, issuer)
    (code,) = parse_qs(urlsplit(coming_back(sent_to(client))).query)["code"]
    asked_before = len(issuer.pkce.token_requests)
    assert client.get("/login/callback", params={"code": code, "state": "another"}).status_code == 401
    assert client.get("/login/callback", params={"code": code}).status_code == 401
    assert len(issuer.pkce.token_requests) == asked_before, "the code was never shown to anybody"


def test_an_id_token_for_another_login_is_refused(home: Path, issuer: Issuer) -> None:
    """The issuer answers with the nonce of another login: its token was meant for that one."""
    client = browser(home, issuer)
    address = sent_to(client)
    (nonce,) = parse_qs(urlsplit(address).query)["nonce"]
    assert client.get(coming_back(address.replace(nonce, "another"))).status_code == 401
    assert client.get("/v1/models").status_code == 401


def test_a_code_works_once(home: Path, issuer: Issuer) -> None:
    client = browser(home, issuer)
    address = coming_back(sent_to(client))
    assert client.get(address).status_code == 303
    assert client.get(address).status_code == 401


def test_whoever_says_no_at_the_issuer_is_not_in(home: Path, issuer: Issuer) -> None:
    client = browser(home, issuer)
    denied = coming_back(sent_to(client), action="deny")
    assert client.get(denied).status_code == 401


def test_whom_the_issuer_does_not_name_is_not_in(home: Path, issuer: Issuer) -> None:
    client = browser(home, issuer)
    assert client.get(coming_back(sent_to(client), "s-nobody")).status_code == 401
    assert client.get("/v1/models").status_code == 401


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "evil", "/\t/evil.example", "/login"]
)
def test_a_login_leads_to_no_other_place(home: Path, issuer: Issuer, elsewhere: str) -> None:
    client = browser(home, issuer)
    assert client.get(coming_back(sent_to(client, elsewhere))).headers["location"] == "/"


def test_cookies_are_strict_and_stricter_over_tls(home: Path, issuer: Issuer) -> None:
    plain = browser(home, issuer).get("/login").headers["set-cookie"].lower()
    assert plain.startswith("targeting=")
    assert "httponly" in plain
    assert "samesite=lax" in plain
    assert "secure" not in plain

    app = create_app(trusting(home, issuer.url, base_url="https://targeting.example"))
    answer = TestClient(app, base_url="https://targeting.example", follow_redirects=False).get("/login")
    secure = answer.headers["set-cookie"].lower()
    assert secure.startswith("__host-targeting=")
    assert {"httponly", "samesite=lax", "secure", "path=/"} <= {one.strip() for one in secure.split(";")}
    assert "domain" not in secure
    assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"


def test_a_changed_or_foreign_cookie_is_nobody(home: Path, issuer: Issuer) -> None:
    client = browser(home, issuer)
    client.get(coming_back(sent_to(client)))
    content = {**cookie_content(client), "roles": ["akrim_analyst"]}
    parts = client.cookies["targeting"].split(".")
    promoted = base64.b64encode(json.dumps(content).encode()).decode()
    foreign = browser(home, issuer, session_secret="another-secret-of-32-characters!!").cookies
    assert not foreign
    for cookie in (f"{promoted}.{parts[1]}.{parts[2]}", promoted, "null", "a.b.c", ""):
        other = browser(home, issuer)
        other.cookies.set("targeting", cookie)
        assert other.get("/v1/models").status_code == 401


def test_a_session_ends_when_it_should(home: Path) -> None:
    at = [datetime(2027, 1, 4, 8, tzinfo=UTC)]
    client = log_in(create_app(development(home), clock=lambda: at[0]), [Role.PLANNER])
    assert client.get("/v1/models").status_code == 200
    at[0] += timedelta(hours=7, minutes=59)
    assert client.get("/v1/models").status_code == 200
    at[0] += timedelta(minutes=1)
    assert client.get("/v1/models").status_code == 401


def test_a_part_of_a_page_leads_the_whole_page_to_the_login(home: Path) -> None:
    client = TestClient(create_app(development(home)))
    answer = client.get("/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/login?next=%2F")


def test_the_development_login_says_what_it_is_on_every_page(home: Path) -> None:
    client = signed_in(home)
    for address in ("/", "/?lang=en", "/login", "/logged-out", "/nowhere", "/kandidater?county=oslo"):
        assert 'class="development"' in client.get(address).text, address


def test_the_development_login_takes_roles_and_no_identity_numbers(home: Path) -> None:
    client = TestClient(create_app(development(home)), headers={"Origin": "http://testserver"})
    number = "0101" + "9012345"
    refused = client.post("/login", data={"name": f"ada {number}"})
    assert refused.status_code == 422
    assert number not in refused.text
    assert client.post("/login", data={"name": "ada", "roles": "root"}).status_code == 422
    assert client.post("/login", data={"name": " "}).status_code == 422


def test_with_an_issuer_there_is_no_development_login(home: Path, issuer: Issuer) -> None:
    client = browser(home, issuer)
    assert client.post("/login", data={"name": "ada", "roles": "planner"}).status_code == 404
    assert 'class="development"' not in client.get("/logged-out").text


@pytest.mark.parametrize(
    "settings",
    [
        {"oidc_issuer": "https://issuer.example", "dangerous_development_login": True},
        {"maskinporten_issuer": "https://issuer.example", "dangerous_development_login": True},
        {"oidc_issuer": "https://issuer.example"},
        {"tenant_id": "t", "client_id": "c", "base_url": "https://x.example"},
        {"tenant_id": "t", "client_id": "c", "base_url": "https://x.example", "session_secret": "short"},
        {"tenant_id": "t", "client_id": "c", "base_url": "http://x.example", "session_secret": "x" * 32},
        {"tenant_id": "t", "client_id": "c", "base_url": "https://x.example/app", "session_secret": "x" * 32},
        {
            "tenant_id": "t",
            "client_id": "c",
            "base_url": "https://x.example",
            "session_secret": "x" * 32,
            "roles": {"g": "root"},
        },
    ],
)
def test_settings_that_contradict_do_not_start(tmp_path: Path, settings: dict[str, Any]) -> None:
    with pytest.raises(TargetingError):
        create_app(Settings(home=tmp_path, **settings))


def test_where_nobody_can_be_known_nobody_comes_in_and_is_told_what_to_set(home: Path) -> None:
    client = TestClient(create_app(Settings(home=home)))
    for address in ("/v1/models", "/v1/rankings/bht_use", "/", "/login"):
        answer = client.get(address, headers={"Authorization": "Bearer x"} if address == "/v1/models" else {})
        assert answer.status_code == 401
        assert "TARGETING_OIDC_ISSUER" in answer.text
        assert "TARGETING_DANGEROUS_DEVELOPMENT_LOGIN" in answer.text
    assert client.get("/healthz/live").status_code == client.get("/healthz/ready").status_code == 200
    assert client.get("/static/page.css").status_code == 200
