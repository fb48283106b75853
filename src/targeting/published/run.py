"""What a published run says about itself: `run.json` as frozen values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

import pyarrow as pa

from targeting.domain import AsOf, BadInputError, Quarter, Target

__all__ = ["FileSeal", "PublishedTables", "Run", "TargetRun"]


@dataclass(frozen=True, slots=True)
class FileSeal:
    """A published file's content: its sha256 and number of rows."""

    sha256: str
    rows: int


@dataclass(frozen=True, slots=True)
class TargetRun:
    """Which model scored a target.

    `release` is the version that serves, `model` the sha256 of its manifest, `candidate` its kind ("lightgbm",
    "sector_rate", ...), `features` the columns it reads, `calibrated` whether the scores are probabilities
    (otherwise only their order means something), `trained_until` the day up to which labels were known to it.
    """

    release: str
    model: str
    candidate: str
    features: tuple[str, ...]
    calibrated: bool
    trained_until: str


@dataclass(frozen=True)
class Run:
    """One quarterly scoring, identified by the hash of its inputs: the same inputs are the same run."""

    as_of: AsOf
    quarter: Quarter
    seed: int
    inputs: str
    targets: Mapping[Target, TargetRun]
    files: Mapping[str, FileSeal] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.inputs) != 64 or set(self.inputs) - set("0123456789abcdef"):
            raise BadInputError(expected="a sha256 in lower-case hex", got=repr(self.inputs), where="Run.inputs")

    @property
    def run(self) -> str:
        """The run's id: the first 16 hex digits of the sha256 of its inputs."""
        return self.inputs[:16]

    def to_json(self) -> str:
        """The text of `run.json`: sorted keys, no clock, so that equal runs are equal bytes."""
        document = {
            "run": self.run,
            "as_of": str(self.as_of),
            "quarter": str(self.quarter),
            "seed": self.seed,
            "inputs": self.inputs,
            "targets": {str(target): asdict(about) for target, about in self.targets.items()},
            "files": {name: asdict(seal) for name, seal in self.files.items()},
        }
        return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str, where: str = "run.json") -> Run:
        """Read what `to_json` wrote; anything else is a `BadInputError`."""
        try:
            return _read(json.loads(text))
        except (KeyError, TypeError, ValueError) as cause:
            raise BadInputError(expected="the run.json of a published run", got=str(cause), where=where) from cause


def _read(document: Mapping[str, Any]) -> Run:
    as_of = AsOf.parse(document["as_of"])
    return Run(
        as_of=as_of,
        quarter=Quarter(int(document["quarter"][:4]), int(document["quarter"][5:])),
        seed=document["seed"],
        inputs=document["inputs"],
        targets={Target(name): _target(about) for name, about in document["targets"].items()},
        files={name: FileSeal(**seal) for name, seal in document["files"].items()},
    )


def _target(about: Mapping[str, Any]) -> TargetRun:
    return TargetRun(**{**about, "features": tuple(about["features"])})


class PublishedTables(NamedTuple):
    """The three kinds of file of one run, with the columns of `schemas`."""

    establishments: pa.Table
    sectors: pa.Table
    scores: Mapping[Target, pa.Table]
