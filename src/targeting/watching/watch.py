"""Everything that was seen of one quarter, as one value: `watch.json`, canonical and without a clock."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final, get_args

from targeting.domain import BadInputError, Target
from targeting.parameters.watching import bounds
from targeting.watching.calibration import Bin, Calibration
from targeting.watching.check import Check, Group, Light, worst
from targeting.watching.churn import Churn
from targeting.watching.drift import Drift

__all__ = ["GROUPS", "ChurnTold", "Watch", "churn_told"]

GROUPS: Final[tuple[Group, ...]] = get_args(Group)


@dataclass(frozen=True, slots=True)
class ChurnTold:
    """A target's churn in counts; whom it concerns stays out of the report."""

    target: Target
    k: int
    before: str
    before_as_of: str
    model_changed: bool
    reduced: bool
    stayed: int
    left: int
    entered: int
    left_causes: dict[str, int]
    entered_causes: dict[str, int]
    themes: dict[str, int]


def churn_told(found: Churn) -> ChurnTold:
    """The counts of a churn."""
    return ChurnTold(
        target=found.target,
        k=found.k,
        before=found.before,
        before_as_of=found.before_as_of,
        model_changed=found.model_changed,
        reduced=found.reduced,
        stayed=found.stayed,
        left=found.left,
        entered=found.entered,
        left_causes=found.causes("left"),
        entered_causes=found.causes("entered"),
        themes=found.themes,
    )


@dataclass(frozen=True)
class Watch:
    """One quarter: the run it led to (null: none), the reference it was held against (null: none), what was seen.

    `candidate` is the kept reference that this quarter would itself be, for a person to pin; null where none was made.
    """

    as_of: str
    run: str | None
    reference: str | None
    reference_as_of: str | None
    candidate: str | None
    checks: tuple[Check, ...] = ()
    drift: tuple[Drift, ...] = ()
    churn: tuple[ChurnTold, ...] = ()
    calibration: tuple[Calibration, ...] = ()

    @property
    def light(self) -> Light:
        """The worst of all."""
        return worst(self.checks)

    def light_of_group(self, group: Group) -> Light | None:
        """The worst of a group; null where nothing of it was looked at."""
        own = [check for check in self.checks if check.group == group]
        return worst(own) if own else None

    def odd(self) -> tuple[Check, ...]:
        """The checks that are not green; red first, else in their own order."""
        odd = (check for check in self.checks if check.light is not Light.GREEN)
        return tuple(sorted(odd, key=lambda check: check.light is not Light.RED))

    def stopping(self) -> tuple[Check, ...]:
        """The red checks of the groups whose red stops a run."""
        stops = bounds(date.fromisoformat(self.as_of)).stops
        return tuple(check for check in self.checks if check.light is Light.RED and check.group in stops)

    def open_part(self) -> Watch:
        """Without anything about closed targets: what may leave the house, or be shown to everybody."""
        return Watch(
            self.as_of,
            self.run,
            self.reference,
            self.reference_as_of,
            self.candidate,
            tuple(one for one in self.checks if not _closed(one.target)),
            tuple(one for one in self.drift if not _closed(one.target)),
            tuple(one for one in self.churn if not _closed(one.target)),
            tuple(one for one in self.calibration if not _closed(one.target)),
        )

    def to_json(self) -> str:
        """Canonical text: sorted keys, no clock, so that equal quarters give equal bytes."""
        groups = {group: light for group in GROUPS if (light := self.light_of_group(group)) is not None}
        document = asdict(self) | {"light": self.light, "groups": groups, "format": 1}
        return json.dumps(document, sort_keys=True, ensure_ascii=False, allow_nan=False, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str, where: str = "watch.json") -> Watch:
        """Read what `to_json` wrote; anything else is a `BadInputError`."""
        try:
            raw = json.loads(text)
            return cls(
                raw["as_of"],
                raw["run"],
                raw["reference"],
                raw["reference_as_of"],
                raw["candidate"],
                tuple(_check(one) for one in raw["checks"]),
                tuple(_drift(one) for one in raw["drift"]),
                tuple(ChurnTold(**(one | {"target": Target(one["target"])})) for one in raw["churn"]),
                tuple(_calibration(one) for one in raw["calibration"]),
            )
        except (KeyError, TypeError, ValueError) as cause:
            raise BadInputError(
                expected="a watch.json",
                got=f"{type(cause).__name__}: {cause}",
                where=where,
                do="remove it: `monitor` looks anew",
            ) from cause


def _closed(target: Target | None) -> bool:
    return target is not None and target.closed


def _check(raw: dict[str, Any]) -> Check:
    target = Target(raw["target"]) if raw["target"] else None
    return Check(**(raw | {"light": Light(raw["light"]), "target": target}))


def _drift(raw: dict[str, Any]) -> Drift:
    listed = {name: tuple(raw[name]) for name in ("bins", "now", "before")}
    return Drift(**(raw | listed | {"light": Light(raw["light"]), "target": Target(raw["target"])}))


def _calibration(raw: dict[str, Any]) -> Calibration:
    bins = tuple(Bin(**one) for one in raw["bins"])
    return Calibration(**(raw | {"bins": bins, "target": Target(raw["target"])}))
