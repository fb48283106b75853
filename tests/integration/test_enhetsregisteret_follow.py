"""Following the change feed of a register on this machine, and reading what was captured."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from targeting.domain import BadInputError
from targeting.sources.change_capture import Captured, follow
from targeting.sources.change_feed import read_enterprise_changes, read_establishment_changes
from targeting.sources.detect import SourceKind
from targeting.sources.http_retry import register_client
from tests.lib.register_payloads import deleted_unit, event, main_unit, numbers, sub_unit
from tests.lib.register_server import Answer, Request, Server, scripted, serving

CHANGED, DELETED, GONE, LOST, REMOVED = numbers(5)
FETCHED_ON = date(2026, 2, 4)


def _json(value: object, status: int = 200) -> Answer:
    return Answer(status, json.dumps(value).encode(), (("Content-Type", "application/json"),))


def _feed_event(id_: int, number: str, kind: str = "Endring") -> dict[str, Any]:
    made = event(id_, None, kind, organisasjonsnummer=number, innhold=...)
    return made | {"_links": {"underenhet": {"href": "x"}}}


class _Register:
    """Serves events in pages of the size asked for, and units by number."""

    def __init__(
        self, events: list[dict[str, Any]], units: Mapping[str, Answer], name: str = "underenheter", fail_first: int = 0
    ) -> None:
        self.events = events
        self.units = units
        self.name = name
        self.failures_left = fail_first

    def __call__(self, request: Request) -> Answer:
        if self.failures_left:
            self.failures_left -= 1
            return Answer(503)
        if request.path == f"/api/oppdateringer/{self.name}":
            return _json(self._page(int(request.params["oppdateringsid"]), int(request.params["size"])))
        return self.units[request.path.removeprefix(f"/api/{self.name}/")]

    def _page(self, since: int, size: int) -> dict[str, Any]:
        found = [made for made in self.events if made["oppdateringsid"] >= since][:size]
        page = {"page": {"size": size, "totalElements": len(found), "totalPages": 1, "number": 0}, "_links": {}}
        return page | ({"_embedded": {f"oppdaterte{self.name.capitalize()}": found}} if found else {})


EVENTS = [
    _feed_event(10, CHANGED, "Ny"),
    _feed_event(11, DELETED, "Sletting"),
    _feed_event(12, GONE),
    _feed_event(13, CHANGED),
    _feed_event(14, LOST),
    _feed_event(17, REMOVED, "Fjernet"),
]
UNITS = {
    CHANGED: _json(sub_unit(CHANGED, navn="SISTE NAVN Æ")),
    DELETED: _json(deleted_unit(DELETED)),
    GONE: _json({"organisasjonsnummer": GONE, "slettedato": "2026-02-01"}, status=410),
    LOST: _json({"status": 404}, status=404),
}


def _follow(server: Server, into: Path, since: int = 10, size: int = 10_000) -> Captured:
    with register_client(server.base + "/api", timeout=5) as client:
        return follow(
            client,
            since,
            into,
            kind=SourceKind.ESTABLISHMENT_CHANGES,
            fetched_on=FETCHED_ON,
            size=size,
            sleep=lambda _seconds: None,
        )


@pytest.fixture
def into(tmp_path: Path) -> Path:
    return tmp_path / "oppdateringer_underenheter_2026-02-04.jsonl.gz"


@pytest.mark.parametrize("size", [1, 2, 5, 10_000])
def test_what_changed_is_captured_once_a_unit_and_read_back(into: Path, size: int) -> None:
    with serving(_Register(EVENTS, UNITS)) as server:
        assert _follow(server, into, size=size) == Captured(events=6, lines=5, cursor=17 + 1)
    (batch,) = read_establishment_changes(into)
    rows = batch.rows.select(["establishment", "version", "known_on", "status", "name"]).to_pylist()
    assert [tuple(row.values()) for row in rows] == [
        (DELETED, 11, FETCHED_ON, "deleted", "SYNTETISK VERKSTED"),
        (CHANGED, 13, FETCHED_ON, "living", "SISTE NAVN Æ"),
    ]
    assert batch.purge == (GONE, REMOVED)
    assert [(refused.column, refused.got) for refused in batch.quarantined] == [
        ("innhold", "nothing (the register answered 404)")
    ]
    assert batch.read == 2 + 2 + 1


def test_a_removed_unit_is_not_asked_for(into: Path) -> None:
    with serving(_Register([_feed_event(17, REMOVED, "Fjernet")], {})) as server:
        _follow(server, into)
    assert [request.path for request in server.requests] == ["/api/oppdateringer/underenheter"] * 2


def test_the_feed_is_asked_in_order_from_the_cursor(into: Path) -> None:
    with serving(_Register(EVENTS, UNITS)) as server:
        _follow(server, into, since=14)
    assert server.requests[0].params == {"oppdateringsid": "14", "size": "10000", "sort": "id,ASC"}


def test_nothing_new_writes_nothing_and_keeps_the_cursor(into: Path) -> None:
    with serving(_Register(EVENTS, UNITS)) as server:
        assert _follow(server, into, since=18) == Captured(events=0, lines=0, cursor=18)
    assert not into.exists()


def test_the_same_capture_has_the_same_bytes(into: Path, tmp_path: Path) -> None:
    with serving(_Register(EVENTS, UNITS)) as server:
        _follow(server, into)
        _follow(server, tmp_path / "again.jsonl.gz")
    assert into.read_bytes() == (tmp_path / "again.jsonl.gz").read_bytes()


def test_passing_failures_are_waited_out(into: Path) -> None:
    with serving(_Register(EVENTS, UNITS, fail_first=3)) as server:
        assert _follow(server, into).events == 6


def test_main_units_are_followed_to_a_plain_file(tmp_path: Path) -> None:
    number = numbers(1, "2")[0]
    register = _Register([_feed_event(5, number)], {number: _json(main_unit(number))}, name="enheter")
    into = tmp_path / "oppdateringer_enheter_2026-02-04.jsonl"
    with serving(register) as server, register_client(server.base + "/api") as client:
        follow(client, 1, into, kind=SourceKind.ENTERPRISE_CHANGES, fetched_on=FETCHED_ON)
    (batch,) = read_enterprise_changes(into)
    assert batch.rows["enterprise"].to_pylist() == [number]


def test_a_number_that_is_none_is_not_asked_for_but_stands_in_the_quarantine(into: Path) -> None:
    with serving(_Register([_feed_event(5, "../enheter"), _feed_event(6, "x")], {})) as server:
        assert _follow(server, into, since=5) == Captured(events=2, lines=2, cursor=7)
    (batch,) = read_establishment_changes(into)
    assert [refused.column for refused in batch.quarantined] == ["organisasjonsnummer"] * 2


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (_json({"_embedded": {"annet": []}}), "a HAL page with _embedded.oppdaterteUnderenheter"),
        (_json([]), "a JSON object"),
        (Answer(200, b"<html>"), "a JSON body"),
        (Answer(400), "HTTP 400"),
        (Answer(500), "HTTP 500, 5 times"),
        (_json({"_embedded": {"oppdaterteUnderenheter": EVENTS[::-1]}}), "events in the order of their id, from 10"),
        (_json({"_embedded": {"oppdaterteUnderenheter": [_feed_event(9, CHANGED)]}}), "a page from 9 to 9"),
        (_json({"_embedded": {"oppdaterteUnderenheter": [{"oppdateringsid": "1"}]}}), "a numeric oppdateringsid"),
    ],
)
def test_a_feed_that_cannot_be_followed_writes_nothing(into: Path, answer: Answer, message: str) -> None:
    with serving(scripted(answer)) as server, pytest.raises(BadInputError, match=message):
        _follow(server, into)
    assert list(into.parent.iterdir()) == []


def test_a_unit_that_cannot_be_fetched_leaves_no_half_capture(into: Path) -> None:
    with serving(_Register(EVENTS, UNITS | {CHANGED: Answer(500)})) as server, pytest.raises(BadInputError):
        _follow(server, into)
    assert list(into.parent.iterdir()) == []
