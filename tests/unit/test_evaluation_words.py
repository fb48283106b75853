"""What the report says: every word in both languages, and a word for everything that can come."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from pipelines.evaluation_report import words
from pipelines.evaluation_report.page import failed_entry, render
from pipelines.evaluation_report.words import has, listing, share
from targeting.domain import AsOf, Target
from targeting.evaluation.gates import Evidence, check_gates
from targeting.evaluation.groups import DIMENSIONS
from targeting.modelling.specification import load_specification


def _entries(found: Any, where: str = "") -> Iterator[tuple[str, Mapping[str, str]]]:
    if isinstance(found, Mapping) and set(found) >= {"nb", "en"}:
        yield where, found
    elif isinstance(found, Mapping):
        for name, value in found.items():
            yield from _entries(value, f"{where}.{name}")
    else:
        for place, value in enumerate(found):
            yield from _entries(value, f"{where}.{place}")


def _all() -> dict[str, Mapping[str, str]]:
    path = Path(words.__file__).with_name("words.toml")
    return dict(_entries(tomllib.loads(path.read_text("utf-8"))))


def test_both_languages_say_something_and_fill_in_the_same() -> None:
    entries = _all()
    assert len(entries) > 200
    for where, entry in entries.items():
        assert entry["nb"].strip() and entry["en"].strip(), where
        named = [set(re.findall(r"{(\w+)}", entry[language])) for language in ("nb", "en")]
        assert named[0] == named[1], where


def test_every_candidate_that_is_specified_has_a_name(repository: Path) -> None:
    for target in Target:
        candidates = load_specification(repository / "models" / f"{target}.toml").candidates
        assert [one.name for one in candidates if not has(f"candidate.{one.name}")] == []


def test_every_gate_target_and_dimension_has_its_words(repository: Path) -> None:
    specification = load_specification(repository / "models" / "bht_use.toml")
    for gate in check_gates(Evidence(specification)):
        for key in ("title", "pass_means", "fail_means", "na_means"):
            assert has(f"gate.{key}.{gate.code}"), gate.code
    for target in Target:
        assert has(f"target.{target}") and has(f"meaning.{target}")
        assert len(listing(f"not_for.{target}")) >= 2
    assert all(has(f"dimension.{name}") for name in DIMENSIONS)


def test_terms_of_the_glossary_are_explained() -> None:
    keys = _all()
    terms = [key.removeprefix(".glossary.terms.") for key in keys if key.startswith(".glossary.terms.")]
    assert terms == [key.removeprefix(".glossary.means.") for key in keys if key.startswith(".glossary.means.")]


def test_what_is_not_known_is_a_dash() -> None:
    assert share(float("nan")).nb == "–"


@pytest.mark.parametrize("synthetic", [True, False])
def test_a_target_that_could_not_be_trained_is_told_with_the_reason(synthetic: bool) -> None:
    entry = failed_entry(Target.WORK_CRIME, "expected inspections <of it>, got none")
    page = render([entry], AsOf.parse("2027-01-01"), synthetic=synthetic)
    assert "expected inspections &lt;of it&gt;, got none" in page
    assert "1. januar 2027" in page.replace("\N{NO-BREAK SPACE}", " ")
    assert ("oppdiktet" in page) == synthetic
