"""A query validated at once is described, and refused, as FastAPI would do with the same model."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI, Query
from fastapi.testclient import TestClient

from api.asked_query import asked, described
from api.schemas.rankings import RankingFilters

QUESTIONS = (
    "",
    "county=03&industry=81.2&employees_min=5",
    "county=&industry=",
    "county=oslo",
    "employees_min=-1&employees_max=many",
    "county=03&county=46",
    "standard=SN2025&duty=yes",
    "standard=SN1999",
    "colour=red",
)


@pytest.fixture(scope="module")
def client() -> TestClient:
    application = FastAPI()

    @application.get("/ours", openapi_extra=described(RankingFilters))
    async def ours(query: Annotated[RankingFilters, Depends(asked(RankingFilters))]) -> dict[str, Any]:
        return query.model_dump(mode="json")

    @application.get("/theirs")
    async def theirs(query: Annotated[RankingFilters, Query()]) -> dict[str, Any]:
        return query.model_dump(mode="json")

    return TestClient(application)


@pytest.mark.parametrize("question", QUESTIONS)
def test_answers_and_refusals_are_the_same(client: TestClient, question: str) -> None:
    ours, theirs = (client.get(f"/{way}?{question}") for way in ("ours", "theirs"))
    assert ours.status_code == theirs.status_code
    if ours.status_code == 200:
        assert ours.json() == theirs.json()
    else:
        assert told(ours.json()) == told(theirs.json())


def told(answer: dict[str, Any]) -> list[tuple[str, list[str], str]]:
    return [(one["type"], one["loc"], one["msg"]) for one in answer["detail"]]


def test_the_description_is_the_same_with_every_definition_in_its_place(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    ours, theirs = (document["paths"][f"/{way}"]["get"]["parameters"] for way in ("ours", "theirs"))
    assert [plain(one, document) for one in ours] == [plain(one, document) for one in theirs]


def plain(part: Any, document: dict[str, Any]) -> Any:
    """Without titles, and with what is pointed to in its place."""
    if isinstance(part, list):
        return [plain(one, document) for one in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return plain(document["components"]["schemas"][part["$ref"].rpartition("/")[2]], document)
    return {name: plain(one, document) for name, one in part.items() if name != "title"}
