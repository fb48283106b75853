"""Every error is an RFC 9457 problem that says what to do and repeats nothing that could name a person."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.main import create_app
from api.schemas.problem import Problem
from targeting.domain import Target
from targeting.planning.permissions import Role
from tests.lib.published_run import publish
from tests.lib.signed_in import development, log_in, signed_in
from tests.lib.small_country import number

IDENTITY_NUMBER = "0101" + "9012345"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    home = tmp_path_factory.mktemp("home")
    publish(home, targets=(Target.BHT_USE,))
    return signed_in(home)


def problem(client: TestClient, address: str, status: int) -> Problem:
    answer = client.get(address)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    found = Problem.model_validate(answer.json())
    assert found.status == status
    return found


@pytest.mark.parametrize(
    ("address", "status", "says"),
    [
        ("/v1/rankings/bht_use?limit=0", 422, "query.limit"),
        ("/v1/rankings/bht_use?limit=1001", 422, "query.limit"),
        ("/v1/rankings/bht_use?industry=cleaning", 422, "query.industry"),
        ("/v1/rankings/bht_use?county=3", 422, "query.county"),
        ("/v1/rankings/bht_use?duty=maybe", 422, "query.duty"),
        ("/v1/rankings/bht_use?countyy=03", 422, "query.countyy"),
        ("/v1/rankings/bht_use?cursor=nonsense", 422, "begin at the first page"),
        ("/v1/rankings/everything", 422, "path.target"),
        ("/v1/rankings/working_environment", 404, "no scores for working_environment"),
        ("/v1/establishments/12", 422, "check digit"),
        (f"/v1/establishments/{number(99_999)}", 404, "in a cohort of the run"),
        ("/v1/nowhere", 404, "Not Found"),
    ],
)
def test_what_went_wrong_is_said(client: TestClient, address: str, status: int, says: str) -> None:
    assert says in problem(client, address, status).detail


def test_an_identity_number_is_never_repeated(client: TestClient) -> None:
    for address in (f"/v1/establishments/{IDENTITY_NUMBER}", f"/v1/rankings/bht_use?county={IDENTITY_NUMBER}"):
        assert IDENTITY_NUMBER not in problem(client, address, 422).model_dump_json()


def test_a_cursor_of_other_filters_is_not_silently_used(client: TestClient) -> None:
    cursor = client.get("/v1/rankings/bht_use?limit=2").json()["next"]
    assert "filters" in problem(client, f"/v1/rankings/bht_use?duty=yes&cursor={cursor}", 422).detail


def test_another_method_is_a_problem_too(client: TestClient) -> None:
    answer = client.post("/v1/sectors")
    assert (answer.status_code, answer.headers["content-type"]) == (405, "application/problem+json")


def test_a_fault_of_ours_shows_nothing_of_the_inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(tmp_path)

    def broken(*_: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("api.routes.sectors.model_answer", broken)
    answer = log_in(create_app(development(tmp_path)), [Role.PLANNER], raises=False).get("/v1/sectors")
    assert answer.status_code == 500
    assert "secret" not in answer.text


def test_without_a_published_run_the_service_lives_but_is_not_ready(tmp_path: Path) -> None:
    client = signed_in(tmp_path)
    assert client.get("/healthz/live").json() == {"status": "alive"}
    for address in (
        "/healthz/ready",
        "/v1/rankings/bht_use",
        "/v1/sectors",
        "/v1/models",
        f"/v1/establishments/{number(0)}",
    ):
        assert "python -m pipelines score" in problem(client, address, 503).detail


def test_every_problem_a_route_gives_is_documented(client: TestClient) -> None:
    """That nothing else comes is for schemathesis to find; here is what has to be there."""
    paths = client.get("/openapi/v1.json").json()["paths"]
    documented = {
        (method, path): set(about["responses"]) for path, methods in paths.items() for method, about in methods.items()
    }
    assert documented[("get", "/v1/rankings/{target}")] == {
        *("200", "401", "403", "404", "410", "422", "429", "503"),
    }
    assert documented[("get", "/v1/sectors")] == {"200", "401", "403", "429", "503"}
    assert documented[("get", "/healthz/ready")] == {"200", "503"}
    for (method, path), statuses in documented.items():
        if path.startswith("/v1"):
            assert {"401", "403", "429"} <= statuses, path
        if method == "post":
            assert {"413", "422", "503"} <= statuses, path
        if method == "post" and "{plan}" in path:
            assert {"404", "409", "412"} <= statuses, path
    named = {one["$ref"] for about in paths.values() for one in _problem_schemas(about)}
    assert named == {"#/components/schemas/Problem"}


def _problem_schemas(methods: dict[str, Any]) -> Iterator[dict[str, str]]:
    for about in methods.values():
        for status, answer in about["responses"].items():
            if status >= "400":
                yield answer["content"]["application/problem+json"]["schema"]
