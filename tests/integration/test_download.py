"""A bulk file is fetched whole or not at all: only when changed, again when broken, checked before use."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from targeting.domain import BadInputError, NotFoundError
from targeting.sources.download import Downloaded, download
from targeting.sources.http_retry import register_client
from tests.lib.register_payloads import sub_unit
from tests.lib.register_server import Answer, Server, scripted, serving

PAYLOAD = gzip.compress(json.dumps([sub_unit()]).encode(), mtime=0)
NEWER = gzip.compress(json.dumps([sub_unit(navn="NYTT")]).encode(), mtime=0)
VALIDATORS = (("ETag", '"v1"'), ("Last-Modified", "Tue, 03 Feb 2026 04:00:00 GMT"))
PATH = "/underenheter/lastned"


class _Waits(list[float]):
    """Collects what would have been slept."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def _get(server: Server, into: Path, waits: _Waits | None = None) -> Downloaded:
    with register_client(server.base + "/api", timeout=5) as client:
        return download(client, PATH, into, sleep=waits if waits is not None else _Waits())


@pytest.fixture
def into(tmp_path: Path) -> Path:
    return tmp_path / "incoming" / "underenheter_2026-02-03.json.gz"


def _files(into: Path) -> list[str]:
    return sorted(path.name for path in into.parent.iterdir()) if into.parent.exists() else []


def test_a_file_is_fetched_and_its_validators_kept_beside_it(into: Path) -> None:
    with serving(scripted(Answer(200, PAYLOAD, VALIDATORS))) as server:
        assert _get(server, into) == Downloaded(into, changed=True, size=len(PAYLOAD))
    assert into.read_bytes() == PAYLOAD
    assert _files(into) == [into.name, f"{into.name}.http.json"]
    (request,) = server.requests
    assert request.path == "/api" + PATH
    assert request.headers["user-agent"].startswith("targeting")
    assert request.headers["accept-encoding"] == "identity"
    assert "if-none-match" not in request.headers


def test_an_unchanged_file_is_not_fetched_again(into: Path) -> None:
    with serving(scripted(Answer(200, PAYLOAD, VALIDATORS), Answer(304))) as server:
        _get(server, into)
        assert _get(server, into) == Downloaded(into, changed=False, size=len(PAYLOAD))
    assert server.requests[1].headers["if-none-match"] == '"v1"'
    assert server.requests[1].headers["if-modified-since"] == VALIDATORS[1][1]
    assert into.read_bytes() == PAYLOAD


def test_a_changed_file_takes_the_place_of_the_old_one(into: Path) -> None:
    with serving(scripted(Answer(200, PAYLOAD, VALIDATORS), Answer(200, NEWER))) as server:
        _get(server, into)
        assert _get(server, into).changed
    assert into.read_bytes() == NEWER


@pytest.mark.parametrize("lost", ["file", "note", "part of the file"])
def test_a_copy_that_is_not_the_described_one_is_fetched_without_conditions(into: Path, lost: str) -> None:
    with serving(scripted(Answer(200, PAYLOAD, VALIDATORS))) as server:
        _get(server, into)
        if lost == "part of the file":
            into.write_bytes(PAYLOAD[:-3])
        else:
            (into if lost == "file" else into.with_name(into.name + ".http.json")).unlink()
        assert _get(server, into).changed
    assert "if-none-match" not in server.requests[1].headers
    assert into.read_bytes() == PAYLOAD


@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_a_server_error_is_tried_again_with_growing_waits(into: Path, status: int) -> None:
    waits = _Waits()
    with serving(scripted(Answer(status), Answer(status), Answer(200, PAYLOAD))) as server:
        assert _get(server, into, waits).changed
    assert waits == [1.0, 2.0]
    assert into.read_bytes() == PAYLOAD


def test_patience_ends_and_leaves_nothing_behind(into: Path) -> None:
    waits = _Waits()
    with (
        serving(scripted(Answer(500))) as server,
        pytest.raises(BadInputError, match=r"a whole answer from the register, got HTTP 500, 5 times"),
    ):
        _get(server, into, waits)
    assert (len(server.requests), waits) == (5, [1.0, 2.0, 4.0, 8.0])
    assert _files(into) == []


def test_nobody_at_the_address_is_tried_again_too(into: Path) -> None:
    with serving(scripted(Answer(200))) as server:
        pass
    waits = _Waits()
    with pytest.raises(BadInputError, match="5 times"):
        _get(server, into, waits)
    assert len(waits) == 4


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(Answer(200, PAYLOAD, cut=10), id="hung up before the promised length"),
        pytest.param(Answer(200, PAYLOAD[:-10], promise_length=False), id="no length promised, gzip cut"),
        pytest.param(Answer(200, PAYLOAD[:-10]), id="length as promised, gzip cut"),
        pytest.param(Answer(200, b"<html>maintenance</html>"), id="a page instead of the file"),
    ],
)
def test_a_body_that_is_not_whole_is_fetched_again_and_never_put_in_place(into: Path, broken: Answer) -> None:
    with serving(scripted(broken, Answer(200, PAYLOAD))) as server:
        assert _get(server, into).changed
    assert into.read_bytes() == PAYLOAD

    with serving(scripted(broken)) as server, pytest.raises(BadInputError):
        _get(server, into)
    assert into.read_bytes() == PAYLOAD
    assert _files(into) == [into.name, f"{into.name}.http.json"]


@pytest.mark.parametrize("status", [404, 410])
def test_what_is_not_there_is_said_at_once(into: Path, status: int) -> None:
    waits = _Waits()
    with serving(scripted(Answer(status))) as server, pytest.raises(NotFoundError, match=f"HTTP {status}"):
        _get(server, into, waits)
    assert (len(server.requests), waits, _files(into)) == (1, [], [])


@pytest.mark.parametrize("status", [204, 304, 400, 403])
def test_any_other_answer_is_refused_at_once(into: Path, status: int) -> None:
    with (
        serving(scripted(Answer(status))) as server,
        pytest.raises(BadInputError, match=f"the whole answer, HTTP 200, got HTTP {status}"),
    ):
        _get(server, into)
    assert (len(server.requests), _files(into)) == (1, [])


def test_a_file_that_is_no_gzip_by_name_is_taken_as_it_is(tmp_path: Path) -> None:
    into = tmp_path / "enheter.json"
    with serving(scripted(Answer(200, b"[]"))) as server:
        _get(server, into)
    assert into.read_bytes() == b"[]"


def test_a_note_that_is_no_note_is_refused(into: Path) -> None:
    with serving(scripted(Answer(200, PAYLOAD, VALIDATORS))) as server:
        _get(server, into)
        into.with_name(into.name + ".http.json").write_text("[]")
        with pytest.raises(BadInputError, match=r"the note that the last download left.*delete it"):
            _get(server, into)
