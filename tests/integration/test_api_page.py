"""The list of candidates as a page: readable, honest about what a score is, free of requests to anywhere else."""

import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.lib.published_run import publish
from tests.lib.signed_in import signed_in


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    home = tmp_path_factory.mktemp("home")
    publish(home, seed=5, establishments=300)
    return signed_in(home)


class Outline(HTMLParser):
    """Tags with their attributes, in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.mark.parametrize(
    ("address", "language", "sentence"),
    [
        ("/kandidater", "nb", "aldri bevis for brudd"),
        ("/kandidater?lang=en", "en", "never evidence of a breach"),
    ],
)
def test_the_page_says_what_a_score_is_in_both_languages(
    client: TestClient, address: str, language: str, sentence: str
) -> None:
    html = client.get(address).text
    assert Outline(html).all("html") == [{"lang": language, "data-color-scheme": "light"}]
    assert sentence in html
    for said in ("a" * 16, "2027-01-01"):
        assert said in html


def test_english_is_one_click_away_and_keeps_the_selection(client: TestClient) -> None:
    html = client.get("/kandidater?county=03&duty=yes&lang=nb").text
    link = next(one for one in Outline(html).all("a") if "language" in str(one.get("class")))
    english = client.get(str(link["href"])).text
    assert Outline(english).all("html")[0]["lang"] == "en"
    assert re.findall(r"\d{9}", english) == re.findall(r"\d{9}", html)


def test_rows_are_those_of_the_api_with_reasons_in_words(client: TestClient) -> None:
    rows = client.get("/v1/rankings/bht_use?limit=50").json()["rows"]
    html = unescape(client.get("/kandidater?lang=nb").text)
    assert re.findall(r"/virksomheter/(\d{9})", html) == [row["establishment"] for row in rows]
    assert [text for row in rows for text in [r["text_nb"] for r in row["reasons"]]] == re.findall(
        r"<li class=\"(?:raises|lowers)\"><span.*?</span> (.*?)</li>", html
    )


def test_names_are_escaped_and_sole_proprietors_are_not_named(client: TestClient) -> None:
    html = client.get("/kandidater?lang=nb").text
    assert "<SØNNER>" not in html
    assert "&lt;SØNNER&gt;" in html
    assert "Enkeltpersonforetak" in html


def test_the_table_is_one_for_a_screen_reader(client: TestClient) -> None:
    outline = Outline(client.get("/kandidater").text)
    columns = [head for head in outline.all("th") if head.get("scope") == "col"]
    rows = [head for head in outline.all("th") if head.get("scope") == "row"]
    assert (len(columns), len(rows)) == (9, 50)
    assert len(outline.all("h1")) == len(outline.all("main")) == 1
    assert outline.tags[[tag for tag, _ in outline.tags].index("a")][1]["href"] == "#main"


def test_nothing_is_fetched_from_elsewhere_and_no_script_but_ours_runs(client: TestClient) -> None:
    answer = client.get("/kandidater")
    outline = Outline(answer.text)
    addresses = [one.get("href") or one.get("src") or "" for tag in ("a", "link", "img") for one in outline.all(tag)]
    assert all(address.startswith(("/", "#", "?")) for address in addresses)
    assert [one.get("src") for one in outline.all("script")] == ["/static/vendor/htmx.js", "/static/busy.js"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "http" not in client.get("/static/page.css").text


def test_the_next_page_continues_where_this_one_ends(client: TestClient) -> None:
    html = client.get("/kandidater?lang=en").text
    following = next(one for one in Outline(html).all("a") if one.get("rel") == "next")
    second = client.get(str(following["href"])).text
    assert '<td role="cell" class="rank" data-label="Rank">51</td>' in second
    assert "Page 2 of" in second
    assert "Previous page" in second


@pytest.mark.parametrize(
    ("address", "status", "says"),
    [
        ("/kandidater?county=oslo&lang=nb", 422, "query.county"),
        ("/kandidater?industry=99&lang=nb", 200, "Ingen virksomheter"),
    ],
)
def test_a_person_gets_a_page_even_when_it_goes_wrong(client: TestClient, address: str, status: int, says: str) -> None:
    answer = client.get(address)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert says in answer.text


def test_before_the_first_run_the_page_says_what_to_do(tmp_path: Path) -> None:
    answer = signed_in(tmp_path).get("/")
    assert answer.status_code == 503
    assert "python -m pipelines score" in answer.text
