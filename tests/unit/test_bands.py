"""Bands: told apart, rising, never finer than what was counted; what a form says and why."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from targeting.domain import AsOf, Quarter, RefusedError, Target
from targeting.matrix import Matrix
from targeting.modelling.artifact import TrainedModel
from targeting.modelling.bands import LEAST_ROWS, MOST_BANDS, ForwardError, cut_bands, score_form
from targeting.modelling.calibration import fit_calibrator, probability_of
from targeting.modelling.refits import refit
from targeting.modelling.registry import ReleasedModel
from targeting.modelling.training import fit_candidates
from targeting.published import (
    COARSE,
    ESTABLISHMENTS,
    SECTORS,
    PublishedTables,
    Run,
    TargetRun,
    band_titles,
    open_run,
    write_run,
)
from targeting.scoring import published_bands
from tests.lib.published_run import establishment_rows
from tests.lib.scored import scored
from tests.lib.seeded_matrix import FEATURES, seeded_frame, seeded_specification


def pairs(rows: int, seed: int = 4, signal: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    raw = draw.normal(0.0, 1.0, rows)
    return raw, (draw.random(rows) < probability_of(signal * raw)).astype(float)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.integers(2, 900),
    seed=st.integers(0, 99),
    signal=st.sampled_from([-1.0, 0.0, 0.5, 3.0]),
    digits=st.sampled_from([0, 1, 9]),
)
def test_bands_rise_hold_enough_and_count_every_row_once(rows: int, seed: int, signal: float, digits: int) -> None:
    raw, labels = pairs(rows, seed, signal)
    raw = np.round(raw, digits)
    bands = cut_bands(raw, labels)
    places = bands.places(raw)
    assert 1 <= len(bands.rows) <= MOST_BANDS
    assert np.all(np.diff(bands.rates) > 0.0)
    assert len(bands.rows) == 1 or bands.rows.min() >= LEAST_ROWS
    assert np.bincount(places, minlength=len(bands.rows)).tolist() == bands.rows.tolist()
    assert np.bincount(places, labels, len(bands.rows)).tolist() == bands.breaches.tolist()
    low, high = bands.intervals
    assert np.all((low <= bands.rates) & (bands.rates <= high))


def test_a_clear_order_gives_five_bands_and_noise_one() -> None:
    assert len(cut_bands(*pairs(4000, signal=2.0)).rows) == MOST_BANDS
    assert len(cut_bands(*pairs(4000, signal=-1.0)).rows) == 1
    assert len(cut_bands(np.zeros(500), pairs(500)[1]).rows) == 1


def test_the_rates_of_bands_hold_on_other_rows() -> None:
    bands = cut_bands(*pairs(6000, seed=1))
    raw, labels = pairs(60_000, seed=2)
    places = bands.places(raw)
    found = np.bincount(places, labels) / np.bincount(places)
    low, high = bands.intervals
    assert np.all((low - 0.02 < found) & (found < high + 0.02))


@pytest.mark.parametrize(
    ("error", "name", "said"),
    [
        (ForwardError(0.013, 400), "probability", "0,013 i snitt, innenfor grensen på 0,02"),
        (ForwardError(0.02, 400), "probability", "0,020 i snitt"),
        (ForwardError(0.051, 400), "bands", "0,051 i snitt, mer enn grensen på 0,02"),
        (ForwardError(0.001, 68), "bands", "Bare 68 tilsyn"),
        (None, "bands", "For få tilsyn"),
    ],
)
def test_the_form_follows_the_gate_and_says_why(error: ForwardError | None, name: str, said: str) -> None:
    form = score_form(*pairs(400), error, 0.02, least_rows=200)
    assert form.name == name
    assert said in form.why_nb
    assert form.why_en


def test_every_number_of_bands_has_its_own_titles() -> None:
    for count in range(1, MOST_BANDS + 1):
        titles = band_titles(count)
        assert len(set(titles)) == count
    assert band_titles(5)[0].nb == "Svært høy"


@pytest.fixture(scope="module")
def banded(tmp_path_factory: pytest.TempPathFactory) -> ReleasedModel:
    specification, frame = seeded_specification(tmp_path_factory.mktemp("models")), seeded_frame(2400)
    model = fit_candidates(specification, frame, FEATURES)["lightgbm"]
    raw, labels = model.log_odds(frame), frame["label"].to_numpy(dtype=float)
    trained = TrainedModel(
        "bht_use",
        "lightgbm",
        "lightgbm",
        model,
        fit_calibrator(raw, labels),
        "2025-01-01",
        11,
        score_form(raw, labels, ForwardError(0.1, 400), 0.02),
        refit(frame, FEATURES, replace(specification, capacity=40), "lightgbm", number=3),
    )
    return ReleasedModel("v" + "0" * 12, "0" * 64, {}, trained)


@pytest.fixture(scope="module")
def matrix() -> Matrix:
    frame = seeded_frame(400, seed=8)
    numbered = frame.assign(establishment=[f"{210_000_000 + row}" for row in range(400)])
    return Matrix(numbered, FEATURES, Target.BHT_USE)


def test_inside_a_band_only_the_order_says_more(banded: ReleasedModel, matrix: Matrix) -> None:
    table = scored(matrix, banded, seed=7).to_pandas()
    raw = pd.Series(banded.trained.model.log_odds(matrix.frame), matrix.frame["establishment"])
    assert np.all(np.diff(raw[table["establishment"]]) <= 0.0), "ranks keep the full order"
    declared = {(one.band, one.rate, one.low, one.high) for one in published_bands(banded.trained.form)}
    told = set(table[["band", "score", "low", "high"]].itertuples(index=False, name=None))
    assert told <= declared
    assert len(told) > 1
    assert all(better <= worse for better, worse in pairwise(table["band"]))
    pushes = np.array([reason["contribution"] for reasons in table["reasons"] for reason in reasons])
    assert np.all(pushes % COARSE == 0.0)
    assert np.all(pushes != 0.0), "a reason keeps its direction"


def test_the_chance_of_being_listed_sums_to_the_capacity(banded: ReleasedModel, matrix: Matrix) -> None:
    chances = scored(matrix, banded, seed=7).column("listing_probability").to_numpy()
    assert chances.sum() == pytest.approx(40)
    assert chances[:10].mean() > 0.5 > chances[-200:].mean()


def test_what_says_more_than_its_band_is_not_published(banded: ReleasedModel, matrix: Matrix, tmp_path: Path) -> None:
    rows = establishment_rows(random.Random(1), 400, AsOf.parse("2027-01-01").day)
    people = [row | {"establishment": f"{210_000_000 + place}"} for place, row in enumerate(rows)]
    about = TargetRun("v0", "0" * 64, "lightgbm", ("noise",), "2025-01-01", published_bands(banded.trained.form))
    run = Run(AsOf.parse("2027-01-01"), Quarter(2027, 1), 7, "a" * 64, {Target.BHT_USE: about})
    table = scored(matrix, banded, seed=7)
    tables = PublishedTables(pa.Table.from_pylist(people, schema=ESTABLISHMENTS), SECTORS.empty_table(), {})

    def publish(changed: pa.Table, declared: Run = run) -> str:
        return write_run(tmp_path, declared, tables._replace(scores={Target.BHT_USE: changed}))

    for name in ("score", "low", "high"):
        finer = pa.array(np.nextafter(table.column(name).to_numpy(), 0.5))
        with pytest.raises(RefusedError, match="what its band says"):
            publish(table.set_column(table.schema.get_field_index(name), table.field(name), finer))
    with pytest.raises(RefusedError, match="no band beside a probability"):
        publish(table, replace(run, targets={Target.BHT_USE: replace(about, bands=())}))
    unrounded = replace(banded.trained, form=score_form(*pairs(4), ForwardError(0.0, 4), 0.02))
    reasons = scored(matrix, replace(banded, trained=unrounded), seed=7).column("reasons")
    with pytest.raises(RefusedError, match="as coarse as the bands"):
        publish(table.set_column(table.num_columns - 1, table.field("reasons"), reasons))
    back = open_run(tmp_path, publish(table)).about.targets[Target.BHT_USE]
    assert back == about
    assert back.form == "bands"
