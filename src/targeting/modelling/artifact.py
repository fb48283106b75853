"""A trained model as bytes, and back: skops with our own list of trusted types, the same bytes for the same model."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from itertools import count
from typing import Any, Final, NamedTuple

import pandas as pd
import skops.io
from skops.io.exceptions import UntrustedTypesFoundException

from targeting.domain import BadInputError, RefusedError
from targeting.modelling.calibration import Calibrator
from targeting.modelling.columns import Reals
from targeting.modelling.model import Model

__all__ = ["TRUSTED_TYPES", "Scored", "TrainedModel", "dumps", "loads"]

#: Every type of ours that a model file may hold. What MLflow stores beside a model is not consulted: a list that
#: travels with the file protects nothing.
TRUSTED_TYPES: Final = (
    "targeting.modelling.artifact.TrainedModel",
    "targeting.modelling.assignment.AssignmentEffects",
    "targeting.modelling.blend.Blend",
    "targeting.modelling.calibration.Calibrator",
    "targeting.modelling.categories.CategoryRates",
    "targeting.modelling.encoding.Encoder",
    "targeting.modelling.linear.Logistic",
    "targeting.modelling.numerics.NumericShape",
    "targeting.modelling.rules.Rule",
    "targeting.modelling.trees.Trees",
)
_SCHEMA: Final = "schema.json"
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


class Scored(NamedTuple):
    """Raw log-odds, calibrated probability and its 95 % interval, one a row."""

    raw: Reals
    probability: Reals
    low: Reals
    high: Reals


@dataclass(frozen=True)
class TrainedModel:
    """A candidate fitted on everything known on `trained_until`, with its calibrator: all that scoring needs."""

    target: str
    candidate: str
    kind: str
    model: Model
    calibrator: Calibrator
    trained_until: str
    seed: int

    def score(self, frame: pd.DataFrame, *, threads: int = 1) -> Scored:
        """Score rows; a row's result does not depend on the other rows, to the bit."""
        raw = self.model.log_odds(frame, threads=threads)
        probability = self.calibrator.probability(raw)
        return Scored(raw, probability, *self.calibrator.interval(probability))


def dumps(trained: TrainedModel) -> bytes:
    """The model as a skops file. skops numbers objects by memory address and stamps the clock; both are removed."""
    source = zipfile.ZipFile(io.BytesIO(skops.io.dumps(trained)))
    members = {name: source.read(name) for name in source.namelist() if name != _SCHEMA}
    renamed = {name: f"{hashlib.sha256(content).hexdigest()}.npy" for name, content in members.items()}
    schema = _renumbered(json.loads(source.read(_SCHEMA)), renamed, count(1))
    contents = {renamed[name]: content for name, content in members.items()}
    contents[_SCHEMA] = json.dumps(schema, sort_keys=True).encode()
    return _zipped(contents)


def loads(content: bytes) -> TrainedModel:
    """The model in a skops file. `RefusedError` when it holds a type that is not on our list; no code is run."""
    try:
        trained = skops.io.loads(content, trusted=list(TRUSTED_TYPES))
    except UntrustedTypesFoundException as cause:
        raise RefusedError(
            expected="only the types of TRUSTED_TYPES", got=str(cause), where="a model file", do="train it again here"
        ) from cause
    except (zipfile.BadZipFile, KeyError, ValueError) as cause:
        raise BadInputError(expected="a skops model file", got=str(cause), where="a model file") from cause
    if not isinstance(trained, TrainedModel):
        raise BadInputError(expected="a trained model", got=type(trained).__name__, where="a model file")
    return trained


def _renumbered(node: Any, renamed: dict[str, str], ids: count[int]) -> Any:
    """The schema with object ids in order of appearance and arrays named by their content."""
    if isinstance(node, list):
        return [_renumbered(item, renamed, ids) for item in node]
    if not isinstance(node, dict):
        return node
    fresh = {key: _renumbered(node[key], renamed, ids) for key in sorted(node) if key != "__id__"}
    if isinstance(node.get("file"), str):
        fresh["file"] = renamed.get(node["file"], node["file"])
    # Every appearance gets its own id: skops writes shared values out in full, so none is lost.
    return fresh | ({"__id__": next(ids)} if "__id__" in node else {})


def _zipped(contents: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(contents):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), contents[name], zipfile.ZIP_DEFLATED, 6)
    return target.getvalue()
