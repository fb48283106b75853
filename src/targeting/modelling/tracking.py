"""Every training in MLflow: parameters, data hash, feature list, metrics per split, the exported model, its alias.

MLflow is a record and a registry here, not a loader: what serves is loaded from the exported folder, whose hashes are
checked. It is imported when first needed, because the import alone takes seconds.
"""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from targeting.domain import NotFoundError, Target
from targeting.modelling.registry import ReleasedModel, load_folder
from targeting.modelling.releases import CHAMPION

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

__all__ = ["Observation", "Tracker"]

_QUIET: Final = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false"}
_BATCH: Final = 900  # MLflow takes at most 1000 metrics a call
_LONGEST: Final = 5_000  # characters of a tag


class Observation(NamedTuple):
    """One metric of one candidate; `step` is the test quarter's place, oldest first."""

    name: str
    value: float
    step: int


@dataclass(frozen=True)
class Tracker:
    """MLflow's store under a home: `mlflow.db` and the folder `mlflow`. Opening it costs the import of MLflow."""

    home: Path

    def record(
        self,
        target: Target,
        version: str,
        folder: Path,
        parameters: Mapping[str, object],
        tags: Mapping[str, str],
        observations: Iterable[Observation],
        *,
        champion: bool,
    ) -> str:
        """Log one training, register `folder` as a model version and point the alias at it; the MLflow run's id."""
        client = self._client()
        run = client.create_run(self._experiment(client, target), run_name=version)
        run_id = str(run.info.run_id)
        self._log(client, run_id, parameters, tags, list(observations))
        client.log_artifacts(run_id, str(folder), "model")
        self._register(client, target, run_id, version, champion=champion)
        client.set_terminated(run_id)
        return run_id

    def record_evaluation(
        self,
        target: Target,
        version: str,
        tags: Mapping[str, str],
        figures: Iterable[Observation],
        files: Iterable[Path],
    ) -> str:
        """Log what an evaluation of `version` found, with its `files` under "evaluation"; the MLflow run's id.

        The version and its alias stay as they are: an evaluation puts nothing into service.
        """
        client = self._client()
        run = client.create_run(self._experiment(client, target), run_name=f"{version} evaluated")
        run_id = str(run.info.run_id)
        self._log(client, run_id, {"target": target.value, "version": version}, tags, list(figures))
        for path in files:
            client.log_artifact(run_id, str(path), "evaluation")
        client.set_terminated(run_id)
        return run_id

    def load(self, target: Target, alias: str) -> ReleasedModel:
        """The model behind `alias`, from MLflow's own copy of its files; `NotFoundError` when there is none.

        The files are checked like those of the exported folder before anything is loaded, by the same code.
        """
        client = self._client()
        found = self._behind(client, target, alias)
        with tempfile.TemporaryDirectory() as into:
            folder = Path(client.download_artifacts(str(found.run_id), "model", into))
            return load_folder(folder, target, str(found.tags["version"]))

    @staticmethod
    def _behind(client: MlflowClient, target: Target, alias: str) -> ModelVersion:
        from mlflow.exceptions import MlflowException

        try:
            return client.get_model_version_by_alias(target.value, alias)
        except MlflowException as cause:
            raise NotFoundError(
                expected=f"a registered model {target}@{alias}", got="none", where="mlflow.db", do="train it first"
            ) from cause

    def _client(self) -> MlflowClient:
        for name, value in _QUIET.items():
            os.environ.setdefault(name, value)
        from mlflow import MlflowClient

        logging.getLogger("mlflow").setLevel(logging.WARNING)

        self.home.mkdir(parents=True, exist_ok=True)
        database = f"sqlite:///{self.home.resolve() / 'mlflow.db'}"
        return MlflowClient(tracking_uri=database, registry_uri=database)

    def _experiment(self, client: MlflowClient, target: Target) -> str:
        found = client.get_experiment_by_name(target.value)
        if found is not None:
            return str(found.experiment_id)
        return str(client.create_experiment(target.value, (self.home.resolve() / "mlflow" / target.value).as_uri()))

    @staticmethod
    def _log(
        client: MlflowClient,
        run_id: str,
        parameters: Mapping[str, object],
        tags: Mapping[str, str],
        observations: Sequence[Observation],
    ) -> None:
        from mlflow.entities import Metric, Param, RunTag

        client.log_batch(
            run_id,
            params=[Param(name, str(value)) for name, value in parameters.items()],
            tags=[RunTag(name, value[:_LONGEST]) for name, value in tags.items()],
        )
        # A NaN (no breach in a quarter) is left out: SQLite has no such number.
        metrics = [Metric(one.name, one.value, 0, one.step) for one in observations if one.value == one.value]
        for start in range(0, len(metrics), _BATCH):
            client.log_batch(run_id, metrics=metrics[start : start + _BATCH])

    @staticmethod
    def _register(client: MlflowClient, target: Target, run_id: str, version: str, *, champion: bool) -> None:
        from mlflow.exceptions import MlflowException

        try:
            client.create_registered_model(target.value)
        except MlflowException as cause:
            if cause.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
        run = client.get_run(run_id)
        source = f"{run.info.artifact_uri}/model"
        made = client.create_model_version(target.value, source, run_id, tags={"version": version})
        if champion:
            client.set_registered_model_alias(target.value, CHAMPION, made.version)
