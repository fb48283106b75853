"""The life of a plan as data: its states and the acts that move it on. The diagram in the docs is made from it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final, NamedTuple

from targeting.domain import BadInputError
from targeting.ledger import EventKind

__all__ = ["ACTS", "TRANSITIONS", "PlanState", "Transition", "diagram", "next_state", "state_after"]


class PlanState(StrEnum):
    """Where a plan is. `title_nb`, `title_en` and `owner` say it to people."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    APPROVED = "approved"
    IN_PROGRESS = "in_progress"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"

    @property
    def title_nb(self) -> str:
        """The state as planners call it."""
        return _ABOUT[self].nb

    @property
    def title_en(self) -> str:
        """The state in English."""
        return _ABOUT[self].en

    @property
    def waits_for(self) -> str:
        """What has to happen next, in English; empty when nothing can."""
        return _ABOUT[self].waits_for


class _About(NamedTuple):
    nb: str
    en: str
    waits_for: str


_ABOUT: Final = {
    PlanState.DRAFT: _About("utkast", "draft", "the author proposes it"),
    PlanState.PROPOSED: _About("foreslått", "proposed", "another person approves it or sends it back"),
    PlanState.APPROVED: _About("godkjent", "approved", "the first inspection; the list is frozen"),
    PlanState.IN_PROGRESS: _About("pågår", "in progress", "the remaining outcomes"),
    PlanState.CLOSED: _About("avsluttet", "closed", ""),
    PlanState.WITHDRAWN: _About("trukket", "withdrawn", ""),
}


class Transition(NamedTuple):
    """`act` moves a plan from `source` to `state`; `nb` and `en` name the act as the planner's."""

    source: PlanState
    act: EventKind
    state: PlanState
    nb: str
    en: str


TRANSITIONS: Final = (
    Transition(PlanState.DRAFT, EventKind.PROPOSED, PlanState.PROPOSED, "foreslå", "propose"),
    Transition(PlanState.PROPOSED, EventKind.RETURNED, PlanState.DRAFT, "send tilbake", "send back"),
    Transition(PlanState.PROPOSED, EventKind.APPROVED, PlanState.APPROVED, "godkjenne", "approve"),
    Transition(PlanState.APPROVED, EventKind.BEGUN, PlanState.IN_PROGRESS, "begynne", "begin"),
    Transition(PlanState.IN_PROGRESS, EventKind.CLOSED, PlanState.CLOSED, "avslutte", "close"),
    Transition(PlanState.DRAFT, EventKind.WITHDRAWN, PlanState.WITHDRAWN, "trekke", "withdraw"),
    Transition(PlanState.PROPOSED, EventKind.WITHDRAWN, PlanState.WITHDRAWN, "trekke", "withdraw"),
    Transition(PlanState.APPROVED, EventKind.WITHDRAWN, PlanState.WITHDRAWN, "trekke", "withdraw"),
)

_EDITABLE: Final = (PlanState.DRAFT, PlanState.PROPOSED)

ACTS: Final = {
    EventKind.SLOT_ADDED: _EDITABLE,
    EventKind.SLOT_REMOVED: _EDITABLE,
    EventKind.SLOT_SWAPPED: (*_EDITABLE, PlanState.IN_PROGRESS),
    EventKind.OUTCOMES_RECORDED: (PlanState.IN_PROGRESS,),
    EventKind.EXPORTED: tuple(PlanState),
}
"""Acts that leave the state as it is, and the states they are possible in. A plan in progress changes in one way only:
a slot that could not be inspected is swapped for a standby, by the recorded outcome."""

_MOVES: Final = {(one.source, one.act): one.state for one in TRANSITIONS}


def next_state(state: PlanState, act: EventKind) -> PlanState | None:
    """Where `act` leads from `state`; null where it is not possible.

    >>> next_state(PlanState.DRAFT, EventKind.PROPOSED), next_state(PlanState.DRAFT, EventKind.APPROVED)
    (<PlanState.PROPOSED: 'proposed'>, None)
    """
    if act in ACTS:
        return state if state in ACTS[act] else None
    return _MOVES.get((state, act))


def state_after(acts: Iterable[str]) -> PlanState:
    """The state of a plan from its events, first to last. Raises `BadInputError` on events no plan can have had."""
    state = PlanState.DRAFT
    for number, act in enumerate(acts):
        if number == 0 and act == EventKind.DRAFTED:
            continue
        moved = next_state(state, EventKind(act))
        if moved is None or number == 0:
            raise BadInputError(
                expected=f"an act possible in the state {state}", got=act, where=f"event {number + 1} of a plan"
            )
        state = moved
    return state


def diagram() -> str:
    """The states as a Mermaid page in Markdown; `docs/reference/plan-states.md` is this text."""
    lines = [
        "# The life of a plan",
        "",
        "Generated from `src/targeting/planning/states.py` by `python -m pipelines plan-life states`; a test fails "
        "when it is stale.",
        "",
        "```mermaid",
        "stateDiagram-v2",
        f"    [*] --> {PlanState.DRAFT}",
        *(f"    {one.source} --> {one.state}: {one.en}" for one in TRANSITIONS),
        *(f"    {state} --> [*]" for state in PlanState if not _leads_on(state)),
        "```",
        "",
        "| state | tilstand | waits for | what may be done meanwhile |",
        "|---|---|---|---|",
        *(_row(state) for state in PlanState),
        "",
        "An approved plan is frozen: its content hash covers every slot, and every export carries it. Nothing that "
        "was proposed is ever deleted; overrides stand beside it with planner, reason code and text.",
        "",
    ]
    return "\n".join(lines)


def _leads_on(state: PlanState) -> bool:
    return any(one.source is state for one in TRANSITIONS)


def _row(state: PlanState) -> str:
    acts = ", ".join(act.replace("_", " ") for act, states in ACTS.items() if state in states)
    return f"| {state.title_en} | {state.title_nb} | {state.waits_for or 'nothing'} | {acts} |"
