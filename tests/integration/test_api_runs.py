"""Every answer carries its run; one answer never mixes two; the run is swapped when another is published."""

from datetime import date
from pathlib import Path

import pytest

import api.published_runs
from api.schemas.establishments import EstablishmentAnswer
from api.schemas.models import Models, Ready
from api.schemas.sectors import Sectors
from targeting.domain import Target
from targeting.published import PublishedRun, open_run, remove_from_run, settle_run
from tests.lib.published_run import publish
from tests.lib.signed_in import signed_in
from tests.lib.small_country import number

ADDRESSES = (
    "/v1/rankings/bht_use",
    "/v1/sectors",
    "/v1/models",
    f"/v1/establishments/{number(0)}",
    "/healthz/ready",
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    publish(tmp_path, digit="a", release="v1")
    return tmp_path


@pytest.mark.parametrize("address", [*ADDRESSES, "/"])
def test_every_answer_carries_run_day_and_release(home: Path, address: str) -> None:
    answer = signed_in(home).get(address)
    assert answer.status_code == 200
    assert answer.headers["x-targeting-run"] == "a" * 16
    assert answer.headers["x-targeting-as-of"] == "2027-01-01"
    assert "v1" in answer.headers["x-targeting-release"]
    if address != "/":
        body = answer.json()
        assert (body["run"], body["as_of"]) == ("a" * 16, "2027-01-01")
        assert body["release"] in ("v1", {target: "v1" for target in Target if target is not Target.WORK_CRIME})


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_unchanged_answer_is_not_sent_again(home: Path, address: str) -> None:
    client = signed_in(home)
    first = client.get(address)
    again = client.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    publish(home, digit="b")
    assert client.get(address, headers={"If-None-Match": first.headers["etag"]}).status_code == 200


def test_the_next_request_after_publishing_sees_the_new_run_whole(home: Path) -> None:
    client = signed_in(home)
    client.get("/v1/rankings/bht_use")
    publish(home, seed=2, digit="b", release="v2")
    for address in ADDRESSES:
        body = client.get(address).json()
        assert body["run"] == "b" * 16
        assert body["release"] == "v2" or set(body["release"].values()) == {"v2"}


def test_a_cursor_ends_with_its_run(home: Path) -> None:
    client = signed_in(home)
    cursor = client.get("/v1/rankings/bht_use?limit=5").json()["next"]
    publish(home, seed=2, digit="b")
    answer = client.get(f"/v1/rankings/bht_use?limit=5&cursor={cursor}")
    assert answer.status_code == 410
    assert "begin at the first page" in answer.json()["detail"]


def test_a_broken_new_run_leaves_the_old_one_in_service(home: Path) -> None:
    client = signed_in(home)
    client.get("/v1/sectors")
    publish(home, seed=2, digit="b")
    spoilt = home / "published" / ("b" * 16) / "scores_bht_use.parquet"
    spoilt.write_bytes(spoilt.read_bytes() + b"\0")
    assert client.get("/v1/sectors").json()["run"] == "a" * 16
    assert client.get("/healthz/ready").json()["run"] == "a" * 16
    publish(home, seed=3, digit="c")
    assert client.get("/v1/sectors").json()["run"] == "c" * 16


def test_a_broken_first_run_is_not_served(home: Path) -> None:
    spoilt = home / "published" / ("a" * 16) / "sectors.parquet"
    spoilt.write_bytes(b"")
    assert signed_in(home).get("/healthz/ready").status_code == 503


def test_answers_have_the_documented_shape(home: Path) -> None:
    client = signed_in(home)
    Sectors.model_validate(client.get("/v1/sectors").json())
    Ready.model_validate(client.get("/healthz/ready").json())
    models = Models.model_validate(client.get("/v1/models").json())
    assert [model.calibrated for model in models.models if model.target == "unlawful_hiring"] == [False]
    for index in range(20):
        answer = client.get(f"/v1/establishments/{number(index)}").json()
        found = EstablishmentAnswer.model_validate(answer)
        assert found.facts.establishment == number(index)
        assert (found.facts.name is None) == found.facts.sole_proprietor


def test_an_establishments_scores_are_those_of_the_rankings(home: Path) -> None:
    client = signed_in(home)
    first = client.get("/v1/rankings/bht_use?limit=1").json()["rows"][0]
    answer = client.get(f"/v1/establishments/{first['establishment']}").json()
    score = next(one for one in answer["scores"] if one["target"] == "bht_use")
    assert {name: score[name] for name in ("rank", "score", "low", "high", "reasons")} == {
        name: first[name] for name in ("rank", "score", "low", "high", "reasons")
    }
    assert score["of"] == client.get("/v1/rankings/bht_use").json()["total"]


def test_duties_follow_from_the_code_and_the_place(home: Path) -> None:
    client = signed_in(home)
    answers = [client.get(f"/v1/establishments/{number(index)}").json() for index in range(120)]
    for answer in answers:
        facts, duties = answer["facts"], answer["duties"]
        assert duties["approval_schemes"] == (["cleaning"] if facts["industry_code"] == "81.210" else [])
        assert (
            duties["hiring_ban_region"]
            == {None: None, "03": True, "31": True, "46": False, "55": False}[facts["county"]]
        )


def test_a_run_is_opened_once_and_again_when_something_was_taken_out_of_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opening reads every byte of a run, and a page about the years needs all of them."""
    publish(home, digit="b", as_of=date(2027, 4, 1))
    opened: list[str] = []

    def counted(home: Path, run: str) -> PublishedRun:
        opened.append(run)
        return open_run(home, run)

    monkeypatch.setattr(api.published_runs, "open_run", counted)
    client = signed_in(home)
    first = client.get("/v1/runs").json()
    assert [one["run"] for one in first["rows"]] == ["b" * 16, "a" * 16]
    assert client.get("/v1/runs").json() == first
    assert client.get("/naeringer").status_code == 200
    assert opened == ["a" * 16, "b" * 16]
    settle_run(remove_from_run(open_run(home, "a" * 16), number(0)))
    client.get("/v1/runs")
    assert opened == ["a" * 16, "b" * 16, "a" * 16]
