"""`GET /v1/rankings/{target}`: each filter against plain pandas on the published files, and paging over all of it."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from starlette.testclient import TestClient

from api.schemas.rankings import RankingPage
from tests.lib.published_run import publish
from tests.lib.signed_in import signed_in


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    publish(folder, seed=3, establishments=400)
    return folder


@pytest.fixture(scope="module")
def client(home: Path) -> TestClient:
    return signed_in(home)


@pytest.fixture(scope="module")
def published(home: Path) -> pd.DataFrame:
    """The oracle's table: scores joined to facts, in rank order."""
    folder = home / "published" / ("a" * 16)
    scores = pd.read_parquet(folder / "scores_bht_use.parquet")
    facts = pd.read_parquet(folder / "establishments.parquet")
    return scores.merge(facts, on="establishment", how="left", validate="one_to_one").sort_values("rank")


def certain_band(frame: pd.DataFrame) -> pd.DataFrame:
    """Lowest and highest possible number of employees, from the text; missing when unknown."""
    text = frame["employees"]
    exact = pd.to_numeric(text, errors="coerce")
    return pd.DataFrame({"low": exact.mask(text == "1-4", 1), "high": exact.mask(text == "1-4", 4)})


def inspected_before(frame: pd.DataFrame, day: str) -> "pd.Series[bool]":
    inspected = pd.to_datetime(frame["last_inspected_on"])
    return inspected.isna() | (inspected < pd.Timestamp(day))


Oracle = Callable[[pd.DataFrame], "pd.Series[bool]"]

FILTERS: list[tuple[str, Oracle]] = [
    ("", lambda f: f["rank"] > 0),
    ("industry=81", lambda f: f["industry_code"].fillna("").str.startswith("81")),
    ("industry=41.2", lambda f: f["industry_code"].fillna("").str.startswith("41.2")),
    ("industry=99", lambda f: f["rank"] < 0),
    (
        "industry=85.1&standard=SN2007",
        lambda f: f["industry_code"].eq("85.100") & f["industry_standard"].eq("SN2007"),
    ),
    ("county=46", lambda f: f["county"].eq("46")),
    ("municipality=0301", lambda f: f["municipality"].eq("0301")),
    ("employees_min=1", lambda f: certain_band(f)["low"] >= 1),
    (
        "employees_min=5&employees_max=100",
        lambda f: certain_band(f).pipe(lambda b: (b["low"] >= 5) & (b["high"] <= 100)),
    ),
    ("employees_max=0", lambda f: certain_band(f)["high"] == 0),
    ("employees_max=3", lambda f: certain_band(f)["high"] <= 3),  # the band 1-4 may be 4
    ("employees_max=4", lambda f: certain_band(f)["high"] <= 4),
    ("duty=conditional", lambda f: f["bht_duty"].eq("conditional")),
    ("area=kindergartens", lambda f: f["priority_areas"].apply(lambda areas: "kindergartens" in areas)),
    ("area=nowhere", lambda f: f["rank"] < 0),
    ("cool_off_months=24", lambda f: inspected_before(f, "2025-01-01")),
    ("cool_off_months=0", lambda f: inspected_before(f, "2027-01-01")),
    (
        "county=03&duty=yes&employees_min=1&cool_off_months=12",
        lambda f: (
            f["county"].eq("03")
            & f["bht_duty"].eq("yes")
            & (certain_band(f)["low"] >= 1)
            & inspected_before(f, "2026-01-01")
        ),
    ),
    ("county=&industry=&duty=&employees_min=", lambda f: f["rank"] > 0),  # a form's blanks filter nothing
]


@pytest.mark.parametrize(("query", "oracle"), FILTERS, ids=[query or "no filter" for query, _ in FILTERS])
def test_a_filter_keeps_exactly_the_rows_that_pandas_keeps(
    client: TestClient, published: pd.DataFrame, query: str, oracle: Oracle
) -> None:
    expected = published[oracle(published)]
    answer = client.get(f"/v1/rankings/bht_use?limit=1000&{query}").json()
    assert [row["rank"] for row in answer["rows"]] == expected["rank"].tolist()
    assert [row["establishment"] for row in answer["rows"]] == expected["establishment"].tolist()
    assert answer["total"] == len(expected)
    assert answer["next"] is None


def test_a_row_carries_the_published_facts(client: TestClient, published: pd.DataFrame) -> None:
    page = RankingPage.model_validate(client.get("/v1/rankings/bht_use?limit=1000").json())
    for row, (_, fact) in zip(page.rows, published.iterrows(), strict=True):
        assert (row.score, row.low, row.high) == (fact["score"], fact["low"], fact["high"])
        assert row.employees == fact["employees"]
        assert row.last_inspected_on == (fact["last_inspected_on"] or None)
        assert [reason.text_nb for reason in row.reasons] == [reason["text_nb"] for reason in fact["reasons"]]


def test_a_sole_proprietors_name_stays_out_of_lists(client: TestClient, published: pd.DataFrame) -> None:
    rows = client.get("/v1/rankings/bht_use?limit=1000").json()["rows"]
    unnamed = {row["establishment"] for row in rows if row["name"] is None}
    assert unnamed == set(published.loc[published["sole_proprietor"], "establishment"])


@pytest.mark.parametrize("query", ["limit=1", "limit=7", "limit=7&county=03", "limit=1000"])
def test_the_pages_cover_every_row_exactly_once(client: TestClient, query: str) -> None:
    whole = client.get(f"/v1/rankings/bht_use?limit=1000&{query.partition('&')[2]}").json()
    seen: list[int] = []
    cursor = ""
    while cursor is not None:
        page = client.get(f"/v1/rankings/bht_use?{query}&cursor={cursor}").json()
        seen += [row["rank"] for row in page["rows"]]
        assert page["total"] == whole["total"]
        cursor = page["next"]
    assert seen == [row["rank"] for row in whole["rows"]]


def test_each_target_has_its_own_ranking(client: TestClient) -> None:
    answers = [client.get(f"/v1/rankings/{target}").json() for target in ("bht_use", "working_environment")]
    assert [one["target"] for one in answers] == ["bht_use", "working_environment"]
    assert answers[0]["rows"] != answers[1]["rows"]
