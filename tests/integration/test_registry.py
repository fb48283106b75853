"""A model comes back from the registry bit for bit, or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import skops.io

from targeting.domain import BadInputError, NotFoundError, RefusedError, Target
from targeting.modelling.artifact import TrainedModel, dumps, loads
from targeting.modelling.calibration import fit_calibrator
from targeting.modelling.registry import (
    champion,
    export,
    load_version,
    promote,
    released,
    version_folder,
    versions,
)
from targeting.modelling.releases import CHAMPION, Decision, Release
from targeting.modelling.tracking import Observation, Tracker
from targeting.modelling.training import fit_candidates
from tests.lib.seeded_matrix import FEATURES, seeded_frame, seeded_specification

TARGET = Target.BHT_USE
ABOUT: Mapping[str, object] = {"data": "0" * 64, "rows": 1600}
DAY = date(2026, 10, 1)
NEWEST = Release(CHAMPION, "test", "tests", DAY)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> TrainedModel:
    frame = seeded_frame()
    model = fit_candidates(seeded_specification(tmp_path_factory.mktemp("models")), frame, FEATURES)["blend"]
    calibrator = fit_calibrator(model.log_odds(frame), frame["label"].to_numpy(dtype=float))
    return TrainedModel(TARGET.value, "blend", "blend", model, calibrator, "2025-01-01", 11)


@pytest.fixture(scope="module")
def tracked(trained: TrainedModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one training recorded: a fresh MLflow database costs seconds, so it is made once."""
    home = tmp_path_factory.mktemp("home")
    version = export(home, trained, ABOUT)
    promote(home, TARGET, version)
    Tracker(home).record(
        TARGET,
        version,
        version_folder(home, TARGET, version),
        {"seed": 11, "candidate": "blend"},
        {"data": "0" * 64, "features": ",".join(trained.model.features)},
        [Observation("blend.auc", 0.7, step) for step in range(3)] + [Observation("blend.auc", float("nan"), 3)],
        champion=True,
    )
    return home


def test_a_model_comes_back_bit_for_bit(trained: TrainedModel, tmp_path: Path) -> None:
    frame = seeded_frame(200, seed=6)
    version = export(tmp_path, trained, ABOUT)
    back = load_version(tmp_path, TARGET, version)
    for before, after in zip(trained.score(frame), back.trained.score(frame), strict=True):
        assert np.array_equal(before, after)
    assert back.manifest["features"] == list(trained.model.features)
    assert back.manifest["form"]["name"] == "probability"


def test_the_same_model_is_the_same_version_and_more_evidence_another(trained: TrainedModel, tmp_path: Path) -> None:
    assert export(tmp_path, trained, ABOUT) == export(tmp_path, trained, ABOUT)
    assert export(tmp_path, trained, {**ABOUT, "rows": 1601}) in versions(tmp_path, TARGET)
    assert len(versions(tmp_path, TARGET)) == 2


@pytest.mark.parametrize("name", ["model.skops", "manifest.json"])
def test_a_changed_byte_is_noticed_before_anything_is_loaded(
    trained: TrainedModel, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = export(tmp_path, trained, ABOUT)
    path = version_folder(tmp_path, TARGET, version) / name
    path.write_bytes(path.read_bytes() + b" ")
    monkeypatch.setattr(skops.io, "loads", lambda *_, **__: pytest.fail("loaded"))
    with pytest.raises(RefusedError, match="never loaded"):
        load_version(tmp_path, TARGET, version)


@dataclass(frozen=True)
class Stranger:
    """A type that is on nobody's list."""

    model: object


def test_a_type_that_is_not_on_our_list_is_refused(trained: TrainedModel) -> None:
    with pytest.raises(RefusedError, match="TRUSTED_TYPES"):
        loads(skops.io.dumps(Stranger(trained)))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 half a file", skops.io.dumps({"not": "a model"})])
def test_something_else_than_a_model_is_refused(content: bytes) -> None:
    with pytest.raises(BadInputError):
        loads(content)


def test_rolling_back_is_one_line(trained: TrainedModel, tmp_path: Path) -> None:
    old, new = export(tmp_path, trained, ABOUT), export(tmp_path, trained, {**ABOUT, "rows": 2000})
    promote(tmp_path, TARGET, old)
    promote(tmp_path, TARGET, new)
    assert champion(tmp_path, TARGET) == new
    assert released(tmp_path, TARGET, NEWEST).version == new
    assert released(tmp_path, TARGET, Release(old, "the new one was worse in the field", "tests", DAY)).version == old


@pytest.mark.parametrize("state", ["shadow", "retired"])
def test_a_champion_that_may_not_serve_does_not(trained: TrainedModel, tmp_path: Path, state: str) -> None:
    new = export(tmp_path, trained, ABOUT)
    promote(tmp_path, TARGET, new)
    release = replace(NEWEST, decisions=(Decision(new, state, DAY, "tests", "a test"),))
    with pytest.raises(RefusedError, match="name an approved version"):
        released(tmp_path, TARGET, release)


def test_a_model_of_another_target_is_refused(trained: TrainedModel, tmp_path: Path) -> None:
    version = export(tmp_path, trained, ABOUT)
    shutil.copytree(version_folder(tmp_path, TARGET, version), version_folder(tmp_path, Target.WORK_CRIME, version))
    with pytest.raises(RefusedError, match="one of bht_use"):
        load_version(tmp_path, Target.WORK_CRIME, version)


def test_without_a_training_the_message_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="pipelines train --target bht_use"):
        released(tmp_path, TARGET, NEWEST)
    with pytest.raises(NotFoundError):
        load_version(tmp_path, TARGET, "v000000000000")
    with pytest.raises(NotFoundError):
        load_version(tmp_path, TARGET, "../..")


def test_through_mlflow_and_back_by_alias_bit_for_bit(trained: TrainedModel, tracked: Path) -> None:
    back = Tracker(tracked).load(TARGET, CHAMPION)
    assert back.version == champion(tracked, TARGET)
    assert dumps(back.trained) == dumps(trained)


def test_a_byte_changed_inside_mlflow_is_noticed_before_anything_is_loaded(
    tracked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (stored,) = (tracked / "mlflow").rglob("model.skops")
    content = stored.read_bytes()
    monkeypatch.setattr(skops.io, "loads", lambda *_, **__: pytest.fail("loaded"))
    try:
        stored.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        with pytest.raises(RefusedError, match="never loaded"):
            Tracker(tracked).load(TARGET, CHAMPION)
    finally:
        stored.write_bytes(content)


def test_mlflow_holds_parameters_features_data_and_metrics_per_split(tracked: Path) -> None:
    from mlflow import MlflowClient

    client = MlflowClient(tracking_uri=f"sqlite:///{tracked / 'mlflow.db'}")
    experiment = client.get_experiment_by_name(TARGET.value)
    assert experiment is not None
    (run,) = client.search_runs([experiment.experiment_id])
    assert run.data.params["candidate"] == "blend"
    assert run.data.tags["data"] == "0" * 64
    assert run.data.tags["features"].startswith("past_breaches,")
    assert [point.step for point in client.get_metric_history(run.info.run_id, "blend.auc")] == [0, 1, 2]


def test_an_alias_that_was_never_set_is_not_found(tracked: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    shutil.copy(tracked / "mlflow.db", home)
    with pytest.raises(NotFoundError, match="work_crime@champion"):
        Tracker(home).load(Target.WORK_CRIME, CHAMPION)
