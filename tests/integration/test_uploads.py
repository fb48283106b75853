"""Files that people send: taken when they are what they say, refused early and in bounded memory when they are not."""

from __future__ import annotations

import hashlib
import io
import os
import re
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import pytest
import xlsxwriter
from starlette.testclient import TestClient

from targeting.planning.permissions import Role
from tests.lib.signed_in import log_in
from tests.lib.upload_app import TAKEN, taking_files

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS = b"establishment,result\n311111116,inspected\n"
MEGABYTE = 1_000_000


def workbook(rows: int = 3, **changes: tuple[bytes, bytes]) -> bytes:
    """A workbook; `changes` replace bytes in its part of that name (dots and slashes as `_`)."""
    plain = io.BytesIO()
    with xlsxwriter.Workbook(plain, {"constant_memory": rows > 1000}) as book:
        sheet = book.add_worksheet("x")
        for row in range(rows):
            sheet.write_row(row, 0, ("311111116", "inspected"))
    changed = io.BytesIO()
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            before, after = changes.get(re.sub(r"\W", "_", name), (b"", b""))
            content = old.read(name)
            assert before in content
            new.writestr(name, content.replace(before, after) if before else content)
    return changed.getvalue()


def zip_bomb(megabytes: int) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/workbook.xml", "w") as part:
        for _ in range(megabytes):
            part.write(b" " * MEGABYTE)
    return packed.getvalue()


def lying_bomb() -> bytes:
    """A bomb whose table of contents claims 1 000 bytes."""
    bomb, size = bytearray(zip_bomb(300)), (300 * MEGABYTE).to_bytes(4, "little")
    while (place := bomb.find(size)) >= 0:
        bomb[place : place + 4] = (1000).to_bytes(4, "little")
    return bytes(bomb)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    made = log_in(taking_files(tmp_path_factory.mktemp("home")), [Role.PLANNER])
    made.headers["X-CSRF-Token"] = token_of(made)
    return made


def token_of(client: Any) -> str:
    page = client.get("/")
    return str(page.text.partition('csrf_token" value="')[2].partition('"')[0])


def sent(client: TestClient, content: bytes, kind: str) -> Any:
    return client.post(TAKEN, content=content, headers={"Content-Type": kind})


@pytest.mark.parametrize(
    ("content", "kind", "name"),
    [
        (ROWS, "text/csv; charset=utf-8", "upload.csv"),
        (ROWS, "application/vnd.ms-excel", "upload.csv"),
        (ROWS.replace(b"\n", b"\r\n"), "", "upload.csv"),
        ("næring\nå\n".encode("utf-8-sig"), "text/csv", "upload.csv"),
        (workbook(), XLSX, "upload.xlsx"),
        (workbook(), "application/octet-stream", "upload.xlsx"),
    ],
)
def test_a_file_of_either_kind_is_taken_and_gone_afterwards(
    client: TestClient, content: bytes, kind: str, name: str
) -> None:
    for answer in (
        sent(client, content, kind),
        client.post(TAKEN, files={"file": ("ada-synt.bin", content, kind.partition(";")[0])}),
    ):
        assert answer.status_code == 200, answer.text
        taken = answer.json()
        assert (taken["name"], taken["size"]) == (name, len(content))
        assert taken["sha256"] == hashlib.sha256(content).hexdigest()
        assert not Path(taken["path"]).exists()


TOO_MUCH_OR_ELSE: dict[str, tuple[Callable[[], bytes], str, int]] = {
    "CSV called XLSX": (lambda: ROWS, XLSX, 415),
    "XLSX called CSV": (workbook, "text/csv", 415),
    "a type nobody takes": (lambda: ROWS, "application/json", 415),
    "a PDF called CSV": (lambda: b"%PDF-1.7\0\0", "text/csv", 415),
    "nothing": (lambda: b"", "text/csv", 415),
    "the beginning of a ZIP": (lambda: b"PK\x03\x04 and then nothing", XLSX, 422),
    "a workbook cut short": (lambda: workbook()[:-100], XLSX, 422),
    "a ZIP of something else": (lambda: zip_bomb(1), XLSX, 422),
    "over 100 MB unpacked": (lambda: zip_bomb(101), XLSX, 413),
    "over 100 times its size": (lambda: zip_bomb(20), XLSX, 413),
    "a bomb that claims to be small": (lying_bomb, XLSX, 422),
    "a cell in the last place": (lambda: workbook(xl_worksheets_sheet1_xml=(b'r="B3"', b'r="XFD1048576"')), XLSX, 422),
    "four thousand million texts": (
        lambda: workbook(xl_sharedStrings_xml=(b'uniqueCount="2"', b'uniqueCount="4294967295"')),
        XLSX,
        422,
    ),
    "a workbook of too many rows": (lambda: workbook(101_000), XLSX, 413),
    "a CSV of too many rows": (lambda: b"1,2\n" * 110_000, "text/csv", 413),
    "the same as an old Mac ends lines": (lambda: b"1,2\r" * 110_000, "text/csv", 413),
    "bytes that are no text, late": (lambda: b"a\n" + b"x" * 2 * MEGABYTE + b"\0", "text/csv", 422),
    "one byte over 20 MB": (lambda: b"x" * 20 * MEGABYTE + b"x", "text/csv", 413),
}


@pytest.mark.parametrize("what", TOO_MUCH_OR_ELSE)
def test_what_is_too_much_or_something_else_is_refused(client: TestClient, what: str) -> None:
    make, kind, status = TOO_MUCH_OR_ELSE[what]
    content = make()
    answer = sent(client, content, kind)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    assert client.post(TAKEN, files={"file": ("x", content, kind)}).status_code == status


def test_a_form_without_a_file_is_refused(client: TestClient) -> None:
    assert client.post(TAKEN, data={"file": "text"}, files={"other": b"x"}).status_code == 422


def test_other_requests_are_small(client: TestClient) -> None:
    answer = client.post("/login", data={"name": "x" * 2 * MEGABYTE})
    assert (answer.status_code, answer.headers["x-frame-options"]) == (413, "DENY")


def test_who_may_not_plan_may_not_send(tmp_path: Path) -> None:
    auditor = log_in(taking_files(tmp_path), [Role.AUDITOR])
    auditor.headers["X-CSRF-Token"] = token_of(auditor)
    assert sent(auditor, ROWS, "text/csv").status_code == 403


class Server(NamedTuple):
    base: str
    process: int

    def peak_megabytes(self) -> float:
        status = Path(f"/proc/{self.process}/status").read_text()
        return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) / 1000


@pytest.fixture(scope="module")
def server(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "tests.lib.upload_app:app", "--port", str(port), "--no-access-log"]
    home = str(tmp_path_factory.mktemp("home"))
    with subprocess.Popen(command, cwd=repository, env={**os.environ, "TARGETING_HOME": home}) as process:
        base = f"http://127.0.0.1:{port}"
        for _ in range(300):
            try:
                httpx2.get(f"{base}/healthz/live")
                break
            except httpx2.ConnectError:
                time.sleep(0.1)
        yield Server(base, process.pid)
        process.terminate()


def test_a_gigabyte_is_refused_in_bounded_memory(server: Server) -> None:
    """As a length claimed, as blocks without an end, as ten million rows, and by somebody nobody knows."""
    with httpx2.Client(base_url=server.base, headers={"Origin": server.base}, timeout=60) as client:
        client.post("/login", data={"name": "ada", "roles": "planner"})
        headers = {"Content-Type": "text/csv", "X-CSRF-Token": token_of(client)}
        before = server.peak_megabytes()
        for length, block in ((1000 * MEGABYTE, None), (None, b"x" * MEGABYTE), (None, b"311111116,1\n" * 80_000)):
            assert _status(server, client, headers, length, block) == 413
        client.cookies.clear()
        assert _status(server, client, headers, 1000 * MEGABYTE, None) == 401
        assert _status(server, client, headers, None, b"x" * MEGABYTE) == 401
        assert client.get("/healthz/live").status_code == 200
        assert server.peak_megabytes() - before < 60


def _status(
    server: Server, client: httpx2.Client, headers: dict[str, str], length: int | None, block: bytes | None
) -> int:
    """The status sent back, read as soon as there is one; what was promised is sent until the other side hangs up."""
    host, port = server.base.removeprefix("http://").split(":")
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    size = f"Content-Length: {length}" if length else "Transfer-Encoding: chunked"
    head = "".join(
        f"{name}: {value}\r\n" for name, value in {**headers, "Origin": server.base, "Cookie": cookies}.items()
    )
    with socket.create_connection((host, int(port)), timeout=30) as wire:
        wire.sendall(f"POST {TAKEN} HTTP/1.1\r\nHost: {host}:{port}\r\n{head}{size}\r\n\r\n".encode())
        try:
            for _ in range(1000 if block else 20):
                part = block or b"x" * MEGABYTE
                wire.sendall(part if length else b"%x\r\n%b\r\n" % (len(part), part))
                wire.setblocking(False)
                try:
                    if answer := wire.recv(100):
                        return int(answer.split()[1])
                except BlockingIOError:
                    pass
                wire.setblocking(True)
        except (BrokenPipeError, ConnectionResetError):
            wire.setblocking(True)
        return int(wire.recv(100).split()[1])
