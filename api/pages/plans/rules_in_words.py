"""The rules of a plan in a planner's words.

Plans keep the names of their rules as `problem` writes them ("at least 10 where county=03"); every one of them can be
said here, and one that cannot (a rule on a column that only a problem file names) stands as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from api.pages.languages import Speech
from api.pages.names import marked, name_of
from targeting.domain import Standard
from targeting.parameters import counties, priority_areas
from targeting.parameters.sections import section_called
from targeting.planning.policies import NOT_INSPECTED_REASONS

__all__ = ["in_words", "value_in_words"]

_QUOTA: Final = re.compile(r"at (least|most) (\d+) where (.+)")
_PER: Final = re.compile(r"at most (\d+) per (\w+)")
_TOTAL: Final = re.compile(r"total (\w+) at most (\S+)")
_SHARE: Final = re.compile(r"exploration share (\S+)")
_CAPACITY: Final = re.compile(r"capacity (\d+)")
_BOUND: Final = re.compile(r"(\w+) below (\d+)")
_MISSED: Final = re.compile(r"months_since_missed_(\w+) below (\d+)")
_COMPETENCE: Final = re.compile(r"outside_competence = .+")
_UNLESS: Final = re.compile(r"(.+) unless incident_since_inspection=true")

_PER_WORDS: Final = {
    "enterprise": marked("at most %(count)s per enterprise"),
    "address_key": marked("at most %(count)s per address"),
    "county": marked("at most %(count)s per county"),
    "section": marked("at most %(count)s per industry section"),
    "size_class": marked("at most %(count)s per size class"),
}
_OUT: Final = {
    "living = false": marked("no longer active"),
    "bankrupt = true": marked("bankrupt"),
    "winding_up = true": marked("being wound up"),
    "sole_proprietor = true": marked("sole proprietorships"),
    "bht_duty = no|conditional": marked("no duty to have an occupational health service, or duty to be clarified"),
    "bht_duty = no": marked("no duty to have an occupational health service"),
    "bht_duty = conditional": marked("duty to have an occupational health service to be clarified"),
    "employees_low = 0": marked("no employees"),
    "bht_dispensation = full": marked("in full dispensed from the occupational health service"),
    "open_case = true": marked("an open case"),
    "in_no_plan": marked("in no plan that keeps the rules"),
}
_OUT_BELOW: Final = {
    "age_months": marked("younger than %(count)s months"),
    "months_since_bht_inspected": marked("inspected on the same topic in the last %(count)s months"),
    "months_since_inspected": marked("inspected in the last %(count)s months"),
    "days_to_other_authority": marked("inspected by another authority less than %(count)s days before or after"),
}


def in_words(said: Speech, rule: str) -> str:
    """The rule called `rule`, or the reason to leave somebody out that is written so."""
    if rule in _OUT:
        return said.text(_OUT[rule])
    for pattern, words in _SAYERS.items():
        if found := pattern.fullmatch(rule):
            return words(said, found) or rule
    return rule


def _quota(said: Speech, found: re.Match[str]) -> str:
    count, who = said.number(int(found[2])), _who(said, found[3])
    if found[1] == "least":
        return said.text("at least %(count)s: %(who)s", count=count, who=who)
    return said.text("at most %(count)s: %(who)s", count=count, who=who)


def _per(said: Speech, found: re.Match[str]) -> str:
    words = _PER_WORDS.get(found[2])
    return said.text(words, count=said.number(int(found[1]))) if words else ""


def _total(said: Speech, found: re.Match[str]) -> str:
    return said.text("at most %(count)s hours in all", count=said.number(float(found[2])))


def _share(said: Speech, found: re.Match[str]) -> str:
    return said.text("%(share)s drawn at random", share=said.percent(float(found[1])))


def _capacity(said: Speech, found: re.Match[str]) -> str:
    return said.text("%(count)s inspections in all", count=said.number(int(found[1])))


def _bound(said: Speech, found: re.Match[str]) -> str:
    words = _OUT_BELOW.get(found[1])
    return said.text(words, count=said.number(int(found[2]))) if words else ""


def _missed(said: Speech, found: re.Match[str]) -> str:
    reason = NOT_INSPECTED_REASONS.get(found[1])
    if reason is None:
        return ""
    return said.text(
        "not inspected when planned in the last %(count)s months: %(reason)s",
        count=found[2],
        reason=said.told(reason, ""),
    )


def _competence(said: Speech, _found: re.Match[str]) -> str:
    return said.text("outside the Authority's competence")


def _unless(said: Speech, found: re.Match[str]) -> str:
    return said.text("%(rule)s, unless there was a tip or an accident since", rule=in_words(said, found[1]))


_SAYERS: Final[Mapping[re.Pattern[str], Callable[[Speech, re.Match[str]], str]]] = {
    _QUOTA: _quota,
    _PER: _per,
    _TOTAL: _total,
    _SHARE: _share,
    _CAPACITY: _capacity,
    _UNLESS: _unless,
    _MISSED: _missed,
    _BOUND: _bound,
    _COMPETENCE: _competence,
}


def _who(said: Speech, where: str) -> str:
    """The candidates that `where` ("county=03|11 & size_class=1-4") is about."""
    parts = (part.partition("=") for part in where.split(" & "))
    return ", ".join(
        said.text(" or ").join(value_in_words(said, column, value) for value in values.split("|"))
        for column, _, values in parts
    )


def value_in_words(said: Speech, column: str, value: str) -> str:
    """One value of a column as planners call it.

    >>> from api.pages.languages import speech
    >>> value_in_words(speech("nb"), "county", "03"), value_in_words(speech("en"), "section", "F")
    ('Oslo', 'F Construction')
    """
    match column:
        case "county":
            return counties.county_name(value)
        case "priority_areas":
            area = priority_areas.area(value)
            return said.told(area, "title") if area else value
        case "section":
            section = section_called(value, Standard.SN2007)
            return f"{value} {said.told(section, 'title')}" if section else value
        case "size_class":
            return said.text("%(size)s employees", size=value.replace("-", "–"))
        case "bht_duty":
            return said.named(value, "duty") if name_of("duty", value) else value
        case _:
            return f"{column}={value}"
