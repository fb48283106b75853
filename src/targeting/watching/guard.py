"""A guard at the door of the store: a file that looks broken is refused while its load can still leave nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from targeting.domain import AsOf, RefusedError
from targeting.parameters.watching import FileBounds, Limit, bounds, file_bounds
from targeting.snapshots import Load, Manifest
from targeting.tables import Table
from targeting.watching.check import Check, Light, light_of
from targeting.watching.facts import UNITS
from targeting.watching.inputs import listed_examples, unlisted
from targeting.watching.telling import at_most, tell
from targeting.watching.words import Words, count, percent, say, signed

__all__ = ["Guard"]


@dataclass(slots=True)
class Guard:
    """One file while it is read: `take` each batch, then `settle` before the load is committed; then read `checks`.

    `kind` is the source kind, `before` the manifest without this file, `on` the day whose bounds count.
    """

    kind: str
    file: str
    before: Manifest
    on: AsOf
    checks: tuple[Check, ...] = ()
    _codes: Counter[str] = field(default_factory=Counter)

    def take(self, table: type[Table], rows: pa.Table) -> None:
        """Count the main industry codes of a batch of units."""
        if table not in UNITS:
            return
        codes = rows.select(["industry_standard", "industry_code"]).filter(pc.is_valid(rows["industry_code"]))
        standards = pc.fill_null(codes["industry_standard"], "none")
        pairs = pc.value_counts(pc.binary_join_element_wise(standards, codes["industry_code"], " "))
        self._codes.update({one["values"]: one["counts"] for one in pairs.to_pylist()})

    def settle(self, load: Load) -> None:
        """Fill `checks`; raises `RefusedError` when one is red, so that the load ends without a trace."""
        self.checks = (*self._rows(load), self._quarantine(load), *self._listed())
        if red := [one for one in self.checks if one.light is Light.RED]:
            raise RefusedError(
                expected="a file like the last of its kind",
                got="; ".join(one.reason_en for one in red),
                where=self.file,
                do="check that the file is whole and in the known standard; if it is right, ingest it by hand without "
                "--guard and pin a new reference",
            )

    def _rows(self, load: Load) -> tuple[Check, ...]:
        limits, last = file_bounds(self.kind, self.on.day), self._last_rows()
        if limits is None or last < bounds(self.on.day).least_rows:
            return ()
        rows = _read(load)
        change = (rows - last) / last
        words = say("FIL001", where=self.file, observed=count(rows), reference=count(last), change=signed(change))
        bound = f"{last} -{limits.yellow:.0%} / -{limits.red:.0%} / +{limits.most:.0%}"
        return (self._check("FIL001", _volume(change, limits), rows, bound, words),)

    def _last_rows(self) -> int:
        """The rows of the last load of the kind, quarantined ones too; 0 for the first."""
        loads = [load for load in self.before.loads if load.source_kind == self.kind]
        return sum(one.read for one in loads[-1].counts) if loads else 0

    def _quarantine(self, load: Load) -> Check:
        limit, rows = bounds(self.on.day).quarantined, _read(load)
        share = load.quarantined / rows if rows else 0.0
        words = say("FIL002", where=self.file, observed=percent(share), rows=count(rows))
        return self._share("FIL002", share, rows, limit, words)

    def _listed(self) -> tuple[Check, ...]:
        coded = sum(self._codes.values())
        if not coded:
            return ()
        odd, limit = unlisted(self._codes), bounds(self.on.day).unlisted_codes
        share = sum(odd.values()) / coded
        words = say("FIL003", where=self.file, observed=percent(share), examples=listed_examples(odd))
        return (self._share("FIL003", share, coded, limit, words),)

    def _share(self, code: str, share: float, rows: int, limit: Limit, words: Words) -> Check:
        enough = rows >= bounds(self.on.day).least_rows
        light = light_of(share, limit) if enough else Light.GREEN
        return self._check(code, light, round(share, 6), at_most(limit), words)

    def _check(self, code: str, light: Light, observed: float, bound: str, words: Words) -> Check:
        return tell(code, "inputs", light, self.file, observed, bound, words)


def _volume(change: float, limits: FileBounds) -> Light:
    if change < 0:
        return light_of(-change, Limit(yellow=limits.yellow, red=limits.red))
    return Light.YELLOW if change > limits.most else Light.GREEN


def _read(load: Load) -> int:
    return sum(one.read for one in load.taken.values())
