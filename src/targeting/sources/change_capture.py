"""Following the change feed over HTTP: what changed since a cursor, each unit fetched, captured to one file."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

import httpx2

from targeting.domain import BadInputError, is_organisation_number
from targeting.sources.change_feed import REMOVED
from targeting.sources.detect import SourceKind
from targeting.sources.http_retry import ATTEMPTS, Sleep, patiently, refuse_failure

__all__ = ["Captured", "follow"]

LARGEST_PAGE: Final = 10_000
"""The API refuses `(page + 1) * size` beyond this, so the cursor moves and the page number never does."""

_REGISTERS: Final[Mapping[SourceKind, tuple[str, str]]] = {
    SourceKind.ENTERPRISE_CHANGES: ("enheter", "oppdaterteEnheter"),
    SourceKind.ESTABLISHMENT_CHANGES: ("underenheter", "oppdaterteUnderenheter"),
}
_NOT_FOUND: Final = 404
_GONE: Final = 410

Event = Mapping[str, object]


class Captured(NamedTuple):
    """Events met, lines written (the newest event of each unit), and the id to follow from next time."""

    events: int
    lines: int
    cursor: int


class _Asker(NamedTuple):
    """How the API is asked: the client (which knows the base address) and the patience."""

    client: httpx2.Client
    sleep: Sleep
    attempts: int

    def get(self, path: str, **params: str | int) -> httpx2.Response:
        return patiently(lambda: self._once(path, params), path, sleep=self.sleep, attempts=self.attempts)

    def _once(self, path: str, params: Mapping[str, str | int]) -> httpx2.Response:
        response = self.client.get(path, params=dict(params))
        if response.status_code not in (_NOT_FOUND, _GONE):
            refuse_failure(response, path)
        return response


def follow(
    client: httpx2.Client,
    since_id: int,
    into: Path,
    *,
    kind: SourceKind,
    fetched_on: date,
    size: int = LARGEST_PAGE,
    sleep: Sleep = time.sleep,
    attempts: int = ATTEMPTS,
) -> Captured:
    """Capture every change from `since_id` on to `into` (gzipped when it ends in .gz), for `read_..._changes`.

    `client` has the register's base address (`http_retry.register_client`). Only the newest event of a unit is
    written: what the unit looked like at the earlier ones can no longer be fetched. A unit that answers 410 is
    written with its two-key body, which purges it; one that answers 404 with content null. `fetched_on` is written
    to every line as `hentet`. The file appears whole or not at all, and only when something changed; nothing is
    skipped on failure, the caller keeps the old cursor. Raises `BadInputError` when the API cannot be followed.
    """
    asker = _Asker(client, sleep, attempts)
    path, embedded = _REGISTERS[kind]
    newest: dict[str, Event] = {}
    events, cursor = 0, since_id
    while page := _page(asker, path, embedded, cursor, size):
        events += len(page)
        cursor = _next_cursor(page, cursor, path)
        newest.update((_number(event) or f"event {_id(event)}", event) for event in page)
    lines = sorted(newest.values(), key=_id)
    if lines:
        _write(into, (_line(asker, path, event, fetched_on) for event in lines))
    return Captured(events, len(lines), cursor)


def _page(asker: _Asker, path: str, embedded: str, cursor: int, size: int) -> list[Event]:
    where = f"/oppdateringer/{path}"
    answer = _object(asker.get(where, oppdateringsid=cursor, size=size, sort="id,ASC"), where)
    holder = answer.get("_embedded", {embedded: []})
    events = holder.get(embedded) if isinstance(holder, Mapping) else None
    if not isinstance(events, list) or not all(isinstance(event, Mapping) for event in events):
        raise BadInputError(expected=f"a HAL page with _embedded.{embedded}", got="another body", where=where)
    return events


def _object(response: httpx2.Response, where: str) -> Mapping[str, object]:
    try:
        answer = response.json()
    except ValueError as cause:
        raise BadInputError(expected="a JSON body", got="something else", where=where, do="try again later") from cause
    if not isinstance(answer, Mapping):
        raise BadInputError(expected="a JSON object", got="another value", where=where, do="try again later")
    return answer


def _next_cursor(page: list[Event], cursor: int, path: str) -> int:
    """One past the newest id. A page out of order or before the cursor would lose events, or never end."""
    ids = [_id(event) for event in page]
    if ids != sorted(ids) or ids[0] < cursor:
        raise BadInputError(
            expected=f"events in the order of their id, from {cursor}",
            got=f"a page from {min(ids)} to {max(ids)}",
            where=f"/oppdateringer/{path}",
            do="check that the API still sorts by id; nothing was written",
        )
    return ids[-1] + 1


def _id(event: Event) -> int:
    value = event.get("oppdateringsid")
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise BadInputError(expected="a numeric oppdateringsid", got="another value", where="oppdateringsid")
    return int(value)


def _number(event: Event) -> str | None:
    """The event's organisation number; null when it is none, and then nothing is asked about it."""
    number = event.get("organisasjonsnummer")
    return number if isinstance(number, str) and is_organisation_number(number) else None


def _line(asker: _Asker, path: str, event: Event, fetched_on: date) -> str:
    kept = {key: event.get(key) for key in ("oppdateringsid", "dato", "organisasjonsnummer", "endringstype")}
    line = kept | {"hentet": fetched_on.isoformat(), "innhold": _content(asker, path, event)}
    # ASCII, so that half a surrogate pair reaches the reader, which quarantines it, instead of failing here.
    return json.dumps(line, separators=(",", ":")) + "\n"


def _content(asker: _Asker, path: str, event: Event) -> Mapping[str, object] | None:
    number = _number(event)
    if number is None or event.get("endringstype") == REMOVED:
        return None
    where = f"/{path}/{number}"
    response = asker.get(where)
    if response.status_code == _NOT_FOUND:
        return None
    body = _object(response, where)
    if response.status_code == _GONE:
        return {"organisasjonsnummer": number, "slettedato": body.get("slettedato")}
    return body


def _write(into: Path, lines: Iterator[str]) -> None:
    into.parent.mkdir(parents=True, exist_ok=True)
    part = into.with_name(into.name + ".part")
    try:
        if into.name.endswith(".gz"):
            # No name and no time in the header: the same capture gives the same bytes.
            with part.open("wb") as raw, gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed:
                packed.writelines(line.encode() for line in lines)
        else:
            with part.open("w", encoding="utf-8", newline="\n") as out:
                out.writelines(lines)
        part.replace(into)
    finally:
        part.unlink(missing_ok=True)
