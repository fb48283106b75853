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
    "can_approve",
    "can_plan",
    "can_record_outcomes",
    "can_see_plan",
    "check_can_approve",
    "check_can_plan",
    "check_can_record_outcomes",
    "check_can_see_plan",
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
    """Who acts: the name the identity provider vouches for, and the roles it gave."""

    name: str
    roles: frozenset[Role]


_AKRIM: Final = Reason(
    "Planer for arbeidslivskriminalitet krever a-krim-rollen.", "Work-crime plans need the a-krim role."
)
_PLANNER: Final = Reason("Du trenger rollen planlegger.", "You need the planner role.")
_APPROVER: Final = Reason("Du trenger rollen godkjenner.", "You need the approver role.")
_ANOTHER: Final = Reason(
    "En plan godkjennes av en annen enn den som laget eller endret den.",
    "A plan is approved by another person than those who made or changed it.",
)
_ANY: Final = Reason("Du trenger en rolle i tjenesten.", "You need a role in the service.")


def check_can_see_plan(person: Person, target: str) -> None:
    """Every role sees plans; those for work crime only with the a-krim role."""
    _need(person, tuple(Role), _ANY)
    if target == Target.WORK_CRIME:
        _need(person, (Role.AKRIM_ANALYST,), _AKRIM)


def check_can_plan(person: Person, target: str) -> None:
    """Planners draft, propose, override, withdraw, begin and close."""
    check_can_see_plan(person, target)
    _need(person, (Role.PLANNER,), _PLANNER)


def check_can_approve(person: Person, target: str, hands: frozenset[str]) -> None:
    """An approver who is none of `hands`: the author and everybody who overrode a slot."""
    check_can_see_plan(person, target)
    _need(person, (Role.APPROVER,), _APPROVER)
    if person.name.strip().casefold() in {name.strip().casefold() for name in hands}:
        raise NotAllowedError(_ANOTHER, got=f"{person.name}, who made or changed it")


def check_can_record_outcomes(person: Person, target: str) -> None:
    """Planners record what inspections found."""
    check_can_plan(person, target)


def can_see_plan(person: Person, target: str) -> bool:
    """Whether the person sees the plan."""
    return _asked(lambda: check_can_see_plan(person, target))


def can_plan(person: Person, target: str) -> bool:
    """Whether the person may draft, propose and override."""
    return _asked(lambda: check_can_plan(person, target))


def can_approve(person: Person, target: str, hands: frozenset[str]) -> bool:
    """Whether the person may approve a plan made by `hands`."""
    return _asked(lambda: check_can_approve(person, target, hands))


def can_record_outcomes(person: Person, target: str) -> bool:
    """Whether the person may record outcomes."""
    return _asked(lambda: check_can_record_outcomes(person, target))


def _need(person: Person, roles: tuple[Role, ...], reason: Reason) -> None:
    if not person.roles & frozenset(roles):
        raise NotAllowedError(reason, got=f"{person.name} with {', '.join(sorted(person.roles)) or 'no role'}")


def _asked(check: Callable[[], None]) -> bool:
    try:
        check()
    except NotAllowedError:
        return False
    return True
