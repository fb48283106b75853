"""The pinned reference: what a quarter looked like when a person said that it was as it should be.

    watching/references/<id>.json   canonical: sorted keys, no clock; the id is the first 16 digits of its sha256
    watching/pins.jsonl             one line a pin: which, by whom, when, why; the last one counts

A reference is pinned, never rolled forward by itself: a drift of a percent a quarter would otherwise never be seen.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from targeting.domain import BadInputError, NotFoundError, Target, has_national_identity_number
from targeting.published.flushing import keep_file
from targeting.watching.facts import InputFacts
from targeting.watching.histograms import Histogram
from targeting.watching.measuring import Measured, histograms_of

__all__ = [
    "FOLDER",
    "Pin",
    "Reference",
    "TargetReference",
    "keep_reference",
    "load_pinned",
    "load_reference",
    "make_reference",
    "pin_reference",
    "pins",
]

FOLDER: Final = "watching"
_FORMAT: Final = 1


@dataclass(frozen=True)
class TargetReference:
    """One target's distributions over `rows`, and the sha256 of the model that scored (null: nothing was scored)."""

    rows: int
    model: str | None
    histograms: Mapping[str, Histogram]


@dataclass(frozen=True)
class Reference:
    """What to hold a quarter against."""

    inputs: InputFacts
    targets: Mapping[Target, TargetReference]

    @property
    def as_of(self) -> str:
        """The day it is about."""
        return self.inputs.as_of

    @property
    def id(self) -> str:
        """The first 16 digits of the sha256 of its text."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:16]

    def histograms(self, target: Target) -> Mapping[str, Histogram] | None:
        """The target's histograms; null for a target the reference does not know."""
        return self.targets[target].histograms if target in self.targets else None

    def to_json(self) -> str:
        """Canonical text: equal references are equal bytes."""
        document = {
            "format": _FORMAT,
            "inputs": self.inputs.to_dict(),
            "targets": {
                target.value: {
                    "rows": one.rows,
                    "model": one.model,
                    "histograms": {name: histogram.to_dict() for name, histogram in one.histograms.items()},
                }
                for target, one in self.targets.items()
            },
        }
        return json.dumps(document, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"

    @classmethod
    def from_json(cls, text: str, where: str) -> Reference:
        """Read what `to_json` wrote; anything else is a `BadInputError`."""
        try:
            raw = json.loads(text)
            if raw["format"] != _FORMAT:
                raise ValueError(f"format {raw['format']}")
            return cls(InputFacts.from_dict(raw["inputs"]), {Target(k): _target(v) for k, v in raw["targets"].items()})
        except (KeyError, TypeError, ValueError) as cause:
            raise BadInputError(
                expected="a reference", got=f"{type(cause).__name__}: {cause}", where=where, do="pin one anew"
            ) from cause


def _target(raw: Mapping[str, Any]) -> TargetReference:
    histograms = {name: Histogram.from_dict(one) for name, one in raw["histograms"].items()}
    return TargetReference(raw["rows"], raw["model"], histograms)


@dataclass(frozen=True, slots=True)
class Pin:
    """Who said of which reference, when and why, that quarters are to be held against it."""

    reference: str
    as_of: str
    by: str
    at: str
    why: str


def make_reference(inputs: InputFacts, measured: Mapping[Target, Measured], models: Mapping[Target, str]) -> Reference:
    """The reference that a quarter would be. `models` holds the sha256 of each model that scored."""
    targets = {
        target: TargetReference(one.rows, models.get(target), histograms_of(one)) for target, one in measured.items()
    }
    return Reference(inputs, targets)


def keep_reference(home: Path, reference: Reference) -> str:
    """Write `reference` under `home`, so that a person may pin it; its id. Nobody compares with it before that."""
    path = home / FOLDER / "references" / f"{reference.id}.json"
    if not path.exists():
        keep_file(path, reference.to_json().encode())
    return reference.id


def pin_reference(home: Path, reference: str, by: str, why: str, at: datetime) -> Pin:
    """Hold every quarter from now on against the kept `reference`. `by` and `why` must say something."""
    for name, text in (("by", by), ("why", why)):
        if not text.strip() or has_national_identity_number(text):
            raise BadInputError(
                expected="a name or a reason",
                got="nothing, or a person's number",
                where=name,
                do="say it, without a number",
            )
    pin = Pin(reference, load_reference(home, reference).as_of, by.strip(), at.isoformat(), why.strip())
    with (home / FOLDER / "pins.jsonl").open("ab") as stream:
        stream.write(json.dumps(asdict(pin), sort_keys=True, ensure_ascii=False).encode() + b"\n")
        stream.flush()
        os.fsync(stream.fileno())
    return pin


def pins(home: Path) -> tuple[Pin, ...]:
    """Every pin, oldest first. A torn last line is not there."""
    path = home / FOLDER / "pins.jsonl"
    if not path.is_file():
        return ()
    try:
        return tuple(Pin(**json.loads(line)) for line in path.read_text("utf-8").split("\n")[:-1])
    except (TypeError, ValueError) as cause:
        raise BadInputError(expected="lines of pins", got=str(cause), where=path.name, do="restore it") from cause


def load_pinned(home: Path) -> Reference | None:
    """The reference in force; null when nobody has pinned one."""
    every = pins(home)
    return load_reference(home, every[-1].reference) if every else None


def load_reference(home: Path, reference: str) -> Reference:
    """A kept reference by its id; `NotFoundError` when absent, `BadInputError` when its content is not its id's."""
    path = home / FOLDER / "references" / f"{reference}.json"
    if not path.is_file():
        raise NotFoundError(expected="a kept reference", got=repr(reference), where=FOLDER, do="run the quarter first")
    found = Reference.from_json(path.read_text("utf-8"), path.name)
    if found.id != reference:
        raise BadInputError(
            expected=f"the content of reference {reference}",
            got=found.id,
            where=path.name,
            do="restore it, or pin anew",
        )
    return found
