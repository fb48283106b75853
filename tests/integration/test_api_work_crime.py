"""A user without the a-krim role cannot see, through any route, a work-crime score. Nobody has the role yet."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.main import create_app
from targeting.domain import Target
from targeting.settings import Settings
from tests.lib.published_run import publish
from tests.lib.small_country import number


@pytest.fixture
def home(tmp_path: Path) -> Path:
    publish(tmp_path)
    return tmp_path


def test_the_ranking_asks_for_the_role(home: Path) -> None:
    client = TestClient(create_app(home))
    for address in ("/v1/rankings/work_crime", "/v1/rankings/work_crime?limit=1&county=03"):
        answer = client.get(address)
        assert (answer.status_code, answer.json()["title"]) == (403, "krever a-krim-rolle")


def test_the_page_asks_for_the_role(home: Path) -> None:
    answer = TestClient(create_app(home)).get("/?target=work_crime")
    assert answer.status_code == 403
    assert "krever a-krim-rolle" in answer.text


def test_no_other_answer_mentions_it(home: Path) -> None:
    client = TestClient(create_app(home))
    addresses = ["/v1/sectors", "/v1/models", "/healthz/ready", "/v1/rankings/bht_use", "/", "/?lang=en"]
    for address in [*addresses, *(f"/v1/establishments/{number(index)}" for index in range(120))]:
        answer = client.get(address)
        assert answer.status_code == 200
        assert "work_crime" not in answer.text
        assert "work_crime" not in str(answer.headers)
        assert "rbeidslivskriminalitet" not in answer.text


def test_a_closed_target_does_not_say_whether_it_was_scored(tmp_path: Path) -> None:
    publish(tmp_path, targets=(Target.BHT_USE,))
    assert TestClient(create_app(tmp_path)).get("/v1/rankings/work_crime").status_code == 403


def test_a_closed_test_may_open_it_by_an_explicit_setting(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TARGETING_DANGEROUS_SHOW_WORK_CRIME", "1")
    monkeypatch.setenv("TARGETING_HOME", str(home))
    settings = Settings()
    client = TestClient(create_app(settings.home, show_work_crime=settings.dangerous_show_work_crime))
    assert client.get("/v1/rankings/work_crime").json()["target"] == "work_crime"
    assert "work_crime" in client.get("/v1/models").text
