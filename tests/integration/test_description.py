"""The public description says what the code does, in both languages, and a stale one is noticed."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipelines.describe import DOCS, check, describe, publish
from pipelines.train import MODELS
from targeting.domain import BadInputError, NotFoundError, RefusedError, Target
from targeting.evaluation.description import LANGUAGES, Figures, document, facts
from targeting.evaluation.description.fields import _ATRS, _DUTCH
from targeting.evaluation.description.words import _WORDS, Language
from targeting.features import load_families
from targeting.parameters.access import withheld
from targeting.parameters.thresholds import pacing


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    told = facts(MODELS)
    return {language: document(told, language) for language in LANGUAGES}


def test_the_committed_pages_are_those_of_the_repository() -> None:
    check(DOCS)


def test_the_same_repository_gives_the_same_bytes(tmp_path: Path) -> None:
    first = [path.read_bytes() for path in describe(tmp_path / "one")]
    assert first == [path.read_bytes() for path in describe(tmp_path / "two")]


@pytest.mark.parametrize("change", ["another word", ""])
def test_a_stale_or_missing_page_is_refused_with_what_to_do(tmp_path: Path, change: str) -> None:
    describe(tmp_path)
    page = tmp_path / "en.md"
    page.write_text(page.read_text() + change) if change else page.unlink()
    with pytest.raises(RefusedError, match=r"docs/algorithm/en\.md.*pipelines describe"):
        check(tmp_path)


def test_a_changed_specification_changes_the_page(tmp_path: Path, pages: dict[str, str]) -> None:
    models = shutil.copytree(MODELS, tmp_path / "models")
    specification = models / "bht_use.toml"
    specification.write_text(specification.read_text().replace("first_day = 2016-01-01", "first_day = 2018-01-01"))
    assert "2018-01-01" in document(facts(models), "nb")
    assert "2018-01-01" not in pages["nb"]


def test_a_law_change_nobody_translated_is_refused(tmp_path: Path) -> None:
    models = shutil.copytree(MODELS, tmp_path / "models")
    specification = models / "bht_use.toml"
    text = specification.read_text()
    assert 'why = "the BHT list' in text
    specification.write_text(text.replace('why = "the BHT list', 'why = "a new BHT list'))
    with pytest.raises(BadInputError, match=r"translation of 'a new BHT list.*translations\.toml"):
        document(facts(models), "nb")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_input_is_there_with_source_basis_and_personal_mark(pages: dict[str, str], language: str) -> None:
    rows = {
        found[1]: [cell.strip() for cell in line.strip("|").split(" | ")]
        for line in pages[language].splitlines()
        if (found := re.match(r"\| `([a-z0-9_]+)` \|", line))
    }
    features = [feature for family in load_families() for feature in family.features]
    assert set(rows) == {feature.name for feature in features}
    bases = len({feature.legal_basis for feature in features})
    for feature in features:
        *_, personal, used, basis = rows[feature.name]
        assert ("off" in personal or "av" in personal) == feature.personal
        assert 1 <= int(basis) <= bases
        assert (used in ("none", "ingen")) == feature.personal


@pytest.mark.parametrize("language", LANGUAGES)
def test_thresholds_of_work_crime_flags_are_not_published(pages: dict[str, str], language: str) -> None:
    (family,) = [one for one in load_families() if one.name == "work_crime_flags"]
    flags = "\n".join(line.split(" | ")[1] for line in pages[language].splitlines() if line.startswith("| `flag_"))
    assert len(flags.splitlines()) > 10
    for constant in family.constants:
        if isinstance(constant.value, int | float) and constant.value > 100:
            assert f"{constant.value:g}" not in flags
        if "_" in constant.name:
            assert constant.name not in flags


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_standards_are_answered_field_by_field_and_nothing_is_left_open(
    pages: dict[str, str], language: str
) -> None:
    page = pages[language]
    for field, _ in (*_ATRS, *_DUTCH):
        (answer,) = re.findall(rf"^\| {re.escape(field)} \| (.+) \|$", page, re.MULTILINE)
        assert len(answer) > 10
    assert not re.findall(r"TODO|TBD|lorem|\{[a-z_]+\}|<[A-Za-z]+>", page)
    headings = set(re.findall(r"^## (.+)$", page, re.MULTILINE))
    assert set(re.findall(r'(?:Se «|See ")([^»"]+)[»"]', page)) <= headings


def test_the_languages_say_the_same_in_other_words(pages: dict[str, str]) -> None:
    shapes = [re.findall(r"^(#+ |- |\d+\. |\| )", page, re.MULTILINE) for page in pages.values()]
    assert shapes[0] == shapes[1]
    assert set(re.findall(r"v?[0-9a-f]{12}|\b\d{3,4}\b", pages["nb"])) == set(
        re.findall(r"v?[0-9a-f]{12}|\b\d{3,4}\b", pages["en"])
    )
    blocks = [page.split("\n\n") for page in pages.values()]
    same = {nb for nb, en in zip(*blocks, strict=True) if nb == en and not nb.startswith("###")}
    assert same == set()


def test_every_text_is_in_both_languages_and_a_missing_one_is_an_error() -> None:
    assert all(set(entry) == {"nb", "en"} for entry in _WORDS.values())
    with pytest.raises(BadInputError, match="no_such_text"):
        Language("nb")("no_such_text")
    with pytest.raises(BadInputError, match="nb, en"):
        Language("sv")


def test_figures_of_the_parameters_and_exemptions_are_told(pages: dict[str, str]) -> None:
    rules = pacing(date.max)
    assert f"{100 * rules.exploration_share:g} % av plassene" in pages["nb"]
    assert all(one.clause_nb in pages["nb"] and one.what_en in pages["en"] for one in withheld(date.max))


def test_publishing_without_a_model_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="pipelines train"):
        publish(tmp_path, tmp_path / "out")


def _manifest(**about: Any) -> dict[str, Any]:
    measured = {"precision_at_k": 0.61, "auc": 0.7, "ece": 0.02, "k": 12, "rows": 371}
    return {
        "candidate": "logistic",
        "features": ["solidity", "liquidity"],
        "rows": 1376,
        "trained_until": "2027-01-01",
        "test_windows": ["2026Q1"],
        "forward": {
            "logistic": measured,
            "sector_rate": measured | {"precision_at_k": 0.44},
            "last_result": measured | {"precision_at_k": 0.5, "auc": None},
            "random": measured | {"precision_at_k": 0.4},
        },
        "gates": [
            {"outcome": "pass", "severity": "block"},
            {"outcome": "fail", "severity": "warn"},
            {"outcome": "not applicable", "severity": "block"},
        ],
    } | about


def test_figures_of_a_home_stand_beside_the_best_rule_and_chance() -> None:
    bands = (("Høy", "High"), ("Lav", "Low"))
    told = Figures("v0123456789ab", _manifest(), "a" * 16, "2027-01-01", 1761, bands)
    page = document(facts(MODELS, {Target.BHT_USE: told}), "en")

    assert "| Share with a breach among the first 12 | 0.61 | 0.44 | 0.40 |" in page
    assert "Best simple rule (the industry's breach rate)" in page
    assert "2 inputs, learned from 1376 inspections known before 2027-01-01" in page
    assert "1 passed, 1 with a warning, 0 blocked, 1 not applicable" in page
    assert "bands: High, Low" in page
    assert page.count("No model has been trained for this purpose yet.") == 3
    assert "0,61" in document(facts(MODELS, {Target.BHT_USE: told}), "nb")


def test_a_model_that_was_never_tested_forward_says_so_by_silence() -> None:
    told = Figures("v0123456789ab", _manifest(forward={}, test_windows=[]))
    page = document(facts(MODELS, {Target.BHT_USE: told}), "en")
    assert "Share with a breach among" not in page
    assert "v0123456789ab" in page
