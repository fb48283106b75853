"""Bearer tokens against a real issuer: only its own, for us, in force, and what they open."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from starlette.testclient import TestClient

from api.identity.signing_keys import SigningKeys
from api.identity.tokens import ALGORITHMS
from api.main import create_app
from targeting.planning.permissions import Role
from tests.lib.issuer import Issuer, new_key, now, running_issuer, trusting
from tests.lib.published_run import publish
from tests.lib.register_server import Answer, Request, serving

STRANGER = new_key()


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with running_issuer() as running:
        yield running


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    publish(folder)
    return folder


@pytest.fixture(scope="module")
def client(home: Path, issuer: Issuer) -> TestClient:
    return TestClient(create_app(trusting(home, issuer.url)))


def asked_with(client: TestClient, token: str, address: str = "/v1/rankings/bht_use?limit=1") -> Any:
    return client.get(address, headers={"Authorization": f"Bearer {token}"})


def part(value: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def unsigned(issuer: Issuer) -> str:
    return jwt.encode(issuer.claims(), None, "none", headers={"kid": issuer.kid})


def signed_with_the_public_key(issuer: Issuer) -> str:
    text = f"{part({'alg': 'HS256', 'kid': issuer.kid})}.{part(issuer.claims())}"
    digest = hmac.new(issuer.public_pem, text.encode(), hashlib.sha256).digest()
    return f"{text}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


def promoted(issuer: Issuer) -> str:
    header, _, signature = issuer.token(roles=["data_scientist"]).split(".")
    return f"{header}.{part(issuer.claims(roles=['akrim_analyst']))}.{signature}"


def with_its_own_key(issuer: Issuer) -> str:
    mine = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(STRANGER.public_key()))
    return issuer.token({"jwk": mine, "jku": "https://evil.example/keys"}, STRANGER)


NOW = now()
BAD: dict[str, Callable[[Issuer], str]] = {
    "expired": lambda i: i.token(exp=now() - 61),
    "not in force": lambda i: i.token(nbf=now() + 120),
    "issued tomorrow": lambda i: i.token(iat=now() + 120),
    "for somebody else": lambda i: i.token(aud="another-service"),
    "for nobody": lambda i: i.token(aud=None),
    "of another issuer": lambda i: i.token(iss="https://evil.example"),
    "of nearly our issuer": lambda i: i.token(iss=i.url + "/"),
    "of no issuer": lambda i: i.token(iss=None),
    "an issuer that is no text": lambda i: i.token(iss=None, x=1),
    "without expiry": lambda i: i.token(exp=None),
    "without time of issue": lambda i: i.token(iat=None),
    "without subject": lambda i: i.token(sub=None),
    "without a name": lambda i: i.token(preferred_username=None),
    "with an empty name": lambda i: i.token(preferred_username="  "),
    "signed by a stranger": lambda i: i.token(key=STRANGER),
    "signed by an unknown key": lambda i: i.token({"kid": "unknown"}, STRANGER),
    "naming no key, signed by a stranger": lambda i: jwt.encode(i.claims(), STRANGER, "RS256"),
    "bringing its own key": with_its_own_key,
    "alg none": unsigned,
    "HS256 with the public key": signed_with_the_public_key,
    "changed after signing": promoted,
    "cut short": lambda i: i.token()[:-6],
    "no token": lambda _: "x",
    "three parts of nothing": lambda _: "a.b.c",
    "nothing": lambda _: "",
    "endless": lambda i: i.token(more="x" * 20_000),
}


@pytest.mark.parametrize("name", BAD)
def test_a_token_that_is_no_good_is_refused(client: TestClient, issuer: Issuer, name: str) -> None:
    token = BAD[name](issuer)
    answer = asked_with(client, token)

    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json"), answer.text
    assert answer.headers["www-authenticate"].startswith('Bearer realm="targeting", error="invalid_token"')
    assert answer.json()["status"] == 401
    assert not token or len(token) < 4 or token not in answer.text
    assert "ada" not in answer.text + answer.headers["www-authenticate"]


def test_a_person_named_by_identity_number_is_refused_before_the_ledger_could_keep_it(
    client: TestClient, issuer: Issuer
) -> None:
    number = "0101" + "9012345"
    answer = asked_with(client, issuer.token(preferred_username=number))
    assert answer.status_code == 401
    assert number not in answer.text


def test_no_token_at_all_is_another_refusal(client: TestClient) -> None:
    answer = client.get("/v1/models")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="targeting"')
    assert client.get("/v1/models", headers={"Authorization": "Basic YTpi"}).status_code == 401


@pytest.mark.parametrize("change", [{"exp": NOW - 5}, {"nbf": NOW + 50}, {"aud": ["else", "targeting"]}])
def test_clocks_may_differ_a_little_and_audiences_be_many(
    client: TestClient, issuer: Issuer, change: dict[str, object]
) -> None:
    moved = {name: now() + value - NOW if isinstance(value, int) else value for name, value in change.items()}
    assert asked_with(client, issuer.token(**moved)).status_code == 200


def test_a_token_need_not_name_the_only_key(client: TestClient, issuer: Issuer) -> None:
    unnamed = jwt.encode(issuer.claims(), issuer.storage.jwk.get_private_key(), "RS256")
    assert asked_with(client, unnamed).status_code == 200


def test_only_signatures_by_private_key_are_taken() -> None:
    assert not [name for name in ALGORITHMS if name.startswith("HS") or name == "none"]


@pytest.mark.parametrize(
    ("settings", "claims", "roles"),
    [
        ({}, {"roles": ["planner", "root"]}, {Role.PLANNER}),
        ({}, {"roles": "planner approver"}, {Role.PLANNER, Role.APPROVER}),
        ({}, {"roles": {"planner": True}}, set()),
        ({}, {"roles": [["planner"]]}, set()),
        (
            {"roles_claim": "groups", "roles": {"g-1": "akrim_analyst"}},
            {"groups": ["g-1", "planner"]},
            {Role.AKRIM_ANALYST},
        ),
        ({"roles_claim": "access.roles"}, {"access": {"roles": ["auditor"]}}, {Role.AUDITOR}),
        ({"roles_claim": "https://x.example/roles"}, {"https://x.example/roles": ["auditor"]}, {Role.AUDITOR}),
    ],
)
def test_roles_are_what_the_configuration_says_the_claim_means(
    home: Path, issuer: Issuer, settings: dict[str, Any], claims: dict[str, object], roles: set[Role]
) -> None:
    people = create_app(trusting(home, issuer.url, **settings)).state.people
    verifier = people.verifiers[issuer.url]
    person = verifier.person(verifier.claims(issuer.token(**claims)))
    assert (person.roles, person.name, person.subject, person.machine) == (roles, "ada", "s-ada", False)


def test_without_a_role_the_reason_is_said_in_both_languages(client: TestClient, issuer: Issuer) -> None:
    answer = asked_with(client, issuer.token(roles=None))
    assert answer.status_code == 403
    assert answer.json()["reason_nb"] == "Du trenger en rolle i tjenesten."
    assert answer.json()["reason_en"] == answer.json()["detail"] == "You need a role in the service."


class Clock:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_a_new_key_is_taken_up_and_the_old_one_no_longer_taken(home: Path) -> None:
    with running_issuer() as issuer:
        app, clock = create_app(trusting(home, issuer.url)), Clock()
        app.state.people.verifiers[issuer.url].keys.monotonic = clock
        client = TestClient(app)
        before = issuer.token()
        assert asked_with(client, before).status_code == 200
        issuer.rotate()
        clock.seconds += 6
        assert asked_with(client, issuer.token()).status_code == 200
        assert asked_with(client, before).status_code == 401


class Keys:
    """An issuer's two addresses, counted; `up` false: they fail."""

    def __init__(self, path: str = "/.well-known/openid-configuration") -> None:
        self.key, self.kid, self.up, self.path, self.base = new_key(), "one", True, path, ""

    def __call__(self, request: Request) -> Answer:
        if not self.up:
            return Answer(503)
        if request.path == self.path:
            return Answer(200, json.dumps({"issuer": self.base, "jwks_uri": f"{self.base}/keys"}).encode())
        jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return Answer(200, json.dumps({"keys": [{**jwk, "kid": self.kid, "use": "sig"}]}).encode())


def test_unknown_keys_do_not_make_us_flood_the_issuer_and_its_absence_is_survived() -> None:
    keys, clock = Keys(), Clock()
    with serving(keys) as server:
        keys.base = server.base
        cache = SigningKeys(server.base, monotonic=clock)
        asked: list[int] = []

        def known(kid: str) -> bool:
            try:
                cache.key(kid, "RS256")
            except Exception as error:
                asked.append(len(server.requests))
                return "no answer" in str(error)
            asked.append(len(server.requests))
            return True

        assert known("one")
        assert not any(known(f"made-up-{n}") for n in range(50))
        assert asked[-1] == 2, "one look at the metadata and one at the keys"
        clock.seconds += 601
        keys.up = False
        assert all(known("one") for _ in range(50)), "those known go on being used"
        assert asked[-1] == 2 + 1, "and the issuer is left alone for a while"
        clock.seconds += 3
        keys.up, keys.kid = True, "two"
        assert known("two")
        assert not known("one")


def test_while_nobody_can_tell_nobody_comes_in(home: Path) -> None:
    keys = Keys()
    with serving(keys) as server, running_issuer() as issuer:
        keys.base, keys.up = server.base, False
        client = TestClient(create_app(trusting(home, server.base)))
        answer = asked_with(client, issuer.token(iss=server.base))
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")


def test_a_key_is_used_for_what_it_is_for() -> None:
    keys = Keys()
    with serving(keys) as server:
        keys.base = server.base
        cache = SigningKeys(server.base)
        assert cache.key("one", "PS256").algorithm_name == "PS256"
        with pytest.raises(Exception, match="another method"):
            cache.key("one", "ES256")


def machine_token(keys: Keys, **claims: object) -> str:
    issued = now()
    usual: dict[str, object] = {
        "iss": keys.base,
        "client_id": "c-1",
        "scope": "at:targeting.read",
        "consumer": {"authority": "iso6523-actorid-upis", "ID": "0192:311111116"},
        "iat": issued,
        "exp": issued + 100,
    }
    claims = {name: value for name, value in {**usual, **claims}.items() if value is not None}
    return jwt.encode(claims, keys.key, "RS256", headers={"kid": keys.kid})


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({}, 200),
        ({"scope": "at:other at:targeting.read"}, 200),
        ({"scope": "at:other"}, 403),
        ({"scope": None}, 403),
        ({"consumer": None}, 401),
        ({"consumer": {"authority": "iso6523-actorid-upis", "ID": "0192:12"}}, 401),
        ({"consumer": {"authority": "iso6523-actorid-upis", "ID": "9908:311111116"}}, 401),
        ({"consumer": {"authority": "else", "ID": "0192:311111116"}}, 401),
        ({"consumer": "0192:311111116"}, 401),
        ({"client_id": None}, 401),
        ({"aud": "another-service"}, 401),
        ({"exp": NOW - 1000}, 401),
    ],
)
def test_a_machine_is_known_by_its_organisation_and_its_scopes(
    home: Path, claims: dict[str, object], status: int
) -> None:
    keys = Keys("/.well-known/oauth-authorization-server")
    with serving(keys) as server:
        keys.base = server.base + "/"
        roles = {"at:targeting.read": "data_scientist"}
        app = create_app(
            trusting(home, "", client_id="", base_url="", maskinporten_issuer=keys.base, scope_roles=roles)
        )
        client = TestClient(app)
        assert asked_with(client, machine_token(keys, **claims)).status_code == status


def test_a_machine_is_named_for_its_organisation(home: Path) -> None:
    keys = Keys("/.well-known/oauth-authorization-server")
    with serving(keys) as server:
        keys.base = server.base
        people = create_app(
            trusting(home, "", client_id="", base_url="", maskinporten_issuer=keys.base, scope_roles={"a": "approver"})
        ).state.people
        verifier = people.verifiers[keys.base]
        person = verifier.person(verifier.claims(machine_token(keys, scope="a")))
        assert (person.name, person.subject, person.machine) == ("maskin 311111116", "311111116/c-1", True)
        assert person.roles == {Role.APPROVER}
