"""What a published run says about itself: `run.json` as frozen values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, NamedTuple

import pyarrow as pa

from targeting.domain import AsOf, BadInputError, Quarter, Target
from targeting.published.bands import Band

__all__ = ["FileSeal", "PublishedTables", "Run", "TargetRun"]


@dataclass(frozen=True, slots=True)
class FileSeal:
    """A published file's content: its sha256 and number of rows."""

    sha256: str
    rows: int


@dataclass(frozen=True, slots=True)
class TargetRun:
    """Which model scored a target, and how its scores may be read.

    `release` is the version that serves, `model` the sha256 of its manifest, `candidate` its kind ("lightgbm",
    "sector_rate", ...), `features` the columns it reads, `trained_until` the day up to which labels were known to it.
    `bands`, highest first, are there when a score says no more than its band; without bands it is a probability.
    `why_nb` and `why_en` say why it is the one or the other.
    """

    release: str
    model: str
    candidate: str
    features: tuple[str, ...]
    trained_until: str
    bands: tuple[Band, ...] = ()
    why_nb: str = ""
    why_en: str = ""

    @property
    def form(self) -> str:
        """How scores are published: "probability" or "bands"."""
        return "bands" if self.bands else "probability"

    @property
    def calibrated(self) -> bool:
        """Whether the scores are probabilities."""
        return not self.bands


@dataclass(frozen=True)
class Run:
    """One quarterly scoring, identified by the hash of its inputs: the same inputs are the same run.

    `open_inputs` hashes them without closed targets and whoever is in their cohorts alone, and names the run to
    people who may not know of those; null exactly where no closed target was scored.
    """

    as_of: AsOf
    quarter: Quarter
    seed: int
    inputs: str
    targets: Mapping[Target, TargetRun]
    files: Mapping[str, FileSeal] = field(default_factory=dict)
    open_inputs: str | None = None

    def __post_init__(self) -> None:
        for name, digest in (("inputs", self.inputs), ("open_inputs", self.open_inputs or "0" * 64)):
            if len(digest) != 64 or set(digest) - set("0123456789abcdef"):
                raise BadInputError(expected="a sha256 in lower-case hex", got=repr(digest), where=f"Run.{name}")
        if (self.open_inputs is not None) != any(target.closed for target in self.targets):
            raise BadInputError(
                expected="open_inputs exactly where a closed target was scored",
                got=f"{self.open_inputs} with {', '.join(sorted(self.targets))}",
                where="Run.open_inputs",
            )

    @property
    def run(self) -> str:
        """The run's id: the first 16 hex digits of the sha256 of its inputs."""
        return self.inputs[:16]

    def named_for(self, target: Target) -> str:
        """The id to write into what is made from one target's scores: that of the open part unless it is closed."""
        return self.run if target.closed else self.open_part().run

    def open_part(self) -> Run:
        """The run as it would have been had no closed target been scored; itself where none was."""
        if self.open_inputs is None:
            return self
        shown = {target: about for target, about in self.targets.items() if not target.closed}
        return replace(self, inputs=self.open_inputs, open_inputs=None, targets=shown, files={})

    def to_json(self) -> str:
        """The text of `run.json`: sorted keys, no clock, so that equal runs are equal bytes."""
        document = {
            "run": self.run,
            "as_of": str(self.as_of),
            "quarter": str(self.quarter),
            "seed": self.seed,
            "inputs": self.inputs,
            "open_inputs": self.open_inputs,
            "targets": {str(target): asdict(about) | {"form": about.form} for target, about in self.targets.items()},
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
        open_inputs=document["open_inputs"],
        targets={Target(name): _target(about) for name, about in document["targets"].items()},
        files={name: FileSeal(**seal) for name, seal in document["files"].items()},
    )


def _target(about: Mapping[str, Any]) -> TargetRun:
    told = {name: value for name, value in about.items() if name != "form"}
    bands = tuple(Band(**band) for band in about["bands"])
    return TargetRun(**{**told, "features": tuple(about["features"]), "bands": bands})


class PublishedTables(NamedTuple):
    """The kinds of file of one run, with the columns of `schemas`; `holdings` and `area_results` are null where nobody
    counted them.
    """

    establishments: pa.Table
    sectors: pa.Table
    scores: Mapping[Target, pa.Table]
    holdings: pa.Table | None = None
    area_results: pa.Table | None = None
