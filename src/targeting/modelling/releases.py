"""`releases.toml`: what serves each target, and what was decided about its versions, by whom and when.

A version is a **candidate** once it is trained. A **shadow** scores each quarter silently beside what serves. An
**approved** version may serve. A **retired** one may not. The decisions are data: one entry each, oldest first, and a
file with a step that is not allowed is refused as a whole.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from targeting.domain import BadInputError, Quarter, Target
from targeting.modelling.strict_keys import build, check_keys, typed

__all__ = ["CHAMPION", "STEPS", "VERSION", "Decision", "Release", "State", "load_releases"]

CHAMPION: Final = "champion"
VERSION: Final = re.compile(r"v[0-9a-f]{12}")


class State(StrEnum):
    """Where a version stands."""

    CANDIDATE = "candidate"
    SHADOW = "shadow"
    APPROVED = "approved"
    RETIRED = "retired"


STEPS: Final[Mapping[State, frozenset[State]]] = {
    State.CANDIDATE: frozenset({State.SHADOW, State.APPROVED, State.RETIRED}),
    State.SHADOW: frozenset({State.APPROVED, State.RETIRED}),
    State.APPROVED: frozenset({State.RETIRED}),
    State.RETIRED: frozenset({State.SHADOW}),
}
"""What may follow what. A candidate is approved without a shadow only where nothing was approved before it."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One step of one version: the state it was given, the day, the person, and why."""

    version: str
    state: str
    decided_on: date
    decided_by: str
    why: str


@dataclass(frozen=True, slots=True)
class Release:
    """One target's table: what serves ("champion" or a version), why, who decided it and when, and the decisions.

    A version that no decision speaks of is approved by being named in `serves`: that line has a person and a day too.
    """

    serves: str
    why: str
    decided_by: str
    decided_on: date
    decisions: tuple[Decision, ...] = ()

    def decision_on(self, version: str) -> Decision | None:
        """The latest decision about the version; null when there is none."""
        return next((one for one in reversed(self.decisions) if one.version == version), None)

    @property
    def shadows(self) -> tuple[str, ...]:
        """The versions that score silently, in the order they were first spoken of."""
        names = dict.fromkeys(one.version for one in self.decisions)
        return tuple(name for name in names if _last_state(self.decisions, name) is State.SHADOW)


def load_releases(path: Path) -> Mapping[Target, Release]:
    """One table a target, every target named, unknown keys and steps that are not allowed refused."""
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as cause:
        raise BadInputError(expected="releases in TOML", got=str(cause), where=path.name) from cause
    check_keys(document, {str(target) for target in Target}, set(), path.name)
    return {target: _release(document[target], f"{path.name}: {target}") for target in Target}


def _release(entry: Mapping[str, Any], where: str) -> Release:
    check_keys(entry, {"serves", "why", "decided_by", "decided_on"}, {"decisions"}, where)
    told = typed(entry.get("decisions", []), list, f"{where} decisions")
    decisions = tuple(build(Decision, one, f"{where} decision {place}") for place, one in enumerate(told, 1))
    head = build(Release, {name: value for name, value in entry.items() if name != "decisions"}, where)
    _check_names(head, decisions, where)
    _check_steps(decisions, where)
    _check_serves(head.serves, decisions, where)
    return Release(head.serves, head.why, head.decided_by, head.decided_on, decisions)


def _check_names(head: Release, decisions: Sequence[Decision], where: str) -> None:
    for name in (*(one.version for one in decisions), *((head.serves,) if head.serves != CHAMPION else ())):
        if not VERSION.fullmatch(name):
            raise BadInputError(expected='"champion" or a version such as v0123456789ab', got=repr(name), where=where)
    for one in decisions:
        if one.state not in set(State) - {State.CANDIDATE}:
            raise BadInputError(expected="shadow, approved or retired", got=repr(one.state), where=where)
    texts = [head.decided_by, head.why, *(text for one in decisions for text in (one.decided_by, one.why))]
    if not all(text.strip() for text in texts):
        raise BadInputError(expected="who decided, and why", got="an empty text", where=where)


def _check_steps(decisions: Sequence[Decision], where: str) -> None:
    for before, after in pairwise(decisions):
        if after.decided_on < before.decided_on:
            raise BadInputError(expected="decisions oldest first", got=f"{after.decided_on} last", where=where)
    for place, one in enumerate(decisions):
        earlier = decisions[:place]
        state, last = State(one.state), _last_state(earlier, one.version)
        if state not in STEPS[last]:
            raise BadInputError(
                expected=f"{' or '.join(sorted(STEPS[last]))} after {last}",
                got=one.state,
                where=f"{where} {one.version}",
            )
        if state is State.APPROVED:
            _check_approval(one, earlier, where)


def _check_approval(decision: Decision, earlier: Sequence[Decision], where: str) -> None:
    """A shadow has scored a quarter before it is approved; the first version of all has nothing to be held against."""
    if _last_state(earlier, decision.version) is not State.SHADOW:
        if not any(one.state == State.APPROVED for one in earlier):
            return
        raise BadInputError(
            expected="a quarter in shadow before approval, once another version was approved",
            got="none",
            where=f"{where} {decision.version}",
            do='decide state = "shadow" first, and score a quarter',
        )
    since = next(one.decided_on for one in reversed(earlier) if one.version == decision.version)
    scored = next(day for day in _scoring_days(since) if day >= since)
    if decision.decided_on <= scored:
        raise BadInputError(
            expected=f"an approval after {scored}, when the shadow scores its first quarter",
            got=str(decision.decided_on),
            where=f"{where} {decision.version}",
        )


def _scoring_days(since: date) -> tuple[date, date]:
    quarter = Quarter.of(since)
    return quarter.first_day, quarter.next().first_day


def _check_serves(serves: str, decisions: Sequence[Decision], where: str) -> None:
    spoken_of = {one.version for one in decisions}
    if serves in spoken_of and (state := _last_state(decisions, serves)) is not State.APPROVED:
        raise BadInputError(expected="an approved version to serve", got=f"one that is {state}", where=where)


def _last_state(decisions: Sequence[Decision], version: str) -> State:
    states = [State(one.state) for one in decisions if one.version == version]
    return states[-1] if states else State.CANDIDATE
