"""The monitor page and what leaves the house: a quarter that is looked at, pinned, looked at again, and told."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from api.main import create_app
from pipelines import alerts, monitor
from pipelines.monitor_report.page import render
from pipelines.monitor_report.steps import Step, read_steps
from pipelines.progress import Progress
from targeting.domain import AsOf, Target
from targeting.settings import Settings
from targeting.watching import Check, Light, Watch
from tests.lib.published_run import publish
from tests.lib.signed_in import development
from tests.lib.small_country import small_country, store_of

BEFORE, NOW = AsOf(date(2026, 7, 1)), AsOf(date(2026, 10, 1))
SILENT = Progress("test", visible=False)
STEPS = (Step("features", "done", 1200, 12.5, 400.0), Step("publish", "failed", 0, 0.1, 401.0))


class Watched(NamedTuple):
    """A home with two published quarters, the first pinned; and the second as it was seen."""

    home: Path
    watch: Watch


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Watched:
    home = tmp_path_factory.mktemp("home")
    store_of(small_country(7, 250), home)
    publish(home, digit="a", as_of=BEFORE.day, seed=1, targets=tuple(Target))
    first = monitor.monitor(home, BEFORE, date(2026, 7, 2), SILENT)
    assert [check.code for check in first.checks if check.code == "INP000"] == ["INP000"]
    monitor.pin(home, first, "kari", "the first quarter", datetime(2026, 7, 2, tzinfo=UTC))
    publish(home, digit="b", as_of=NOW.day, seed=2, targets=tuple(Target))
    return Watched(home, monitor.monitor(home, NOW, date(2026, 10, 2), SILENT))


def page(watched: Watched) -> str:
    return monitor.page_of(watched.home, NOW).read_text("utf-8")


def test_everything_was_looked_at(watched: Watched) -> None:
    watch = watched.watch
    assert {check.group for check in watch.checks} == {"inputs", "features", "scores", "churn", "calibration"}
    assert (watch.reference_as_of, watch.run) == (str(BEFORE), "b" * 16)
    assert {one.target for one in watch.drift} == set(Target)
    assert {one.before_as_of for one in watch.churn} == {str(BEFORE)}
    assert "INP000" not in {check.code for check in watch.checks}


def test_the_page_stands_alone_in_both_languages_and_names_no_establishment(watched: Watched) -> None:
    html = page(watched)
    assert "<script" not in html
    assert not re.findall(r'(?:src|href)="(?!#|data:)', html)
    assert not re.findall(r"(?<!\d)2\d{8}(?!\d)", re.sub(r"<svg.*?</svg>", "", html, flags=re.DOTALL))
    for words in ("Utskifting på listene", "Churn of the lists", "kari", "the first quarter", "Arbeidsmiljø"):
        assert words in html
    assert html.count('lang="nb"') == html.count('lang="en"') + 1  # the document itself is in bokmål


def test_looking_again_changes_no_byte(watched: Watched) -> None:
    files = sorted(monitor.page_of(watched.home, NOW).parent.iterdir())
    before = [path.read_bytes() for path in files]
    assert monitor.monitor(watched.home, NOW, date(2026, 10, 2), SILENT) == watched.watch
    assert [path.read_bytes() for path in files] == before


def test_time_goes_by_in_the_lights_and_nowhere_else(watched: Watched) -> None:
    later = monitor.monitor(watched.home, NOW, date(2027, 3, 1), SILENT)
    (age,) = (check for check in later.checks if check.code == "RUN001")
    assert age.light is Light.YELLOW
    assert (later.drift, later.churn) == (watched.watch.drift, watched.watch.churn)
    monitor.monitor(watched.home, NOW, date(2026, 10, 2), SILENT)


def test_a_quarter_that_was_stopped_says_what_stays_in_service(watched: Watched) -> None:
    html = render(_stopped(watched.watch), STEPS, None, None)
    assert "Kvartalet er ikke publisert." in html
    assert "feilet" in html


def test_the_steps_are_kept_beside_the_page(watched: Watched, tmp_path: Path) -> None:
    path = monitor.write(tmp_path, watched.watch, STEPS)
    assert read_steps(path.with_name("steps.json")) == STEPS
    assert "400" in path.read_text("utf-8")


def _stopped(watch: Watch) -> Watch:
    red = Check("INP001", "inputs", Light.RED, "establishments", 1, "", "t", "t", "for få rader", "too few rows")
    hidden = Check("DRI003", "scores", Light.RED, "x", 1, "", "t", "t", "skjult", "hidden", Target.WORK_CRIME)
    named = (watch.as_of, None, watch.reference, watch.reference_as_of, None)
    return Watch(*named, (red, hidden), watch.drift, watch.churn, watch.calibration)


class Post(NamedTuple):
    """What the webhook was sent."""

    type: str
    body: dict[str, Any]


@contextmanager
def webhook(*statuses: int) -> Iterator[tuple[str, list[Post]]]:
    """A server that answers with `statuses`, one a request."""
    got: list[Post] = []
    left = list(statuses)

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append(Post(self.headers["Content-Type"], json.loads(body)))
            self.send_response(left.pop(0))
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Silent."""

    server = HTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook?key=secret", got
    finally:
        server.shutdown()
        server.server_close()


def settings(watched: Watched, url: str) -> Settings:
    return Settings(home=watched.home, webhook_url=url, webhook_seconds=2)


def test_the_webhook_is_told_the_light_and_the_reasons_and_no_closed_target(watched: Watched) -> None:
    with webhook(204) as (url, got):
        assert alerts.alert(settings(watched, url), _stopped(watched.watch), STEPS) == ()
    ((kind, body),) = got
    assert kind == "application/json"
    assert (body["light"], body["run"], body["stops"]) == ("red", None, 1)
    assert [one["en"] for one in body["reasons"]] == ["too few rows"]
    assert "work_crime" not in json.dumps(body)


def test_a_published_run_goes_by_the_name_of_its_open_part(watched: Watched) -> None:
    with webhook(200) as (url, got):
        assert alerts.alert(settings(watched, url), watched.watch, STEPS) == ()
    assert got[0].body["run"] == "b" * 15 + "0"


def test_a_green_run_calls_nobody_and_a_failed_one_does(watched: Watched) -> None:
    green = Watch(str(NOW), None, None, None, None)
    with webhook(200) as (url, got):
        assert alerts.alert(settings(watched, url), green, STEPS) == ()
        assert got == []
        assert alerts.alert(settings(watched, url), green, STEPS, failure="the disk is full") == ()
    assert (got[0].body["light"], got[0].body["failure"]) == ("red", "the disk is full")


def test_it_is_tried_once_more_and_then_said_without_the_address(watched: Watched) -> None:
    with webhook(500, 200) as (url, got):
        assert alerts.alert(settings(watched, url), _stopped(watched.watch), STEPS) == ()
        assert len(got) == 2
    with webhook(500, 503) as (url, _):
        (said,) = alerts.alert(settings(watched, url), _stopped(watched.watch), STEPS)
    (gone,) = alerts.alert(settings(watched, url), _stopped(watched.watch), STEPS)  # nobody listens there any more
    (wrong,) = alerts.alert(settings(watched, "not an address"), _stopped(watched.watch), STEPS)
    assert said.endswith("after 2 tries: status 503")
    assert not any("127.0.0.1" in one or "secret" in one or "address" in one for one in (said, gone, wrong))


def figures(text: str) -> dict[tuple[str, str], float]:
    """Every sample by its name and the value of its one label."""
    return {
        (sample.name, next(iter(sample.labels.values()), "")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_the_figures_are_those_of_the_run_and_of_no_closed_target(watched: Watched) -> None:
    text = alerts.write_metrics(watched.home, watched.watch, STEPS).read_text("utf-8")
    found = figures(text)
    assert "work_crime" not in text
    assert found["targeting_step_seconds", "features"] == 12.5
    assert found["targeting_quarterly_published", ""] == 1
    assert found["targeting_published_as_of_timestamp_seconds", ""] == datetime(2026, 10, 1, tzinfo=UTC).timestamp()
    assert found["targeting_light", "inputs"] in (0, 1, 2)
    assert found["targeting_drift_psi_max", "bht_use"] == max(
        one.psi for one in watched.watch.drift if one.target is Target.BHT_USE
    )
    assert list((watched.home / "quarterly").iterdir()) == [watched.home / alerts.METRICS]


def test_metrics_that_cannot_be_written_are_said_and_fail_nothing(watched: Watched, tmp_path: Path) -> None:
    (tmp_path / "quarterly").write_text("a file in the way")
    said = alerts.alert(Settings(home=tmp_path), watched.watch, STEPS)
    assert said == ("the metrics could not be written: FileExistsError",)


def test_the_service_answers_with_the_same_figures_and_its_own(watched: Watched, tmp_path: Path) -> None:
    alerts.write_metrics(watched.home, watched.watch, STEPS)
    answer = TestClient(create_app(development(watched.home))).get("/metrics")
    found = figures(answer.text)
    assert answer.headers["content-type"].startswith("text/plain")
    assert found["targeting_step_rows", "features"] == 1200
    assert found["process_resident_memory_bytes", ""] > 0
    empty = TestClient(create_app(development(tmp_path))).get("/metrics")
    assert (empty.status_code, "targeting_" in empty.text) == (200, False)
