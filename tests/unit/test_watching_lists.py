"""Churn with its causes and calibration, from small published runs and stores told in tables."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from targeting.domain import AsOf, Quarter, Target
from targeting.published import ESTABLISHMENTS, SCORES, SECTORS, PublishedRun, PublishedTables, Run, open_run, write_run
from targeting.snapshots import Store
from targeting.tables import Findings, Inspections
from targeting.watching import (
    Light,
    Watch,
    calibration_of,
    check_calibration,
    check_churn,
    check_run_age,
    churn_of,
    churn_told,
)
from targeting.watching.churn_causes import CAUSES
from targeting.watching.words import named
from tests.lib.published_run import establishment_rows, publish, target_run
from tests.lib.small_country import conforming, number, store_of

T = Target.WORKING_ENVIRONMENT
BEFORE, NOW = date(2026, 10, 1), date(2027, 1, 1)
_PLAIN = {"living": True, "employees": "12", "employees_low": 12, "bht_duty": "yes", "age_months": 100}
_QUIET = {"last_inspected_on": None, "last_bht_inspected_on": None}


def run(
    home: Path, day: date, listed: Mapping[int, Mapping[str, Any]], *, model: str = "a", extra: int = 0
) -> PublishedRun:
    """A run of `day` that ranks the establishments of `listed` in that order; `extra` more are described, not listed.

    Each is told by what is unlike the plain one; "push" is the contribution of its one reason, of theme "theme".
    """

    plain = establishment_rows(random.Random(1), 40, day)[0] | _PLAIN | _QUIET
    facts = [
        plain | {"establishment": number(who), "name": "B"} | {k: v for k, v in told.items() if k in plain}
        for who, told in listed.items()
    ]
    rows = [
        {
            "rank": place,
            "establishment": number(who),
            "score": (score := told.get("score", 0.9 - 0.05 * place)),
            "low": max(0.0, score - 0.1),
            "high": min(1.0, score + 0.1),
            "band": None,
            "listing_probability": None,
            "reasons": [_reason(told)],
        }
        for place, (who, told) in enumerate(
            ((who, told) for who, told in listed.items() if told.get("ranked", True)), 1
        )
    ]
    tables = PublishedTables(
        establishments=pa.Table.from_pylist(sorted(facts, key=lambda one: one["establishment"]), schema=ESTABLISHMENTS),
        sectors=pa.Table.from_pylist([], schema=SECTORS),
        scores={T: pa.Table.from_pylist(rows, schema=SCORES)},
    )
    about = target_run(T, "v1")
    about = type(about)(**{name: getattr(about, name) for name in about.__dataclass_fields__} | {"model": model * 64})
    digit = "b" if day == BEFORE else "c"
    made = write_run(home, Run(AsOf(day), Quarter.of(day), 1, digit * 64, {T: about}), tables)
    return open_run(home, made)


def _reason(told: Mapping[str, Any]) -> dict[str, Any]:
    theme, push = told.get("theme", "history"), told.get("push", 0.5)
    return {"feature": "f", "theme": theme, "value": "1", "contribution": push, "text_nb": "x", "text_en": "x"}


def causes(now: PublishedRun, before: PublishedRun, k: int) -> dict[tuple[str, str], str]:
    found = churn_of(now, before, T, k)
    assert found is not None
    return {(one.establishment, one.direction): one.cause for one in found.changes}


def test_the_same_list_has_no_churn(tmp_path: Path) -> None:
    listed: dict[int, dict[str, Any]] = {who: {} for who in range(6)}
    found = churn_of(run(tmp_path, NOW, listed), run(tmp_path, BEFORE, listed), T, 3)
    assert found is not None
    assert (found.stayed, found.left, found.entered, found.share) == (3, 0, 0, 0.0)
    assert check_churn(found, AsOf(NOW)).light is Light.GREEN


def test_why_each_left(tmp_path: Path) -> None:
    before = run(tmp_path, BEFORE, {who: {} for who in range(7)})
    now = run(
        tmp_path,
        NOW,
        {
            10: {"age_months": 2},
            0: {"ranked": False, "living": False},
            1: {"ranked": False, "employees_low": 0, "employees": "0"},
            2: {"ranked": False, "bht_duty": "no"},
            3: {"ranked": False},
            4: {"last_inspected_on": date(2026, 11, 1)},
            5: {"score": 0.1, "push": -0.5, "theme": "history"},
        },
    )
    told = causes(now, before, 7)
    assert told.pop((number(10), "entered")) == "new"
    assert told == {
        (number(0), "left"): "closed",
        (number(1), "left"): "no_employees",
        (number(2), "left"): "duty_changed",
        (number(3), "left"): "left_cohort",
        (number(6), "left"): "outside",
    }


def test_why_each_moved_inside_the_cohort(tmp_path: Path) -> None:
    before = run(tmp_path, BEFORE, {0: {}, 1: {}, 2: {}, 3: {}, 4: {}, 5: {}})
    now = run(
        tmp_path,
        NOW,
        {
            3: {"score": 0.95, "push": 1.5, "theme": "accounts"},
            4: {"score": 0.9, "push": 0.5},
            5: {"score": 0.88, "last_inspected_on": date(2026, 12, 1)},
            1: {"score": 0.8},
            0: {"score": 0.6, "push": -0.5},
            2: {"score": 0.2, "last_inspected_on": date(2026, 9, 30)},
        },
    )
    found = churn_of(now, before, T, 3)
    assert found is not None
    told = {one.establishment: (one.cause, one.theme) for one in found.changes}
    assert told == {
        number(3): ("features", "accounts"),
        number(4): ("displaced", None),  # it rose without a reason of its own that pushes more
        number(5): ("inspected", None),
        number(0): ("features", "history"),
        number(1): ("displaced", None),  # its own score is what it was
        number(2): ("displaced", None),  # inspected, but the earlier run knew that already
    }
    assert found.themes == {"accounts": 1, "history": 1}
    assert check_churn(found, AsOf(NOW)).light is Light.RED


def test_another_model_is_said_before_the_features(tmp_path: Path) -> None:
    before = run(tmp_path, BEFORE, {0: {}, 1: {}})
    found = churn_of(run(tmp_path, NOW, {1: {"push": 2.0}, 0: {}}, model="d"), before, T, 1)
    assert found is not None
    assert found.model_changed
    assert {one.cause for one in found.changes} == {"model"}


def test_a_target_that_one_run_lacks_has_no_churn(tmp_path: Path) -> None:
    found = run(tmp_path, NOW, {0: {}})
    assert churn_of(found, found, Target.BHT_USE, 5) is None


def test_every_cause_has_words_in_both_languages() -> None:
    assert all(named("cause", cause) != (cause, cause) for cause in CAUSES)


def inspected(home: Path, outcomes: Mapping[int, str], on: date = date(2026, 11, 2)) -> None:
    """One inspection of each on `on`, known two months later, with one control point answered."""
    later = date(2027, 1, 5)
    header = [
        {"inspection": f"T{who}", "establishment": number(who), "occurred_on": on, "known_on": on} for who in outcomes
    ]
    answers = [
        {"inspection": f"T{who}", "control_point": f"HMS-{point:02d}", "known_on": later, "answer": answer}
        for who, answer in outcomes.items()
        for point in range(1, 6)  # five breaches are a serious outcome
    ]
    store_of({"inspections": conforming(Inspections, header), "findings": conforming(Findings, answers)}, home)


def test_calibration_counts_what_was_found_in_the_quarter_of_the_run(tmp_path: Path) -> None:
    before = run(tmp_path, BEFORE, {who: {"score": 0.8 - 0.05 * who} for who in range(10)})
    inspected(tmp_path, {who: "breach" if who < 3 else "met" for who in range(8)})
    early, late = (
        calibration_of(Store(tmp_path), [lambda: before], AsOf(day)) for day in (date(2026, 12, 1), date(2027, 2, 1))
    )
    (nothing,), (found,) = early, late
    assert (nothing.rows, nothing.expected) == (0, None)
    assert found.rows == 8
    assert found.found == 3 / 8
    assert found.expected == pytest.approx(sum(0.8 - 0.05 * who for who in range(8)) / 8)
    assert found.low is not None
    assert found.high is not None
    assert found.low < 3 / 8 < found.high
    assert check_calibration(found, AsOf(NOW)).light is Light.GREEN


def test_few_answers_are_withheld(tmp_path: Path) -> None:
    before = run(tmp_path, BEFORE, {who: {} for who in range(10)})
    inspected(tmp_path, dict.fromkeys(range(4), "breach"))
    (found,) = calibration_of(Store(tmp_path), [lambda: before], AsOf(date(2027, 2, 1)))
    assert (found.rows, found.expected, found.found, found.bins) == (4, None, None, ())
    assert "too few" in check_calibration(found, AsOf(NOW)).reason_en


def test_what_was_promised_far_from_what_was_found_is_red(tmp_path: Path) -> None:
    before = run(tmp_path, BEFORE, {who: {"score": 0.95 - 0.001 * who} for who in range(30)})
    inspected(tmp_path, dict.fromkeys(range(30), "met"))
    (found,) = calibration_of(Store(tmp_path), [lambda: before], AsOf(date(2027, 2, 1)))
    assert check_calibration(found, AsOf(NOW)).light is Light.RED


def test_a_run_grows_old() -> None:
    days = (date(2027, 2, 1), date(2027, 6, 1), date(2028, 1, 1))
    assert [check_run_age(AsOf(NOW), day).light.value for day in days] == ["green", "yellow", "red"]


def test_the_report_is_canonical_names_nobody_and_its_open_part_no_closed_target(tmp_path: Path) -> None:
    runs = [open_run(tmp_path, publish(tmp_path, digit=d, as_of=day, seed=s, targets=tuple(Target))) for d, day, s in
            (("a", BEFORE, 1), ("b", NOW, 2))]  # fmt: skip
    found = [one for target in Target if (one := churn_of(runs[1], runs[0], target, 30)) is not None]
    watch = Watch(
        str(NOW),
        runs[1].about.run,
        None,
        None,
        None,
        checks=tuple(check_churn(one, AsOf(NOW)) for one in found),
        churn=tuple(churn_told(one) for one in found),
    )
    text = watch.to_json()
    assert Watch.from_json(text) == watch
    assert json.loads(text)["light"] == watch.light
    assert not any(one.establishment in text for churn in found for one in churn.changes)
    assert "work_crime" in text
    assert "work_crime" not in watch.open_part().to_json()
    assert "rbeidslivskriminalitet" not in watch.open_part().to_json()
    assert watch.stopping() == ()  # churn waits for a person, however red
