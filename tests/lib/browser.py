"""A real Chromium on a running service: what tests of pages share. Take the fixtures of `tests/browser/conftest.py`."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, sync_playwright

from targeting.planning.permissions import Role

__all__ = ["chromium", "cut_off", "enter", "launched", "running", "too_wide", "violations"]

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_INSTALL = ("apt-get", "install", "-y", "-q", "--no-install-recommends", "chromium")
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}


def chromium() -> str:
    """The installed Chromium; Debian's package is installed where root may, else the test fails with the command."""
    found = _found()
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(_INSTALL, check=False, capture_output=True)
        found = _found()
    assert found, f"Chromium is not here; run once: sudo {' '.join(_INSTALL)}"
    return found


def _found() -> str | None:
    return next((path for name in _PROGRAMS if (path := shutil.which(name))), None)


@contextmanager
def running(app: FastAPI) -> Iterator[str]:
    """Serve `app` on a free port of this machine; the address."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", log_config=None))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the service did not start"
            time.sleep(0.02)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(10)


@contextmanager
def launched() -> Iterator[Browser]:
    """A headless Chromium that asks nobody for anything."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(_FLAGS))
        yield browser
        browser.close()


def enter(page: Page, address: str, roles: Iterable[Role], name: str = "ada") -> None:
    """Log `name` in through the form of the development login."""
    page.goto(f"{address}/login")
    page.fill("#name", name)
    for role in roles:
        page.check(f"#role-{role.value}")
    page.click("main button[type=submit]")


def violations(page: Page) -> list[Any]:
    """What axe-core finds against WCAG 2.1 A and AA on the page as it stands: rule, and where."""
    found = Axe().run(page, options=_RULES).response["violations"]
    return [(one["id"], [node["html"][:200] for node in one["nodes"][:3]]) for one in found]


def too_wide(page: Page) -> list[str]:
    """What makes the whole page scroll sideways; empty when nothing does."""
    wide = """() => document.documentElement.scrollWidth <= window.innerWidth ? [] :
        [...document.querySelectorAll('body *')].filter(one => !one.closest('.scrolled')
            && one.getBoundingClientRect().right > window.innerWidth + 1).slice(0, 5)
            .map(one => one.outerHTML.slice(0, 120)).concat('the page')"""
    found: list[str] = page.evaluate(wide)
    return found


def cut_off(page: Page) -> list[str]:
    """Words that stand outside the screen, and parts that must be moved sideways to be read, tables apart."""
    outside = """() => [...document.querySelectorAll('main svg text, main p, main h1, main h2, main h3, main label')]
        .filter(one => one.checkVisibility() && !one.closest('.scrolled, .announced'))
        .filter(one => { const box = one.getBoundingClientRect();
            return box.width && (box.right > innerWidth + 1 || box.left < -1) })
        .concat([...document.querySelectorAll('main *')].filter(one => one.scrollWidth > one.clientWidth + 1
            && ['auto', 'scroll'].includes(getComputedStyle(one).overflowX)
            && !one.matches('.scrolled, textarea, input')))
        .slice(0, 5).map(one => one.outerHTML.slice(0, 120))"""
    found: list[str] = page.evaluate(outside)
    return found
