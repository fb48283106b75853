"""The committed cards: people's part, and evidence that is of the specification beside it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from targeting.domain import BadInputError, Target
from targeting.evaluation.card import evidence_in, fill_card

REGENERATE = (
    "the evidence is of an older specification: run `python -m pipelines demo --establishments 15000 --seed 5` and "
    "`python -m pipelines evaluate --as-of 2027-01-01 --cards models`"
)


@pytest.mark.parametrize("target", list(Target))
def test_the_evidence_is_of_the_specification_beside_it_and_says_whose_it_is(repository: Path, target: Target) -> None:
    evidence = evidence_in((repository / "models" / f"{target}.md").read_text("utf-8"))
    specification = hashlib.sha256((repository / "models" / f"{target}.toml").read_bytes()).hexdigest()
    assert "not from Norway" in evidence
    assert f"Specification `{specification[:12]}`" in evidence, REGENERATE


@pytest.mark.parametrize("card", ["# A card without markers\n", ""])
def test_a_card_without_its_markers_is_refused(card: str) -> None:
    with pytest.raises(BadInputError, match="one evidence part"):
        fill_card(card, "evidence")


def test_filling_twice_is_filling_once(repository: Path) -> None:
    card = (repository / "models" / "bht_use.md").read_text("utf-8")
    once = fill_card(card, "| a | \\1 |")
    assert evidence_in(once) == "| a | \\1 |"
    assert fill_card(once, evidence_in(card)) == card
    assert card.count("## ") == once.count("## ")
