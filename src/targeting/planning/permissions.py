"""May the user? Roles and what they open, as pairs: `check_can_x` raises with the reason, `can_x` asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from targeting.domain import Target
from targeting.planning.refusals import NotAllowedError, Reason

__all__ = [
    "Person",
    "Role",
    "can_administer",
    "can_answer_access_request",
    "can_approve",
    "can_enter",
    "can_export",
    "can_plan",
    "can_record_outcomes",
    "can_see_audit",
    "can_see_establishments",
    "can_see_plan",
    "can_see_scores",
    "can_see_target",
    "check_can_administer",
    "check_can_answer_access_request",
    "check_can_approve",
    "check_can_enter",
    "check_can_export",
    "check_can_plan",
    "check_can_record_outcomes",
    "check_can_see_audit",
    "check_can_see_establishments",
    "check_can_see_plan",
    "check_can_see_scores",
    "check_can_see_target",
]


class Role(StrEnum):
    """What a person is here. One person may have several."""

    PLANNER = "planner"
    APPROVER = "approver"
    DATA_SCIENTIST = "data_scientist"
    AKRIM_ANALYST = "akrim_analyst"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Person:
    """Who acts: the name the ledger keeps, the roles given, and the subject that the issuer knows them by.

    `name` has to be one person's own, as a login name is: that nobody approves their own plan is decided by it.
    A machine has roles like a person, and no plan is approved by one.
    """

    name: str
    roles: frozenset[Role]
    subject: str = ""
    machine: bool = False


_READERS: Final = (Role.PLANNER, Role.APPROVER, Role.DATA_SCIENTIST, Role.AKRIM_ANALYST, Role.AUDITOR)
"""Who reads about single enterprises. Whoever runs the service does not need to."""

_AKRIM: Final = Reason(
    "Det som gjelder arbeidslivskriminalitet krever a-krim-rollen.", "What concerns work crime needs the a-krim role."
)
_PLANNER: Final = Reason("Du trenger rollen planlegger.", "You need the planner role.")
_APPROVER: Final = Reason("Du trenger rollen godkjenner.", "You need the approver role.")
_ANOTHER: Final = Reason(
    "En plan godkjennes av en annen enn den som laget eller endret den.",
    "A plan is approved by another person than those who made or changed it.",
)
_A_PERSON: Final = Reason("En plan godkjennes av et menneske.", "A plan is approved by a person.")
_ANY: Final = Reason("Du trenger en rolle i tjenesten.", "You need a role in the service.")
_READER: Final = Reason(
    "Å lese om enkeltvirksomheter krever planlegger, godkjenner, dataanalytiker, a-krim-analytiker eller revisor.",
    "Reading about single establishments needs planner, approver, data scientist, a-krim analyst or auditor.",
)
_EXPORTER: Final = Reason(
    "Bare planlegger, godkjenner og a-krim-analytiker tar lister ut av tjenesten.",
    "Only planners, approvers and a-krim analysts take lists out of the service.",
)
_AUDITOR: Final = Reason("Du trenger rollen revisor.", "You need the auditor role.")
_ADMINISTRATOR: Final = Reason("Du trenger rollen administrator.", "You need the administrator role.")


def check_can_enter(person: Person) -> None:
    """Every role comes in, and sees what tells of no single establishment: sectors, models, figures over all."""
    _need(person, tuple(Role), _ANY)


def check_can_see_target(person: Person, target: str) -> None:
    """Every role sees what a target's model is and does; that of work crime only with the a-krim role."""
    check_can_enter(person)
    if Target(target).closed:
        _need(person, (Role.AKRIM_ANALYST,), _AKRIM)


def check_can_see_establishments(person: Person) -> None:
    """Readers see single establishments, with the scores whose target they may see."""
    check_can_enter(person)
    _need(person, _READERS, _READER)


def check_can_see_scores(person: Person, target: str) -> None:
    """Readers see a target's ranking; that of work crime only with the a-krim role."""
    check_can_see_target(person, target)
    check_can_see_establishments(person)


def check_can_see_plan(person: Person, target: str) -> None:
    """Whoever sees the scores sees the plans made of them."""
    check_can_see_scores(person, target)


def check_can_plan(person: Person, target: str) -> None:
    """Planners draft, propose, override, withdraw, begin and close."""
    check_can_see_plan(person, target)
    _need(person, (Role.PLANNER,), _PLANNER)


def check_can_approve(person: Person, target: str, hands: frozenset[str] = frozenset()) -> None:
    """An approver who is none of `hands`: the author and everybody who overrode a slot."""
    check_can_see_plan(person, target)
    _need(person, (Role.APPROVER,), _APPROVER)
    if person.machine:
        raise NotAllowedError(_A_PERSON, got="a machine")
    if person.name.strip().casefold() in {name.strip().casefold() for name in hands}:
        raise NotAllowedError(_ANOTHER, got=f"{person.name}, who made or changed it")


def check_can_record_outcomes(person: Person, target: str) -> None:
    """Planners record what inspections found."""
    check_can_plan(person, target)


def check_can_export(person: Person, target: str) -> None:
    """Planners, approvers and a-krim analysts take out the lists that they see."""
    check_can_see_plan(person, target)
    _need(person, (Role.PLANNER, Role.APPROVER, Role.AKRIM_ANALYST), _EXPORTER)


def check_can_see_audit(person: Person) -> None:
    """Auditors see who did what; acts about work crime only with the a-krim role: ask `can_see_target` of each."""
    _need(person, (Role.AUDITOR,), _AUDITOR)


def check_can_answer_access_request(person: Person) -> None:
    """Auditors tell an enterprise what is held about it; a score only of targets they may see."""
    _need(person, (Role.AUDITOR,), _AUDITOR)


def check_can_administer(person: Person) -> None:
    """Administrators see to the service itself: retention, corrections of source data, its settings."""
    _need(person, (Role.ADMINISTRATOR,), _ADMINISTRATOR)


def can_enter(person: Person) -> bool:
    """Whether the person has any role."""
    return _asked(lambda: check_can_enter(person))


def can_see_target(person: Person, target: str) -> bool:
    """Whether the person may know of the target at all."""
    return _asked(lambda: check_can_see_target(person, target))


def can_see_establishments(person: Person) -> bool:
    """Whether the person reads about single establishments."""
    return _asked(lambda: check_can_see_establishments(person))


def can_see_scores(person: Person, target: str) -> bool:
    """Whether the person sees the target's ranking."""
    return _asked(lambda: check_can_see_scores(person, target))


def can_see_plan(person: Person, target: str) -> bool:
    """Whether the person sees the plan."""
    return _asked(lambda: check_can_see_plan(person, target))


def can_plan(person: Person, target: str) -> bool:
    """Whether the person may draft, propose and override."""
    return _asked(lambda: check_can_plan(person, target))


def can_approve(person: Person, target: str, hands: frozenset[str] = frozenset()) -> bool:
    """Whether the person may approve a plan made by `hands`."""
    return _asked(lambda: check_can_approve(person, target, hands))


def can_record_outcomes(person: Person, target: str) -> bool:
    """Whether the person may record outcomes."""
    return _asked(lambda: check_can_record_outcomes(person, target))


def can_export(person: Person, target: str) -> bool:
    """Whether the person may take a list out."""
    return _asked(lambda: check_can_export(person, target))


def can_see_audit(person: Person) -> bool:
    """Whether the person sees the audit."""
    return _asked(lambda: check_can_see_audit(person))


def can_answer_access_request(person: Person) -> bool:
    """Whether the person may answer an access request."""
    return _asked(lambda: check_can_answer_access_request(person))


def can_administer(person: Person) -> bool:
    """Whether the person administers the service."""
    return _asked(lambda: check_can_administer(person))


def _need(person: Person, roles: tuple[Role, ...], reason: Reason) -> None:
    if not person.roles & frozenset(roles):
        raise NotAllowedError(reason, got=f"{person.name} with {', '.join(sorted(person.roles)) or 'no role'}")


def _asked(check: Callable[[], None]) -> bool:
    try:
        check()
    except NotAllowedError:
        return False
    return True
