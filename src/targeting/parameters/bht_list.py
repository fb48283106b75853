"""The dated lists of industries with a BHT duty: which list is in force, and what it says of a code or prefix."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Literal, NamedTuple

from targeting.domain import BadInputError, Standard
from targeting.parameters.document import Dated, Parameter, in_force, read

__all__ = ["Answer", "BhtList", "Entry", "list_of", "list_on"]

Answer = Literal["yes", "conditional", "no"]


class Entry(NamedTuple):
    """One line of a list: a code prefix, what the statute says of it, and whether that was read or mapped by name."""

    prefix: str
    answer: Answer
    wording: str
    verified: bool


class BhtList(Dated):
    """One list as the statute had it from a day on, in one code standard."""

    id: str
    standard: Standard
    note: str
    unverified: tuple[str, ...]
    yes: dict[str, str]
    conditional: dict[str, str]
    no: dict[str, str]

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """Every line, longest prefix first."""
        blocks: tuple[tuple[Answer, dict[str, str]], ...] = (
            ("yes", self.yes),
            ("conditional", self.conditional),
            ("no", self.no),
        )
        lines = (
            Entry(prefix, answer, wording, prefix not in self.unverified)
            for answer, block in blocks
            for prefix, wording in block.items()
        )
        return tuple(sorted(lines, key=lambda entry: (-len(entry.prefix), entry.prefix)))

    def entry_for(self, code: str) -> Entry | None:
        """The longest line that fits `code`, or None: not listed."""
        return next((entry for entry in self.entries if code.startswith(entry.prefix)), None)

    def answer_for_prefix(self, prefix: str) -> Answer:
        """The answer all codes under `prefix` share; `conditional` when they do not share one."""
        own = self.entry_for(prefix)
        answers: set[Answer] = {own.answer if own else "no"}
        answers |= {entry.answer for entry in self.entries if entry.prefix.startswith(prefix)}
        return answers.pop() if len(answers) == 1 else "conditional"


class _Lists(Parameter):
    title: str
    unit: str
    list: tuple[BhtList, ...]


_LISTS = read("bht_duty.toml", _Lists)


def list_on(on: date) -> BhtList:
    """The list in force on `on`: the newest that had begun. Raises `BadInputError` before the first one."""
    begun = in_force(_LISTS.list, on)
    if not begun:
        first = min(one.from_ for one in _LISTS.list)
        raise BadInputError(expected=f"a day from {first} on", got=str(on), where="BHT list", do="add the older list")
    return max(begun, key=lambda one: one.from_)


def list_of(standard: Standard) -> BhtList:
    """The newest list written in `standard`, whether or not it is in force."""
    return max((one for one in _LISTS.list if one.standard is standard), key=lambda one: one.from_)
