"""Every release gate passes an honest model and fails the fault it is there for, on small models really trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pipelines.progress import Progress
from pipelines.train import train_on
from targeting.domain import AsOf, BadInputError, Target
from targeting.evaluation.backtest import Backtest, backtest
from targeting.evaluation.gates import CHECKS, Evidence, GateResult, check_gates, passed, training_evidence
from targeting.evaluation.gates.calibration import chance_error
from targeting.evaluation.metrics import calibration_error
from targeting.evaluation.selection import Choice, choose
from targeting.evaluation.splits import forward_splits
from targeting.evaluation.stability import Overlap, Stability
from targeting.features.family import Feature, FeatureKind
from targeting.matrix import Matrix
from targeting.modelling.specification import Break, Specification
from targeting.modelling.training import fit_candidates, trainable
from tests.lib.seeded_matrix import FEATURES, SPECIFICATION, seeded_frame, seeded_specification

UNTIL = AsOf(date(2025, 1, 1))
RULES = SPECIFICATION.split('[[candidates]]\nname = "logistic"')[0]
RULES_AND_LOGISTIC = SPECIFICATION.split('[[candidates]]\nname = "lightgbm"')[0]
CODES = [f"TGT00{number}" for number in range(1, 9)]


@pytest.fixture(scope="module")
def specification(tmp_path_factory: pytest.TempPathFactory) -> Specification:
    return seeded_specification(tmp_path_factory.mktemp("models"), RULES_AND_LOGISTIC)


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """Repeated visits, in which the inspector sent matters as much as the industry, which stays the same."""
    base = seeded_frame(2500)
    draw = np.random.default_rng(3)
    inspector = draw.integers(0, 6, len(base))
    place = [*zip(base["industry"], base["county"], draw.integers(0, 20, len(base)), strict=True)]
    establishment = 210_000_000 + pd.factorize(pd.Series(place))[0]
    odds = np.log(base["truth"] / (1 - base["truth"])) + 0.9 * (inspector - 2.5)
    label = (draw.random(len(base)) < 1 / (1 + np.exp(-odds))).astype("int8")
    return base.assign(
        inspector=[f"I{number}" for number in inspector], label=label, establishment=establishment.astype(str)
    )


@pytest.fixture(scope="module")
def evidence(specification: Specification, frame: pd.DataFrame) -> Evidence:
    return _evidence(frame, FEATURES, specification)


def _evidence(frame: pd.DataFrame, features: Sequence[Feature], specification: Specification) -> Evidence:
    """Train and test as `pipelines train` does."""
    result = backtest(frame, features, specification, UNTIL)
    choice = choose(result, specification)
    ready = frame[trainable(frame, specification, UNTIL.day)]
    model = fit_candidates(specification, ready, features)[choice.candidate]
    matrix = Matrix(frame, tuple(features), Target.BHT_USE)
    return training_evidence(matrix, specification, UNTIL, result, choice, model.features, features)


def _gate(evidence: Evidence, code: str) -> GateResult:
    return next(gate for gate in check_gates(evidence) if gate.code == code)


def _feature(name: str, kind: FeatureKind) -> Feature:
    return replace(FEATURES[0], name=name, kind=kind, monotone=0)


def test_an_honest_model_passes_what_a_training_looks_at(evidence: Evidence) -> None:
    gates = check_gates(evidence)
    assert [gate.code for gate in gates] == CODES
    assert {gate.code: gate.outcome for gate in gates if gate.outcome != "pass"} == {
        "TGT005": "not applicable",
        "TGT006": "not applicable",
    }
    assert passed(gates)


def test_without_evidence_no_gate_is_applicable_and_none_blocks(specification: Specification) -> None:
    gates = check_gates(Evidence(specification))
    assert len(gates) == len(CHECKS)
    assert {gate.outcome for gate in gates} == {"not applicable"}
    assert all(gate.detail for gate in gates)
    assert passed(gates)


def test_nothing_tested_is_said(evidence: Evidence) -> None:
    assert evidence.result is not None
    untested = replace(evidence, result=Backtest((), (), {}, {}, {}))
    assert _gate(untested, "TGT001").outcome == "fail"
    assert {_gate(untested, code).outcome for code in ("TGT002", "TGT003")} == {"not applicable"}


def test_a_model_of_noise_does_not_beat_the_rules(tmp_path: Path, frame: pd.DataFrame) -> None:
    noisy = SPECIFICATION.split('[[candidates]]\nname = "logistic"')[0]
    noisy += '[[candidates]]\nname = "noise"\nkind = "logistic"\nfeatures = ["noise"]\n'
    evidence = _evidence(frame, FEATURES, seeded_specification(tmp_path, noisy))
    assert _gate(evidence, "TGT002").outcome == "not applicable", "the rule is released instead"
    insisted = replace(evidence, choice=Choice("noise", False, "somebody wants it."))
    assert _gate(insisted, "TGT002").outcome == "fail"
    assert not passed(check_gates(insisted))


def test_shuffled_probabilities_are_not_calibrated(evidence: Evidence) -> None:
    assert _gate(evidence, "TGT003").outcome == "pass"
    shuffled = _gate(_shuffled(evidence), "TGT003")
    assert (shuffled.outcome, shuffled.severity) == ("fail", "warn")
    assert "bands only" in shuffled.detail


def _shuffled(evidence: Evidence) -> Evidence:
    """The same probabilities, each given to another row."""
    result, choice = evidence.result, evidence.choice
    assert result is not None and choice is not None
    draw = np.random.default_rng(1)
    parts = tuple(
        part._replace(probability=draw.permutation(part.probability)) for part in result.forward[choice.candidate]
    )
    later = slice(len(parts) // 2, None)
    ece = calibration_error(
        np.concatenate([part.probability for part in parts[later]]), np.concatenate(result.labels[later])
    )
    summary = result.summaries[choice.candidate]
    worse = summary._replace(metrics=summary.metrics._replace(ece=ece))
    changed = replace(
        result,
        forward={**result.forward, choice.candidate: parts},
        summaries={**result.summaries, choice.candidate: worse},
    )
    return replace(evidence, result=changed)


def test_the_error_of_chance_is_that_of_a_perfect_model_and_shrinks_with_rows() -> None:
    draw = np.random.default_rng(4)
    few, many = draw.uniform(0.2, 0.8, 300), draw.uniform(0.2, 0.8, 30_000)
    perfect = calibration_error(many, (draw.random(30_000) < many).astype(float))
    assert chance_error(many, 0).expected < perfect * 2
    assert perfect < chance_error(many, 0).high * 1.3
    assert chance_error(few, 0).expected > 5 * chance_error(many, 0).expected
    # Ten groups of 3000 rows: the mean distance of a share of variance about 0.22 is sqrt(0.22 / 3000 * 2 / pi).
    assert chance_error(many, 0).expected == pytest.approx(np.sqrt(0.22 / 3000 * 2 / np.pi), rel=0.1)


@pytest.mark.parametrize("name", ["inspector", "team", "team_number"])
def test_the_inspector_among_the_features_is_refused_under_any_name(
    specification: Specification, frame: pd.DataFrame, evidence: Evidence, name: str
) -> None:
    assert _gate(evidence, "TGT004").outcome == "pass"
    numbered = name == "team_number"
    values = pd.factorize(frame["inspector"])[0].astype(float) if numbered else frame["inspector"]
    added = _feature(name, FeatureKind.INTEGER if numbered else FeatureKind.CATEGORY)
    adding = _evidence(frame.assign(**{name: values}), [*FEATURES, added], specification)
    gate = _gate(adding, "TGT004")
    assert (gate.outcome, gate.severity) == ("fail", "block")
    assert f"decided at assignment: {name}" in gate.detail
    assert not passed(check_gates(adding))


@pytest.mark.parametrize(("column", "outcome"), [("office", "pass"), ("inspector", "fail")])
def test_an_office_for_each_county_follows_from_the_county_but_an_inspector_is_sent(
    specification: Specification, frame: pd.DataFrame, column: str, outcome: str
) -> None:
    place = "establishments.municipality"
    features = [replace(one, source=place) if one.name == "county" else one for one in FEATURES]
    where = frame.assign(**{column: "post " + frame["county"]})
    assert _gate(_evidence(where, features, specification), "TGT004").outcome == outcome


def test_who_was_sent_is_noticed_even_where_nobody_says_that_it_was_decided_then(
    specification: Specification, frame: pd.DataFrame
) -> None:
    team = frame.assign(team=frame["inspector"]).drop(columns="inspector")
    gate = _gate(_evidence(team, [*FEATURES, _feature("team", FeatureKind.CATEGORY)], specification), "TGT004")
    assert gate.outcome == "fail"
    assert "look at team" in gate.detail
    assert "the best other" in gate.detail or "of repeated visits" in gate.detail


def test_a_feature_copied_from_the_label_raises_the_alarm(specification: Specification, frame: pd.DataFrame) -> None:
    draw = np.random.default_rng(5)
    points = frame["label"] * 3.0 + draw.normal(0.0, 0.3, len(frame))
    copied = _evidence(frame.assign(points=points), [*FEATURES, _feature("points", FeatureKind.REAL)], specification)
    gate = _gate(copied, "TGT004")
    assert gate.outcome == "fail"
    assert "look at points" in gate.detail
    assert "all but holds the outcome" in gate.detail


def test_a_feature_that_half_knows_the_outcome_jumps_beside_the_others(
    specification: Specification, frame: pd.DataFrame
) -> None:
    draw = np.random.default_rng(6)
    hint = frame["label"] + draw.normal(0.0, 0.8, len(frame))
    hinted = _evidence(frame.assign(hint=hint), [*FEATURES, _feature("hint", FeatureKind.REAL)], specification)
    gate = _gate(hinted, "TGT004")
    assert gate.outcome == "fail"
    assert "look at hint" in gate.detail
    assert "the best other" in gate.detail


def test_an_alarm_about_a_feature_the_model_does_not_read_is_none(
    specification: Specification, frame: pd.DataFrame
) -> None:
    points = frame["label"] * 3.0
    copied = _evidence(frame.assign(points=points), [*FEATURES, _feature("points", FeatureKind.REAL)], specification)
    assert _gate(replace(copied, columns=("past_breaches", "industry")), "TGT004").outcome == "pass"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"legal_basis": " "}, "margin has no legal basis"),
        ({"targets": (Target.WORK_CRIME,)}, "margin may not serve bht_use"),
        ({"personal": True, "targets": (Target.BHT_USE,)}, "margin may not serve bht_use"),
        ({"source": "roles.birth_country"}, "margin is denied"),
    ],
)
def test_a_feature_without_the_right_to_be_used_blocks(evidence: Evidence, change: dict[str, Any], said: str) -> None:
    assert evidence.declared is not None
    declared = tuple(replace(one, **change) if one.name == "margin" else one for one in evidence.declared)
    gate = _gate(replace(evidence, declared=declared), "TGT007")
    assert (gate.outcome, gate.severity) == ("fail", "block")
    assert said in gate.detail


def test_a_training_on_undeclared_features_is_refused(specification: Specification) -> None:
    trained = train_on(
        Matrix(seeded_frame(2000), FEATURES, Target.BHT_USE), specification, UNTIL, Progress("test", visible=False)
    )
    gate = next(gate for gate in trained.gates if gate.code == "TGT007")
    assert gate.outcome == "fail"
    assert "noise has no declaration" in gate.detail
    assert not passed(trained.gates)


def test_old_labels_and_labels_from_before_a_change_of_the_law_are_stale(evidence: Evidence) -> None:
    assert _gate(evidence, "TGT008").outcome == "pass"
    later = replace(evidence, as_of=AsOf(date(2026, 12, 1)))
    gate = _gate(later, "TGT008")
    assert (gate.outcome, gate.severity) == ("fail", "warn")
    assert passed(check_gates(later))
    training = replace(evidence.specification.training, breaks=(Break(UNTIL.day, "another act", 1.0),))
    strict = replace(
        evidence.specification, training=training, gates=replace(evidence.specification.gates, staleness="block")
    )
    changed = replace(evidence, specification=strict)
    assert (_gate(changed, "TGT008").outcome, _gate(changed, "TGT008").severity) == ("fail", "block")
    assert "another act" in _gate(changed, "TGT008").detail
    assert not passed(check_gates(changed))
    tomorrow = replace(training, breaks=(Break(date(2025, 1, 2), "not in force yet", 1.0),))
    assert _gate(replace(evidence, specification=replace(strict, training=tomorrow)), "TGT008").outcome == "pass"


def test_staleness_is_to_warn_or_to_block_and_nothing_else(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="staleness"):
        seeded_specification(tmp_path, SPECIFICATION.replace("max_ece = 0.1", 'max_ece = 0.1\nstaleness = "shrug"'))


def test_a_list_below_a_floor_warns_and_only_warns(evidence: Evidence) -> None:
    steady = Stability(100, Overlap(5, 0.9, 0.95), Overlap(10, 0.5, 0.6), None, None)
    assert _gate(replace(evidence, stability=steady), "TGT005").outcome == "pass"
    shaky = replace(evidence, stability=replace(steady, seeds=Overlap(5, 0.79, 0.95)))
    assert (_gate(shaky, "TGT005").outcome, _gate(shaky, "TGT005").severity) == ("fail", "warn")
    assert passed(check_gates(shaky))
    undrawn = replace(evidence, stability=Stability(100, None, None, None, None))
    assert _gate(undrawn, "TGT005").outcome == "not applicable"


def test_strengths_come_from_the_forward_windows_alone(specification: Specification, frame: pd.DataFrame) -> None:
    """What a test window finds is not what its levels were learned from: noise of many levels says nothing."""
    draw = np.random.default_rng(8)
    many = pd.array([f"L{number}" for number in draw.integers(0, len(frame) // 2, len(frame))], dtype="str")
    noisy = _evidence(frame.assign(code=many), [*FEATURES, _feature("code", FeatureKind.CATEGORY)], specification)
    assert noisy.strengths is not None
    assert len(forward_splits(frame, specification, UNTIL)) == 5
    code = next(one for one in noisy.strengths if one.column == "code")
    assert code.auc == pytest.approx(0.5, abs=3 * code.error)
