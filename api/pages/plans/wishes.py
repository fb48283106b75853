"""What a planner wants of a plan: the form on the page, and the planning problem that it says.

The form as it is first shown says the default problem, rule for rule (a test holds it to that). Every field is text
until it is read here, so that a slip of the finger is answered beside its field and not with a page of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from api.pages.names import marked
from api.schemas.base import FormInput
from targeting.planning import Problem, default_problem
from targeting.planning.problem import Exclusion
from targeting.published import SIZE_CLASSES

__all__ = ["DUTIES", "GROUNDS", "HOURS_FOR", "QUOTA_COLUMNS", "PlanForm", "Wish", "form_of", "wish_in"]

Short = Annotated[str, Field(max_length=20)]
Where = Annotated[str, Field(max_length=80)]
Row = Annotated[tuple[Short, ...], Field(max_length=40)]

DUTIES: Final = ("yes", "conditional", "no")
HOURS_FOR: Final = (*SIZE_CLASSES, "missing")
QUOTA_COLUMNS: Final = ("county", "priority_areas", "section", "size_class")

_BELOW: Final = {
    "age_min": "age_months",
    "months_topic": "months_since_bht_inspected",
    "months_any": "months_since_inspected",
    "days_other": "days_to_other_authority",
}
_DUTY: Final = "bht_duty"
_GROUNDS: Final = default_problem().exclude
"""Every ground there is to leave somebody out, in the order in which one is told where several hold."""

GROUNDS: Final[Mapping[str, str]] = {
    rule.column: rule.name for rule in _GROUNDS if rule.column not in (_DUTY, *_BELOW.values())
}
"""Those that a tick chooses: the column and the rule's name. The others have a number or a list of duties."""

_PER: Final = {"per_enterprise": "enterprise", "per_address": "address_key"}
_MOST: Final = 5_000
_ROWS: Final = 3
_NOT_WHOLE: Final = marked("Write a whole number from %(low)s to %(high)s.")
_NO_QUOTA: Final = marked("Choose whom this quota is about.")
_NO_DUTY: Final = marked("Choose at least one.")
_NO_HOURS: Final = marked("Write how many hours one inspection takes in each size class, or leave the hours out.")


class PlanForm(FormInput):
    """The form as it was sent. Quotas are rows of three lists; `hours_of` follows `HOURS_FOR`."""

    act: Literal["show", "rows", "dial", "save"] = "show"
    capacity: Short = ""
    explore: Short = ""
    quota_kind: Row = ()
    quota_where: Annotated[tuple[Where, ...], Field(max_length=40)] = ()
    quota_count: Row = ()
    per_enterprise: Short = ""
    per_address: Short = ""
    duty: Row = ()
    leave_out: Annotated[tuple[Where, ...], Field(max_length=40)] = ()
    age_min: Short = ""
    months_topic: Short = ""
    months_any: Short = ""
    days_other: Short = ""
    hours: Short = ""
    hours_of: Row = ()
    standby: Short = ""

    @property
    def quotas(self) -> list[tuple[str, str, str]]:
        """The rows of quotas, with an empty one to fill in at the end and never fewer than three."""
        rows = [row for row in zip(self.quota_kind, self.quota_where, self.quota_count, strict=False) if any(row[1:])]
        return [*rows, *[("at_least", "", "")] * max(1, _ROWS - len(rows))]


@dataclass(frozen=True)
class Wish:
    """What the form says as a problem document; `errors` by field what cannot be read, with its values."""

    document: Mapping[str, Any]
    errors: Mapping[str, tuple[str, Mapping[str, int]]] = field(default_factory=dict)


def form_of(problem: Problem) -> PlanForm:
    """The form that says `problem`, which must be one that a form of ours can say."""
    out = {one.column: one for one in problem.exclude}
    duty = out["bht_duty"].values if "bht_duty" in out else ()
    per = {one.column: str(one.count) for one in problem.at_most_per}
    said: dict[str, Any] = {
        "capacity": str(problem.capacity),
        "explore": f"{100 * problem.exploration.share:g}",
        "duty": [one for one in DUTIES if one not in duty],
        "leave_out": [column for column in GROUNDS if column in out],
        "standby": str(problem.standby[0].count) if problem.standby else "",
        **{name: per.get(column, "") for name, column in _PER.items()},
        **{name: f"{out[column].below:g}" if column in out else "" for name, column in _BELOW.items()},
    }
    return PlanForm.model_validate(said)


def wish_in(form: PlanForm) -> Wish:
    """Read the form."""
    reader = _Reader()
    capacity = reader.whole("capacity", form.capacity, 1, _MOST)
    per = {column: reader.whole(name, getattr(form, name), 1, _MOST) for name, column in _PER.items()}
    document = {
        "capacity": capacity,
        "exploration": {"share": (reader.whole("explore", form.explore, 0, 100) or 0) / 100},
        "at_most_per": [{"column": one, "count": count} for one, count in per.items() if count is not None],
        "total": _hours(reader, form),
        "exclude": _exclude(reader, form),
        **_quotas(reader, form),
    }
    if (standby := reader.whole("standby", form.standby, 0, 100)) is not None:
        document["standby"] = [{"per": "county", "count": standby}]
    if capacity is None and "capacity" not in reader.errors:
        reader.wrong("capacity", _NOT_WHOLE, low=1, high=_MOST)
    return Wish(document, reader.errors)


class _Reader:
    """Reads numbers, keeping what could not be read."""

    def __init__(self) -> None:
        self.errors: dict[str, tuple[str, Mapping[str, int]]] = {}

    def whole(self, name: str, text: str, low: int, high: int) -> int | None:
        """The number in `text`; null when it is blank, and when it is wrong, which is kept."""
        said = text.strip()
        if not said:
            return None
        if not said.isdecimal() or not said.isascii() or not low <= int(said) <= high:
            self.wrong(name, _NOT_WHOLE, low=low, high=high)
            return None
        return int(said)

    def wrong(self, name: str, message: str, **values: int) -> None:
        """Keep that `name` is wrong."""
        self.errors[name] = (message, values)


def _quotas(reader: _Reader, form: PlanForm) -> dict[str, Any]:
    found: dict[str, list[dict[str, Any]]] = {"at_least": [], "at_most": []}
    for place, (kind, where, count) in enumerate(form.quotas):
        wanted = reader.whole(f"quota_{place}", count, 0, _MOST)
        column, _, value = where.partition("=")
        if wanted is None:
            if where and f"quota_{place}" not in reader.errors:
                reader.wrong(f"quota_{place}", _NOT_WHOLE, low=0, high=_MOST)
        elif column not in QUOTA_COLUMNS or not value:
            reader.wrong(f"quota_{place}", _NO_QUOTA)
        else:
            found["at_most" if kind == "at_most" else "at_least"].append({"where": {column: value}, "count": wanted})
    return found


def _hours(reader: _Reader, form: PlanForm) -> list[dict[str, Any]]:
    at_most = reader.whole("hours", form.hours, 0, 1_000_000)
    if at_most is None:
        return []
    each = [reader.whole("hours_of", text, 0, 1_000) for text in form.hours_of]
    if len(each) != len(HOURS_FOR) or None in each:
        reader.wrong("hours_of", _NO_HOURS)
        return []
    return [{"column": "size_class", "at_most": at_most, "weights": dict(zip(HOURS_FOR, each, strict=True))}]


def _exclude(reader: _Reader, form: PlanForm) -> dict[str, Any]:
    """The exclusions in their order."""
    below = {column: reader.whole(name, getattr(form, name), 0, 1_200) for name, column in _BELOW.items()}
    left = _duties_left(reader, form.duty)
    out: dict[str, Any] = {}
    for rule in _GROUNDS:
        if rule.column == _DUTY:
            out |= {_DUTY: left} if left else {}
        elif rule.column in below:
            wanted = below[rule.column]
            out |= {rule.column: _entry(replace(rule, below=wanted))} if wanted else {}
        elif rule.column in form.leave_out:
            out[rule.column] = _entry(rule)
    return out


def _entry(rule: Exclusion) -> dict[str, Any]:
    """The rule as a problem document says it."""
    bounds = {"is": list(rule.values), "below": rule.below, "above": rule.above}
    entry: dict[str, Any] = {name: bound for name, bound in bounds.items() if bound not in (None, [])}
    if rule.unless is not None:
        entry["unless"] = {column: list(values) for column, values in rule.unless.conditions}
    return entry


def _duties_left(reader: _Reader, kept: Sequence[str]) -> list[str]:
    """The duties that are left out, in the order of the default problem."""
    left = [one for one in reversed(DUTIES) if one not in kept]
    if len(left) == len(DUTIES):
        reader.wrong("duty", _NO_DUTY)
    return left
