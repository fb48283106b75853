"""May the thing? What the state of a plan allows, as pairs: `check_can_x` raises with the reason, `can_x` asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from targeting.domain import MissedReason
from targeting.ledger import EventKind, PlanRecord
from targeting.planning.refusals import NotAllowedError, Reason
from targeting.planning.states import PlanState, next_state

__all__ = [
    "ADD_REASONS",
    "NOT_INSPECTED_REASONS",
    "OVERRIDE_REASONS",
    "REPLACED_REASONS",
    "PlanFacts",
    "can_act",
    "can_override",
    "check_can_act",
    "check_can_close",
    "check_can_override",
    "check_reason_code",
]

OVERRIDE_REASONS: Final = {
    "local_knowledge": Reason("lokalkunnskap", "local knowledge"),
    "recent_contact": Reason("nylig kontakt eller tilsyn", "recent contact or inspection"),
    "other_authority": Reason("annen myndighet er der", "another authority is there"),
    "wrong_register_data": Reason("feil i registeropplysninger", "wrong register data"),
    "not_operating": Reason("ingen virksomhet i drift", "not operating"),
    "capacity": Reason("kapasitet eller reisevei", "capacity or travel"),
    "tip_or_incident": Reason("tips, bekymring eller ulykke", "tip, concern or accident"),
    "other": Reason("annet (forklar)", "other (explain)"),
}
"""Why a planner departs from what was proposed. The codes are ours until the Authority sets its own."""

ADD_REASONS: Final = ("local_knowledge", "tip_or_incident", "other")
"""The codes that can explain an addition."""

NOT_INSPECTED_REASONS: Final[Mapping[str, Reason]] = {
    MissedReason.CLOSED_DOWN: Reason("nedlagt", "closed down"),
    MissedReason.MOVED: Reason("flyttet", "moved"),
    MissedReason.NO_EMPLOYEES: Reason("ingen ansatte", "no employees"),
    MissedReason.NO_ANSWER: Reason("svarer ikke", "no answer"),
    MissedReason.NOT_COVERED: Reason("ikke omfattet av plikten", "not covered by the duty"),
    MissedReason.OTHER_AUTHORITY: Reason("annen myndighet er der", "another authority is there"),
    MissedReason.NO_CAPACITY: Reason("rakk det ikke", "ran out of capacity"),
}
"""Why an inspection did not take place."""

REPLACED_REASONS: Final = frozenset(NOT_INSPECTED_REASONS) - {MissedReason.NO_CAPACITY}
"""Those that call a standby: where nobody had the time, nobody has the time for another either."""

_IMPOSSIBLE: Final = {
    EventKind.PROPOSED: Reason("Bare et utkast kan foreslås.", "Only a draft can be proposed."),
    EventKind.RETURNED: Reason("Bare en foreslått plan kan sendes tilbake.", "Only a proposed plan can be sent back."),
    EventKind.APPROVED: Reason("Bare en foreslått plan kan godkjennes.", "Only a proposed plan can be approved."),
    EventKind.BEGUN: Reason("Bare en godkjent plan kan begynne.", "Only an approved plan can begin."),
    EventKind.CLOSED: Reason("Bare en plan som pågår kan avsluttes.", "Only a plan in progress can be closed."),
    EventKind.WITHDRAWN: Reason(
        "En plan som pågår eller er avsluttet kan ikke trekkes.",
        "A plan in progress, closed or withdrawn cannot be withdrawn.",
    ),
    EventKind.SLOT_ADDED: Reason("En godkjent plan er låst.", "An approved plan is frozen."),
    EventKind.SLOT_REMOVED: Reason("En godkjent plan er låst.", "An approved plan is frozen."),
    EventKind.SLOT_SWAPPED: Reason(
        "En godkjent plan er låst; reserver tas inn når et tilsyn ikke lot seg gjennomføre.",
        "An approved plan is frozen; a standby steps in when an inspection could not be made.",
    ),
    EventKind.OUTCOMES_RECORDED: Reason(
        "Utfall kan bare føres på en plan som pågår.", "Outcomes belong to a plan in progress."
    ),
}
_NO_REASON: Final = Reason(
    "En overstyring krever en årsakskode og en tekst.", "An override needs a reason code and a text."
)
_PROPOSED_EARLIER: Final = Reason(
    "Når planen pågår, skiftes en plass bare ut ved at et tilsyn ikke lot seg gjennomføre.",
    "In a plan in progress a slot is swapped only because its inspection could not be made.",
)
_UNFINISHED: Final = Reason(
    "Planen kan avsluttes når hver plass har et utfall eller en årsak.",
    "A plan can be closed when every slot has an outcome or a reason.",
)


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """What the policies need of a plan: where it is, and how many current slots lack an outcome."""

    record: PlanRecord
    state: PlanState
    without_outcome: int = 0


def check_can_act(state: PlanState, act: EventKind, plan: str = "") -> PlanState:
    """The state that `act` leads to; raises `NotAllowedError` where it is not possible."""
    moved = next_state(state, act)
    if moved is None:
        raise NotAllowedError(_IMPOSSIBLE[act], got=f"a plan that is {state.title_en}", where=plan[:12])
    return moved


def can_act(state: PlanState, act: EventKind) -> bool:
    """Whether the state allows the act."""
    return next_state(state, act) is not None


def check_can_override(state: PlanState, act: EventKind, reason_code: str, text: str, plan: str = "") -> None:
    """An override needs a known code and a text, and a list that is not frozen.

    In progress only the recorded outcome swaps, with a code of `NOT_INSPECTED_REASONS`.
    """
    check_can_act(state, act, plan)
    if not text.strip():
        raise NotAllowedError(_NO_REASON, got="no text", where=plan[:12], do="say why")
    if state is PlanState.IN_PROGRESS:
        if reason_code not in NOT_INSPECTED_REASONS:
            raise NotAllowedError(_PROPOSED_EARLIER, got=repr(reason_code), where=plan[:12])
        return
    check_reason_code(reason_code, ADD_REASONS if act is EventKind.SLOT_ADDED else tuple(OVERRIDE_REASONS), plan)


def check_reason_code(reason_code: str, codes: tuple[str, ...], plan: str = "") -> None:
    """Raise `NotAllowedError` naming the codes when `reason_code` is none of them."""
    if reason_code not in codes:
        raise NotAllowedError(_NO_REASON, got=repr(reason_code), where=plan[:12], do=f"use one of {', '.join(codes)}")


def can_override(state: PlanState, act: EventKind, reason_code: str, text: str) -> bool:
    """Whether the override would be accepted."""
    try:
        check_can_override(state, act, reason_code, text)
    except NotAllowedError:
        return False
    return True


def check_can_close(facts: PlanFacts) -> None:
    """A plan closes when nothing is outstanding: an estimate without its last outcomes would be another estimate."""
    check_can_act(facts.state, EventKind.CLOSED, facts.record.id)
    if facts.without_outcome:
        raise NotAllowedError(
            _UNFINISHED,
            got=f"{facts.without_outcome} slots without either",
            where=facts.record.id[:12],
            do="record them, with no_capacity where nobody went",
        )
