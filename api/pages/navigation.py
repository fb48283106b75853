"""The pages in the order of the menu, and who has each in theirs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from api.pages.names import marked
from targeting.domain import Target
from targeting.planning.permissions import Person, can_enter, can_see_audit, can_see_establishments, can_see_plan

__all__ = ["MENU", "Place", "menu_of"]


class Place(NamedTuple):
    """One entry of the menu: where it leads, what it is called, whether a person may go there."""

    path: str
    title: str
    may: Callable[[Person], bool]


MENU: Final = (
    Place("/", marked("Overview"), can_enter),
    Place("/kandidater", marked("Candidates"), can_see_establishments),
    Place("/planer", marked("Plans"), lambda person: can_see_plan(person, Target.BHT_USE)),
    Place("/naeringer", marked("Priority areas"), can_enter),
    Place("/modeller", marked("Models"), can_enter),
    Place("/revisjon", marked("Audit"), can_see_audit),
)


def menu_of(person: Person | None) -> tuple[Place, ...]:
    """What `person` finds in the menu: nothing that would be refused."""
    return tuple(place for place in MENU if person is not None and place.may(person))
