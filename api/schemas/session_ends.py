"""Ending a person's sessions before their time."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.base import Output

__all__ = ["AskedSessionEnd", "SessionEnded"]


class AskedSessionEnd(BaseModel):
    """Whose sessions, by the name that the audit keeps, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    person: Annotated[str, Field(min_length=1, max_length=100)]
    text: Annotated[str, Field(min_length=1, max_length=2000, pattern=r"\S")]


class SessionEnded(Output):
    """Sessions of the person from before `at` hold no longer."""

    person: str
    at: datetime
