"""Who must be attached to an approved occupational health service: by code and day, and for an establishment.

Source: forskrift om organisering, ledelse og medvirkning § 13-1 (aml § 3-3); see `bht_duty.toml`.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from targeting.domain import AsOf, Dispensation, EstablishmentFacts, IndustryCode
from targeting.parameters.bht_list import Answer, BhtList, Entry, list_of, list_on
from targeting.parameters.industry_pairs import translate

__all__ = ["Basis", "Duty", "DutyAnswer", "answer", "duty"]

_LAW: Final = "forskrift om organisering, ledelse og medvirkning § 13-1"
_STRENGTH: Final = {"no": 0, "conditional": 1, "yes": 2}
_IN_WORDS: Final = {"no": "ikke omfattet", "conditional": "delvis omfattet", "yes": "omfattet"}

Basis = Literal["establishment", "enterprise", "none"]


class DutyAnswer(NamedTuple):
    """What the list in force says of one code. `clause` is Norwegian, like the statute."""

    answer: Answer
    clause: str
    rule_set: str


class Duty(NamedTuple):
    """Whether an establishment has the duty on a day, on which unit's code it rests, and why not when it has not.

    `by_establishment` and `by_enterprise` report both codes; null where that unit has no code.
    """

    answer: Answer
    clause: str
    basis: Basis
    why_not: str | None
    rule_set: str
    by_establishment: DutyAnswer | None
    by_enterprise: DutyAnswer | None


@lru_cache(maxsize=131072)
def answer(code: IndustryCode, on: date) -> DutyAnswer:
    """The duty that follows from `code` alone on `on`. Raises `BadInputError` before the first known list.

    >>> from targeting.domain import Standard
    >>> answer(IndustryCode("81.210", Standard.SN2025), date(2026, 1, 1)).answer
    'yes'
    >>> answer(IndustryCode("78.200", Standard.SN2025), date(2026, 1, 1)).answer
    'no'
    """
    rules = list_on(on)
    if code.standard is rules.standard:
        return _by_entry(rules, rules.entry_for(code.code))
    return _translated(rules, code)


def duty(establishment: EstablishmentFacts, as_of: AsOf) -> Duty:
    """The duty of `establishment` on the as-of day, by its own code or by its enterprise's main activity.

    No employees, only a working owner, or a full dispensation end the duty. An unknown number of employees does
    not: unknown is not zero. A partial dispensation leaves the duty for the rest of the establishment.
    """
    own = _strongest(establishment.establishment_codes, as_of.day)
    parent = _strongest(establishment.enterprise_codes, as_of.day)
    lifted = _lifted(establishment)
    rule_set = list_on(as_of.day).id
    best, basis = _stronger(own, parent)
    why_not = lifted or (best.clause if best.answer == "no" else None)
    if why_not:
        return Duty("no", why_not, "none", why_not, rule_set, own, parent)
    return Duty(best.answer, best.clause, basis, None, rule_set, own, parent)


def _lifted(facts: EstablishmentFacts) -> str | None:
    """Why a listed establishment has no duty after all, in words; None when nothing lifts it."""
    if facts.dispensation is Dispensation.FULL:
        return "Virksomheten har full dispensasjon fra plikten."
    if facts.employees.high == 0:
        return "Enkeltpersonforetak uten ansatte." if facts.form == "ENK" else "Ingen ansatte er registrert."
    if facts.only_owner_works:
        return "Bare eieren arbeider i virksomheten."
    return None


def _strongest(codes: tuple[IndustryCode, ...], on: date) -> DutyAnswer | None:
    """The answer of the code written in the list's own standard; of the other one only when that is all there is."""
    same = [code for code in codes if code.standard is list_on(on).standard]
    return max((answer(code, on) for code in same or codes), key=lambda one: _STRENGTH[one.answer], default=None)


def _stronger(own: DutyAnswer | None, parent: DutyAnswer | None) -> tuple[DutyAnswer, Basis]:
    """The establishment's own answer unless the enterprise's main activity gives a stronger one."""
    if own is None and parent is None:
        return DutyAnswer("no", "Ingen næringskode er registrert.", ""), "none"
    if parent is None or (own is not None and _STRENGTH[own.answer] >= _STRENGTH[parent.answer]):
        assert own is not None
        return own, "establishment"
    return parent, "enterprise"


def _by_entry(rules: BhtList, entry: Entry | None) -> DutyAnswer:
    if entry is None:
        return DutyAnswer("no", f"{_LAW}: næringen står ikke på listen i annet ledd.", rules.id)
    doubt = "" if entry.verified else " Avledet av navn, ikke lest i forskriften."
    clause = f"{_LAW} annet ledd: {entry.prefix} {entry.wording} ({_IN_WORDS[entry.answer]}).{doubt}"
    return DutyAnswer(entry.answer, clause, rules.id)


def _translated(rules: BhtList, code: IndustryCode) -> DutyAnswer:
    """A code of the other standard: by its pairs, else by a division that both lists treat as one, else undecided."""
    targets = translate(code, rules.standard) or _shared_division(rules, code)
    answers = {rules.answer_for_prefix(target) for target in targets}
    written = f"koden {code.code} er skrevet i {code.standard}, listen i {rules.standard}"
    if len(answers) != 1:
        return DutyAnswer("conditional", f"{_LAW} annet ledd: {written}; må avklares.", rules.id)
    found = answers.pop()
    same = f"den svarer til {', '.join(targets)} ({_IN_WORDS[found]})"
    return DutyAnswer(found, f"{_LAW} annet ledd: {written}; {same}.", rules.id)


def _shared_division(rules: BhtList, code: IndustryCode) -> tuple[str, ...]:
    """The code's division when the lists of both standards give all of it one and the same plain answer."""
    here, there = (one.answer_for_prefix(code.division) for one in (rules, list_of(code.standard)))
    return (code.division,) if here == there and here != "conditional" else ()
