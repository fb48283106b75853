"""How the first places of a list changed since the last published run, and why: from published tables alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import duckdb

from targeting.domain import Target
from targeting.published import PublishedRun
from targeting.snapshots.connection import connect, quoted
from targeting.watching.churn_causes import cause_of

__all__ = ["Change", "Churn", "churn_of"]

Row = Mapping[str, Any]

_STAYED: Final = "SELECT count(*) FROM first_now JOIN first_before USING (e)"


@dataclass(frozen=True, slots=True)
class Change:
    """One establishment that left or entered the first places.

    `theme` is the theme whose reasons moved most, where the cause is that its own facts changed; null otherwise.
    """

    establishment: str
    direction: Literal["left", "entered"]
    cause: str
    theme: str | None


@dataclass(frozen=True)
class Churn:
    """The first `k` of a target's list in two runs. `stayed + entered` is how many places the list has now.

    `reduced` says that retention has thinned the earlier run, so that nothing can be compared. `causes` counts by
    direction and cause, `themes` the themes of those whose own facts changed.
    """

    target: Target
    k: int
    before: str
    before_as_of: str
    now_as_of: str
    model_changed: bool
    reduced: bool
    stayed: int
    changes: tuple[Change, ...]

    @property
    def left(self) -> int:
        """Who is no longer among the first."""
        return sum(one.direction == "left" for one in self.changes)

    @property
    def entered(self) -> int:
        """Who was not among the first before."""
        return sum(one.direction == "entered" for one in self.changes)

    @property
    def share(self) -> float:
        """The share of the places now that are new; 0 for an empty list."""
        places = self.stayed + self.entered
        return self.entered / places if places else 0.0

    def causes(self, direction: str) -> dict[str, int]:
        """How many changes of a direction have each cause, the commonest first."""
        found = Counter(one.cause for one in self.changes if one.direction == direction)
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))

    @property
    def themes(self) -> dict[str, int]:
        """Which themes moved those whose own facts changed, the commonest first."""
        found = Counter(one.theme for one in self.changes if one.theme)
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def churn_of(now: PublishedRun, before: PublishedRun, target: Target, k: int) -> Churn | None:
    """The churn of `target`'s first `k`; null when one of the runs did not score it."""
    if target not in now.about.targets or target not in before.about.targets:
        return None
    model_changed = now.about.targets[target].model != before.about.targets[target].model
    stayed, changes = 0, tuple[Change, ...]()
    if not before.reduced:
        with connect() as connection:
            _name(connection, now, before, target, k)
            stayed = int(connection.execute(_STAYED).fetchall()[0][0])
            changes = _changes(connection, model_changed=model_changed, before_as_of=str(before.about.as_of))
    return Churn(
        target=target,
        k=k,
        before=before.about.run,
        before_as_of=str(before.about.as_of),
        now_as_of=str(now.about.as_of),
        model_changed=model_changed,
        reduced=before.reduced,
        stayed=stayed,
        changes=changes,
    )


def _name(
    connection: duckdb.DuckDBPyConnection, now: PublishedRun, before: PublishedRun, target: Target, k: int
) -> None:
    for name, run in (("now", now), ("before", before)):
        for view, file in (("scores", f"scores_{target}.parquet"), ("facts", "establishments.parquet")):
            path = quoted(str(run.folder / file))
            connection.execute(f"CREATE VIEW {view}_{name} AS FROM read_parquet({path})")
        connection.execute(
            f"CREATE TABLE first_{name} AS SELECT establishment AS e FROM scores_{name} WHERE rank <= {k}"
        )
    connection.execute("""
        CREATE TABLE changed AS
        SELECT e, 'left' AS direction FROM first_before ANTI JOIN first_now USING (e)
        UNION ALL SELECT e, 'entered' FROM first_now ANTI JOIN first_before USING (e)""")


def _changes(connection: duckdb.DuckDBPyConnection, *, model_changed: bool, before_as_of: str) -> tuple[Change, ...]:
    sides = {name: _side(connection, name) for name in ("now", "before")}
    listed = connection.execute("SELECT e, direction FROM changed ORDER BY direction, e").fetchall()
    return tuple(
        _change(e, direction, sides["now"].get(e, {}), sides["before"].get(e, {}), model_changed, before_as_of)
        for e, direction in listed
    )


def _side(connection: duckdb.DuckDBPyConnection, name: str) -> dict[str, Row]:
    """What one run says of everybody who changed: facts, and rank, score and reasons where it lists them."""
    rows = connection.sql(f"""
        SELECT c.e, f.establishment IS NOT NULL AS described, f.living, f.employees, f.employees_low, f.bht_duty,
            f.age_months, f.last_inspected_on, s.rank, s.score, s.reasons
        FROM changed c
        LEFT JOIN (FROM facts_{name} SEMI JOIN changed ON establishment = e) f ON f.establishment = c.e
        LEFT JOIN (FROM scores_{name} SEMI JOIN changed ON establishment = e) s ON s.establishment = c.e
        """).to_arrow_table()
    return {row["e"]: row for row in rows.to_pylist()}


def _change(
    establishment: str, direction: Literal["left", "entered"], now: Row, before: Row, model_changed: bool, since: str
) -> Change:
    cause = cause_of(direction, now, before, model_changed=model_changed, since=since)
    return Change(establishment, direction, cause.name, cause.theme)
