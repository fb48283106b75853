"""May the user? The rules that are not about a plan's life, as a table; those about plans are with the plan states."""

from __future__ import annotations

import inspect

import pytest

from targeting.planning import permissions
from targeting.planning.permissions import Person, Role
from targeting.planning.refusals import NotAllowedError

TABLE = """
                enter  see_target  see_target_akrim  see_scores  see_scores_akrim  see_establishments  export  export_akrim  see_audit  answer_access_request  administer
nobody          no     no          no                no          no                no                  no      no            no         no                     no
planner         yes    yes         no                yes         no                yes                 yes     no            no         no                     no
approver        yes    yes         no                yes         no                yes                 yes     no            no         no                     no
data_scientist  yes    yes         no                yes         no                yes                 no      no            no         no                     no
akrim_analyst   yes    yes         yes               yes         yes               yes                 yes     yes           no         no                     no
auditor         yes    yes         no                yes         no                yes                 no      no            yes        yes                    no
administrator   yes    yes         no                no          no                no                  no      no            no         no                     yes
"""  # noqa: E501 - a table is read as a table

PAIRS = [name.removeprefix("check_") for name in permissions.__all__ if name.startswith("check_can_")]


def test_the_table_of_roles_and_rules() -> None:
    heads, *lines = TABLE.strip().splitlines()
    assert {line.split()[0] for line in lines} == {"nobody", *map(str, Role)}
    for line in lines:
        role, *cells = line.split()
        person = Person("eva", frozenset() if role == "nobody" else frozenset({Role(role)}))
        for head, cell in zip(heads.split(), cells, strict=True):
            asked = getattr(permissions, f"can_{head.removesuffix('_akrim')}")
            about = ("work_crime" if head.endswith("_akrim") else "bht_use",)
            takes = "target" in inspect.signature(asked).parameters
            assert asked(person, *(about if takes else ())) is (cell == "yes"), (role, head)


def test_the_akrim_role_alone_opens_only_what_its_other_roles_do() -> None:
    both = Person("eva", frozenset({Role.ADMINISTRATOR, Role.AUDITOR}))
    assert not permissions.can_see_scores(both, "work_crime")
    assert permissions.can_see_scores(Person("eva", both.roles | {Role.AKRIM_ANALYST}), "work_crime")


@pytest.mark.parametrize("name", PAIRS)
def test_who_may_not_is_told_why_in_both_languages_by_the_same_rule(name: str) -> None:
    asks, checks = getattr(permissions, name), getattr(permissions, f"check_{name}")
    about = ("bht_use",) if "target" in inspect.signature(asks).parameters else ()
    nobody, everybody = Person("eva", frozenset()), Person("eva", frozenset(Role))
    assert asks(everybody, *about)
    checks(everybody, *about)
    assert not asks(nobody, *about)
    with pytest.raises(NotAllowedError) as refusal:
        checks(nobody, *about)
    assert refusal.value.reason.nb != refusal.value.reason.en
