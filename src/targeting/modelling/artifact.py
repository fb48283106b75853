"""A trained model as bytes, and back: skops with our own list of trusted types, the same bytes for the same model."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from itertools import count
from typing import Any, Final, NamedTuple

import numpy as np

from targeting.domain import BadInputError, RefusedError
from targeting.modelling.bands import AS_PROBABILITY, ScoreForm
from targeting.modelling.calibration import Calibrator
from targeting.modelling.columns import Frame, Reals
from targeting.modelling.model import Model
from targeting.modelling.refits import NO_REFITS, Refits

__all__ = ["TRUSTED_TYPES", "Scored", "TrainedModel", "dumps", "loads"]

#: Every type of ours that a model file may hold. What MLflow stores beside a model is not consulted: a list that
#: travels with the file protects nothing.
TRUSTED_TYPES: Final = (
    "targeting.modelling.artifact.TrainedModel",
    "targeting.modelling.assignment.AssignmentEffects",
    "targeting.modelling.bands.Bands",
    "targeting.modelling.bands.ScoreForm",
    "targeting.modelling.blend.Blend",
    "targeting.modelling.calibration.Calibrator",
    "targeting.modelling.categories.CategoryRates",
    "targeting.modelling.encoding.Encoder",
    "targeting.modelling.linear.Logistic",
    "targeting.modelling.numerics.NumericShape",
    "targeting.modelling.refits.Refits",
    "targeting.modelling.rules.Rule",
    "targeting.modelling.trees.Trees",
)
_SCHEMA: Final = "schema.json"
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


class Scored(NamedTuple):
    """Raw log-odds and what may be published of them, one a row: probability, its 95 % interval, band.

    `band` counts from 1, the highest, and is 0 where the scores are probabilities; inside a band the other three are
    the band's own.
    """

    raw: Reals
    probability: Reals
    low: Reals
    high: Reals
    band: np.ndarray


@dataclass(frozen=True)
class TrainedModel:
    """A candidate fitted on everything known on `trained_until`, with its calibrator: all that scoring needs.

    `form` says what may be published of its scores; `refits` are asked who would be listed by other samples.
    """

    target: str
    candidate: str
    kind: str
    model: Model
    calibrator: Calibrator
    trained_until: str
    seed: int
    form: ScoreForm = AS_PROBABILITY
    refits: Refits = NO_REFITS

    def score(self, frame: Frame, *, threads: int = 1) -> Scored:
        """Score rows. A row scored alone equals the same row scored among others, to the bit."""
        raw = self.model.log_odds(frame, threads=threads)
        if (bands := self.form.bands) is not None:
            places, (low, high) = bands.places(raw), bands.intervals
            return Scored(raw, bands.rates[places], low[places], high[places], len(bands.rows) - places)
        probability = self.calibrator.probability(raw)
        return Scored(raw, probability, *self.calibrator.interval(probability), np.zeros(len(raw), dtype=np.int64))


def dumps(trained: TrainedModel) -> bytes:
    """The model as a skops file. skops numbers objects by memory address and stamps the clock; both are removed."""
    import skops.io

    source = zipfile.ZipFile(io.BytesIO(skops.io.dumps(trained)))
    members = {name: source.read(name) for name in source.namelist() if name != _SCHEMA}
    renamed = {name: f"{hashlib.sha256(content).hexdigest()}.npy" for name, content in members.items()}
    schema = _renumbered(json.loads(source.read(_SCHEMA)), renamed, count(1))
    contents = {renamed[name]: content for name, content in members.items()}
    contents[_SCHEMA] = json.dumps(schema, sort_keys=True).encode()
    return _zipped(contents)


def loads(content: bytes) -> TrainedModel:
    """The model in a skops file. `RefusedError` when it holds a type that is not on our list; no code is run."""
    # It imports every estimator there is to know their names, two seconds that whoever is handed a model need not wait.
    import skops.io
    from skops.io.exceptions import UntrustedTypesFoundException

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
