"""schemathesis over the whole API on both databases: no 5xx, and every answer as the document says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import checks
from schemathesis.specs.openapi import checks as openapi
from starlette.testclient import TestClient

from api.main import create_app
from api.plans import draw_plan, save_draft
from targeting.domain import Target
from targeting.ledger import verify
from targeting.planning import Problem
from targeting.planning.life import By
from targeting.planning.permissions import Person, Role
from tests.lib.api_story import bearer
from tests.lib.issuer import BASE, running_issuer, trusting
from tests.lib.published_run import publish
from tests.lib.small_country import number

EXAMPLES = 8
CHECKS = (
    checks.not_a_server_error,
    openapi.status_code_conformance,
    openapi.content_type_conformance,
    openapi.response_headers_conformance,
    openapi.response_schema_conformance,
)


@pytest.fixture
def app(tmp_path: Path, ledger_url: str) -> Iterator[tuple[FastAPI, str]]:
    publish(tmp_path, targets=tuple(Target))
    with running_issuer() as issuer:
        made = create_app(
            trusting(tmp_path, issuer.url, ledger_url=ledger_url), lambda: datetime(2027, 1, 4, tzinfo=UTC)
        )
        yield made, bearer(issuer, "ada", *Role)
        made.state.ledger.close()


def known_plans(app: FastAPI) -> list[str]:
    """One draft of each of two targets, so that addresses sometimes lead to something."""
    home, run = app.state.run_in_service.home, app.state.run_in_service.opened().whole
    drawn = [draw_plan(run, target, Problem(8)) for target in (Target.BHT_USE, Target.WORK_CRIME)]
    with app.state.ledger.opened().write() as connection:
        for one in drawn:
            author = By(Person("bo", frozenset(Role)), datetime(2027, 1, 4, tzinfo=UTC))
            save_draft(connection, author, home, one)
    return [one.id for one in drawn]


def exercised(operation: Any, plans: list[str], token: str) -> set[int]:
    """The statuses of whatever schemathesis makes up for one operation; known plans and versions among it."""
    statuses: set[int] = set()

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=operation.as_strategy(),
        plan=st.sampled_from([*plans, None]),
        version=st.sampled_from(['"1"', '"2"', None]),
    )
    def check(case: Any, plan: str | None, version: str | None) -> None:
        known = {"plan": plan, "number": number(0)}
        for name in set(known) & set(case.path_parameters or {}):
            case.path_parameters[name] = known[name] or case.path_parameters[name]
        if version and "If-Match" in (case.headers or {}):
            case.headers["If-Match"] = version
        answer = case.call(headers={"Authorization": f"Bearer {token}"})
        case.validate_response(answer, checks=CHECKS)
        statuses.add(answer.status_code)

    check()
    return statuses


def test_whatever_is_sent_the_answer_is_as_documented(app: tuple[FastAPI, str]) -> None:
    served, token = app
    plans = known_plans(served)
    schema = schemathesis.openapi.from_asgi("/openapi/v1.json", served)
    operations: list[Any] = [found.ok() for found in schema.get_all_operations()]  # type: ignore[union-attr]
    asked = {one.definition.raw["operationId"]: exercised(one, plans, token) for one in operations}
    assert len(asked) > 35
    done = {name for name, statuses in asked.items() if statuses & {200, 201}}
    assert {"ranking", "establishment", "list_plans", "read_plan", "preview_plan", "draft_plan", "audit"} <= done
    assert verify(served.state.ledger.opened()) == ()


def test_the_document_names_every_operation_once(tmp_path: Path) -> None:
    with running_issuer() as issuer:
        document = TestClient(create_app(trusting(tmp_path, issuer.url)), base_url=BASE).get("/openapi/v1.json").json()
    operations = [about for methods in document["paths"].values() for about in methods.values()]
    names = [about["operationId"] for about in operations]
    assert len(set(names)) == len(names)
    assert all(about["description"] for about in operations)


def test_every_write_takes_a_key_and_every_change_of_a_plan_the_version_seen(tmp_path: Path) -> None:
    """Questions are asked by POST where they are long, or may hold a number that belongs in no address."""
    questions = {"preview_plan", "exploration_dial", "design", "answer_access_request"}
    with running_issuer() as issuer:
        document = TestClient(create_app(trusting(tmp_path, issuer.url)), base_url=BASE).get("/openapi/v1.json").json()
    for path, methods in document["paths"].items():
        for method, about in methods.items():
            headers = {one["name"] for one in about.get("parameters", ()) if one["in"] == "header" and one["required"]}
            writes = method != "get" and about["operationId"] not in questions
            assert ("Idempotency-Key" in headers) is writes, path
            assert ("If-Match" in headers) is (writes and "{plan}" in path), path
