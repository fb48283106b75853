"""Every text of the pages is in the catalogue, once, and nothing else is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from api.pages.languages import CATALOGUES, speech
from api.pages.names import KINDS
from targeting.domain import Arm, Scheme, Target
from targeting.ledger import EventKind
from targeting.planning.permissions import Role
from targeting.planning.states import PlanState

METHODS = [("**.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")]
KEYWORDS = {"_": None, "text": None, "marked": None, "counted": (1, 2)}
PLACE = re.compile(r"%(?:\((\w+)\))?[s%]")


def ids(found: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (found,) if isinstance(found, str) else tuple(found or ("",))


@pytest.fixture(scope="module")
def used(repository: Path) -> dict[tuple[str, ...], str]:
    """Each text with one place where it is said."""
    found = extract_from_dir(repository / "api" / "pages", method_map=METHODS, keywords=KEYWORDS)
    return {ids(message): f"{path}:{line}" for path, line, message, _, _ in found}


def messages() -> Iterator[Message]:
    for path in sorted(CATALOGUES.glob("*.po")):
        with path.open("rb") as source:
            yield from (one for one in read_po(source, locale="nb", abort_invalid=True) if one.id)


def test_every_text_is_translated(used: dict[tuple[str, ...], str]) -> None:
    known = {ids(one.id) for one in messages() if all(ids(one.string))}
    assert {place: text for text, place in used.items() if text not in known} == {}


def test_no_translation_is_unused_or_there_twice(used: dict[tuple[str, ...], str]) -> None:
    counted = Counter(ids(one.id) for one in messages())
    assert [text for text in counted if text not in used] == []
    assert [text for text, times in counted.items() if times > 1] == []


def test_a_translation_has_the_places_of_its_text() -> None:
    for one in messages():
        for said in ids(one.string):
            assert set(PLACE.findall(said)) - {""} == set(PLACE.findall(ids(one.id)[0])) - {""}, one.id


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("target", Target),
        ("role", Role),
        ("event", EventKind),
        ("state", PlanState),
        ("arm", Arm),
        ("scheme", Scheme),
        ("duty", ("yes", "conditional", "no")),
        ("dispensation", ("none", "partial", "full")),
    ],
)
def test_every_value_of_the_data_has_a_name(kind: str, values: tuple[str, ...]) -> None:
    assert set(KINDS[kind]) == {str(value) for value in values}


def test_data_quality_flags_and_candidates_have_names(repository: Path) -> None:
    sql = (repository / "src" / "targeting" / "cohort" / "identity.sql").read_text("utf-8")
    flags = set(re.findall(r"if\([^\n]*'(\w+)', NULL\)", sql))
    assert flags == set(KINDS["flag"])
    specified = "".join(path.read_text("utf-8") for path in (repository / "models").glob("*.toml"))
    assert set(re.findall(r'^name = "(\w+)"', specified, re.MULTILINE)) <= set(KINDS["candidate"])


def test_numbers_and_days_are_said_as_the_language_does() -> None:
    nb, en = speech("nb"), speech("en")
    assert [one.number(12345.678, 1).replace("\N{NO-BREAK SPACE}", "_") for one in (nb, en)] == ["12_345,7", "12,345.7"]
    assert [one.interval(0.123, 1).replace("\N{NO-BREAK SPACE}", "_") for one in (nb, en)] == ["12–100_%", "12–100%"]
    assert [one.day(date(2027, 3, 1)) for one in (nb, en)] == ["1. mars 2027", "1 Mar 2027"]
    assert nb.moment("2026-07-01T22:30:00+00:00") == "2. juli 2026, 00:30", "on the clock in Norway, in summer"
    assert nb.counted("%(num)s establishment", "%(num)s establishments", 1) == "1 virksomhet"
    assert nb.named("some_new_kind", "candidate") == "some_new_kind"
