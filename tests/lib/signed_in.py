"""Test clients of people who are logged in, through the service's own development login."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.testclient import TestClient

from api.main import create_app
from targeting.planning.permissions import Role
from targeting.settings import Settings

__all__ = ["BASE", "development", "log_in", "signed_in"]

BASE = "http://testserver"


def development(home: Path, **settings: Any) -> Settings:
    """Settings of a development machine: anybody may log in as anybody."""
    return Settings(home=home, dangerous_development_login=True, **{"requests_at_once": 100_000, **settings})


def signed_in(home: Path, *roles: Role, name: str = "ada", **settings: Any) -> TestClient:
    """A client of a fresh application, logged in as `name` with `roles`: a planner without any."""
    return log_in(create_app(development(home, **settings)), roles or (Role.PLANNER,), name)


def log_in(app: FastAPI, roles: Iterable[Role], name: str = "ada", *, raises: bool = True) -> TestClient:
    """A client logged in at `app`'s development login, which sends forms as a browser does."""
    client = TestClient(app, base_url=BASE, headers={"Origin": BASE}, raise_server_exceptions=raises)
    answer = client.post("/login", data={"name": name, "roles": list(roles)}, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return client
