"""The parts about data: registers, every feature grouped by theme, and what no feature may be made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from targeting.domain import Target
from targeting.evaluation.description.facts import Facts, Input
from targeting.evaluation.description.markdown import bullets, table
from targeting.evaluation.description.words import Language
from targeting.parameters.purposes import purpose_of
from targeting.parameters.registers import register

__all__ = ["data", "never", "one_by_one"]


def data(told: Facts, say: Language) -> Iterator[str]:
    """The registers."""
    yield say("data_lead")
    header = [say("data_register"), say("data_keeper"), say("data_holds"), say("basis_is")]
    names = ("title", "keeper", "holds", "basis")
    yield table(header, ([say.of(one, name) for name in names] for one in told.registers))
    yield say("data_no_persons")


def one_by_one(told: Facts, say: Language) -> Iterator[str]:
    """Every feature, by theme; then the legal bases they point to."""
    places = _places(told)
    yield say("inputs_lead")
    header = [say(key) for key in ("col_name", "col_says", "col_source", "col_personal", "col_used", "col_basis")]
    for theme in told.themes:
        yield f"### {say(f'theme_{theme}')}"
        yield table(header, (_row(one, places, say) for one in told.of_theme(theme)))
    yield say("bases_lead")
    yield "\n".join(f"{place}. {say.declared(basis, in_code='nb')}" for basis, place in places.items())


def _places(told: Facts) -> Mapping[str, int]:
    """A number for each legal basis, in order of appearance."""
    ordered = dict.fromkeys(one.feature.legal_basis for theme in told.themes for one in told.of_theme(theme))
    return {basis: place for place, basis in enumerate(ordered, start=1)}


def _row(one: Input, places: Mapping[str, int], say: Language) -> list[str]:
    feature = one.feature
    return [
        f"`{feature.name}`",
        say.of(one, "title"),
        say.of(register(feature.source.partition(".")[0]), "title"),
        say("personal_off") if feature.personal else say("personal_no"),
        _used(one, say),
        str(places[feature.legal_basis]),
    ]


def _used(one: Input, say: Language) -> str:
    if not one.used_in:
        return say("not_used")
    if one.used_in == tuple(Target):
        return say("all_targets")
    return ", ".join(say.of(purpose_of(target), "title") for target in one.used_in)


def never(told: Facts, say: Language) -> Iterator[str]:
    """The deny-list."""
    yield say("never_lead")
    yield bullets(say.declared(one, in_code="en") for one in told.denied)
