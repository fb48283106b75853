"""Where scores are bands, every way out of the service says the band, why, and no digit beyond it."""

import re
from html import unescape
from pathlib import Path

import pandas as pd
import pytest
from starlette.testclient import TestClient

from tests.lib.published_run import BANDED, BANDS, publish
from tests.lib.signed_in import signed_in


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    publish(folder, seed=5, establishments=300)
    return folder


@pytest.fixture(scope="module")
def client(home: Path) -> TestClient:
    return signed_in(home)


def test_the_head_says_the_form_and_why_and_each_row_its_band(client: TestClient) -> None:
    page = client.get(f"/v1/rankings/{BANDED}?limit=1000").json()
    form = page["score_form"]
    assert (form["form"], form["why_nb"][:6]) == ("bands", "Prøvd ")
    assert [one["title_nb"] for one in form["bands"]] == ["Høy", "Middels", "Lav"]
    declared = {one["band"]: one for one in form["bands"]}
    assert {row["band"] for row in page["rows"]} == set(declared)
    for row in page["rows"]:
        band = declared[row["band"]]
        assert (row["score"], row["low"], row["high"]) == (band["rate"], band["low"], band["high"])


def test_probabilities_have_no_band(client: TestClient) -> None:
    page = client.get("/v1/rankings/bht_use").json()
    assert page["score_form"]["form"] == "probability"
    assert page["score_form"]["bands"] == []
    assert {row["band"] for row in page["rows"]} == {None}


def test_one_establishment_is_told_its_band_too(client: TestClient, home: Path) -> None:
    rows = pd.read_parquet(home / "published" / ("a" * 16) / f"scores_{BANDED}.parquet")
    number = rows["establishment"].iloc[0]
    scores = {one["target"]: one for one in client.get(f"/v1/establishments/{number}").json()["scores"]}
    assert scores[BANDED]["band"] == 1
    assert scores[BANDED]["score"] == BANDS[0].rate
    models = {one["target"]: one for one in client.get("/v1/models").json()["models"]}
    assert (models[BANDED]["calibrated"], models["bht_use"]["calibrated"]) == (False, True)
    assert models[BANDED]["why_en"]


@pytest.mark.parametrize(
    ("language", "cell", "why"),
    [
        ("nb", "Høy 50–62 %", "Prøvd fremover i tid bommet sannsynlighetene."),
        ("en", "High 50–62%", "Tested forward in time the probabilities were off."),
    ],
)
def test_the_page_shows_the_band_and_its_interval_and_says_why(
    client: TestClient, language: str, cell: str, why: str
) -> None:
    text = re.sub(
        r"\s+", " ", re.sub(r"<[^>]+>", " ", unescape(client.get(f"/kandidater?target={BANDED}&lang={language}").text))
    )
    assert cell in text
    assert why in text
    assert why not in unescape(client.get(f"/kandidater?lang={language}").text)
