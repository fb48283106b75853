"""Reasons are exact, in both languages, and say what a null is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from targeting.features.family import FeatureKind
from targeting.modelling.explanation import explain
from targeting.modelling.model import Model
from targeting.modelling.phrases import phrase
from targeting.modelling.training import fit_candidates
from targeting.published import REASON
from tests.lib.seeded_matrix import FEATURES, seeded_frame, seeded_specification

PAST, RATE, _, MARGIN, LAST, _, INDUSTRY, _ = FEATURES


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Model]:
    specification = seeded_specification(tmp_path_factory.mktemp("models"))
    return dict(fit_candidates(specification, seeded_frame(), FEATURES))


@pytest.mark.parametrize("name", ["random", "sector_rate", "past_breaches", "logistic", "lightgbm", "blend"])
def test_base_and_contributions_add_up_to_the_log_odds(models: dict[str, Model], name: str) -> None:
    frame = seeded_frame(300, seed=9)
    base, contributions = models[name].attribute(frame)
    assert contributions.shape == (300, len(models[name].features))
    np.testing.assert_allclose(base + contributions.sum(axis=1), models[name].log_odds(frame), atol=1e-9)


def test_the_themes_that_push_hardest_are_given_largest_first(models: dict[str, Model]) -> None:
    frame, model = seeded_frame(50, seed=9), models["blend"]
    theme_of = {feature.name: feature.theme for feature in FEATURES}
    for row, reasons in enumerate(explain(model, frame, FEATURES, most=3).to_pylist()):
        totals: dict[str, float] = {}
        for name, push in zip(model.features, model.attribute(frame).contributions[row], strict=True):
            totals[theme_of[name]] = totals.get(theme_of[name], 0.0) + push
        expected = sorted((abs(total) for total in totals.values() if total), reverse=True)[:3]
        assert [abs(reason["contribution"]) for reason in reasons] == pytest.approx(expected)


def test_a_theme_speaks_once_and_all_themes_together_are_the_score(models: dict[str, Model]) -> None:
    frame, model = seeded_frame(50, seed=9), models["lightgbm"]
    base = model.attribute(frame).base
    for row, reasons in enumerate(explain(model, frame, FEATURES, most=len(FEATURES)).to_pylist()):
        assert len({reason["theme"] for reason in reasons}) == len(reasons)
        total = base + sum(reason["contribution"] for reason in reasons)
        assert total == pytest.approx(model.log_odds(frame)[row])


def test_reasons_have_the_published_shape_whatever_the_number_of_rows(models: dict[str, Model]) -> None:
    for rows in (0, 1, 7):
        given = explain(models["blend"], seeded_frame(7).iloc[:rows], FEATURES)
        assert len(given) == rows
        assert given.type.value_type == REASON


def test_a_rule_that_reads_nothing_has_no_reason(models: dict[str, Model]) -> None:
    assert explain(models["random"], seeded_frame(2), FEATURES).to_pylist() == [[], []]


@pytest.mark.parametrize(
    ("feature", "value", "nb", "en"),
    [
        (PAST, 3.0, "past_breaches er 3", "past_breaches is 3"),
        (PAST, 12_345.0, "past_breaches er 12\u202f345", "past_breaches is 12,345"),
        (RATE, 0.456, "industry_rate er 46\u202f%", "industry_rate is 46%"),
        (MARGIN, -0.5, "margin er \u22120,50", "margin is -0.50"),
        (LAST, 1.0, "last_breach er ja", "last_breach is yes"),
        (LAST, 0.0, "last_breach er nei", "last_breach is no"),
        (INDUSTRY, "43.210", "industry er 43.210", "industry is 43.210"),
        (PAST, float("nan"), "Ikke kjent: past_breaches", "Not known: past_breaches (not known)"),
        (INDUSTRY, None, "Ikke kjent: industry", "Not known: industry (not known)"),
    ],
)
def test_values_are_written_as_each_language_writes_them(
    feature: object, value: float | str | None, nb: str, en: str
) -> None:
    written = phrase(feature, value)  # type: ignore[arg-type]
    assert (written.text_nb, written.text_en) == (nb, en)


def test_a_large_real_number_has_no_decimals() -> None:
    assert phrase(replace(MARGIN, kind=FeatureKind.REAL), 12_345.678).value == "12,346"
