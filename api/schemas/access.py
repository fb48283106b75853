"""An access request and its answer."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import Field

from api.schemas.asked_problem import Input
from api.schemas.base import Output

__all__ = ["AccessAnswerOut", "AskedAccess", "WordsOut"]


class AskedAccess(Input):
    """Who asks. `work_crime` and `staff_named` tell more, where somebody decided that the exemption does not apply."""

    number: Annotated[str, Field(min_length=9, max_length=11, description="organisation number")]
    work_crime: bool = False
    staff_named: bool = False


class WordsOut(Output):
    """A text in both languages."""

    nb: str
    en: str


class AccessAnswerOut(Output):
    """What is held about the number, by which law, each score with its reasons, and who looked.

    `complete` is false where registers are counted and not told row by row; `sha256` names this answer in the audit.
    """

    sha256: str
    number: str
    kind: str
    on: date
    complete: bool
    right: WordsOut
    establishments: list[str]
    holdings: list[dict[str, Any]]
    facts: list[dict[str, Any]]
    scores: list[dict[str, Any]]
    plans: list[dict[str, Any]]
    seen: list[dict[str, Any]]
    corrections: list[dict[str, Any]]
    exemptions: list[dict[str, Any]]
