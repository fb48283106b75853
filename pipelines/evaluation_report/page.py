"""The page itself: what the template is given, and the one file that comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from pipelines.evaluation_report import tables
from pipelines.evaluation_report.drawing import Picture
from pipelines.evaluation_report.forward_plots import forward_pictures
from pipelines.evaluation_report.group_plots import group_pictures
from pipelines.evaluation_report.honesty_plots import columns_pictures, sensitivity_pictures
from pipelines.evaluation_report.list_plots import list_pictures
from pipelines.evaluation_report.summary import Answer, Service, answers
from pipelines.evaluation_report.templating import OWN, templates_in
from pipelines.evaluation_report.words import (
    Said,
    both,
    count,
    day,
    listing,
    one,
    per_hundred,
    said,
    sentence,
    share,
    with_error,
)
from targeting.domain import AsOf, Target
from targeting.evaluation.backtest import Summary
from targeting.evaluation.evaluated import Evaluated

__all__ = ["Entry", "entry_of", "failed_entry", "render"]

_TEMPLATES: Final = templates_in(OWN)
_HEADS: Final = ("serves", "own", "held_against", "by_lot", "reads_as", "requirements")


class Entry(NamedTuple):
    """One target's section, and its row (`cells`) in the overview. `failure` stands for all the rest."""

    target: Target
    title: Said
    cells: tuple[Said, ...]
    answers: Sequence[Answer] = ()
    gates: Sequence[tables.Gate] = ()
    notes: Mapping[str, Said] = {}
    tables: Mapping[str, tables.Table] = {}
    pictures: Sequence[Picture] = ()
    columns: Sequence[Picture] = ()
    missed: Sequence[Picture] = ()
    groups: Sequence[Picture] = ()
    origin: Sequence[tuple[Said, Said]] = ()
    failure: str = ""


def render(entries: Sequence[Entry], as_of: AsOf, *, synthetic: bool) -> str:
    """The report as one HTML document, the same text for the same evaluation."""
    return _TEMPLATES.get_template("report.html").render(
        title=said("page.title", as_of=day(as_of.day)),
        never=said("page.never"),
        heads=[said(f"page.{head}") for head in _HEADS],
        entries=entries,
        said=said,
        glossary=_glossary(),
        synthetic=synthetic,
    )


def failed_entry(target: Target, why: str) -> Entry:
    """A target that could not be trained."""
    cells = (said("page.not_trained"), *(both("–") for _ in range(5)))
    return Entry(target, said(f"target.{target}"), cells, failure=why)


def entry_of(found: Evaluated, service: Service) -> Entry:
    """Everything that is told about one target."""
    return Entry(
        target=found.target,
        title=said(f"target.{found.target}"),
        cells=_overview(found, service),
        answers=answers(found, service),
        gates=tables.gates(found.gates),
        notes=_notes(found),
        tables=_tables(found),
        pictures=[*forward_pictures(found), *list_pictures(found)],
        columns=columns_pictures(found),
        missed=sensitivity_pictures(found),
        groups=group_pictures(found),
        origin=tables.origin(found),
    )


def _overview(found: Evaluated, service: Service) -> tuple[Said, ...]:
    name = sentence(one("candidate", found.choice.candidate))
    state = said("page.in_service" if service.version == found.version else "page.out_of_service")
    figures = [said("page.untested")] + [both("–")] * 2
    if found.tested:
        own, rival = (_at_the_top(found.result.summaries[each]) for each in (found.choice.candidate, found.rival))
        base = per_hundred(found.metrics(found.choice.candidate).base_rate)
        figures = [own, _held_against(found, rival), base]
    return (
        Said(f"{name.nb}, {state.nb}", f"{name.en}, {state.en}"),
        *figures,
        said("page.probability" if found.model.form.bands is None else "page.bands"),
        _failed(found),
    )


def _at_the_top(summary: Summary) -> Said:
    return with_error(per_hundred(summary.metrics.precision_at_k), per_hundred(summary.precision_error))


def _held_against(found: Evaluated, value: Said) -> Said:
    rival = one("candidate", found.rival)
    return Said(f"{value.nb} ({rival.nb})", f"{value.en} ({rival.en})")


def _failed(found: Evaluated) -> Said:
    blocked = len(found.blocked)
    warned = sum(gate.outcome == "fail" for gate in found.gates) - blocked
    if blocked:
        return said("page.failed", blocked=blocked, warned=warned)
    return said("page.warned", warned=warned) if warned else said("page.all_held")


def _tables(found: Evaluated) -> dict[str, tables.Table]:
    made: dict[str, tables.Table] = {}
    if found.tested:
        made |= {"candidates": tables.candidates(found), "windows": tables.windows(found)}
    if found.honesty is not None:
        made |= {"columns": tables.columns(found, found.choice.candidate), "segments": tables.segments(found)}
        if found.rival != found.choice.candidate:
            made["columns_rival"] = tables.columns(found, found.rival)
        if found.honesty.sensitivity:
            made["sensitivity"] = tables.sensitivity(found)
    if found.evidence.groups is not None:
        made["groups"] = tables.groups(found)
    return made


def _notes(found: Evaluated) -> dict[str, Said]:
    """What stands above the tables."""
    roles = {"own": found.choice.candidate, "rival": found.rival}
    made = {role: sentence(one("candidate", name)) for role, name in roles.items()}
    if found.tested:
        first = found.metrics(found.choice.candidate)
        made["candidates"] = said(
            "table.candidates_note",
            windows=len(found.result.splits),
            rows=count(first.rows),
            base=share(first.base_rate),
            k=first.k,
        )
    if found.honesty is not None:
        made |= _columns_notes(found)
    if found.evidence.groups is not None:
        made["groups"] = said("table.groups_note", minimum=found.evidence.groups.minimum)
    return made


def _columns_notes(found: Evaluated) -> dict[str, Said]:
    honesty: Any = found.honesty
    overlap = honesty.overlap
    return {
        "columns": said(
            "table.columns_note",
            k=count(honesty.k),
            cohort=count(honesty.cohort),
            quarters=honesty.quarters,
            candidate=one("candidate", found.choice.candidate),
            labelled=share(honesty.candidates[found.choice.candidate].labelled_share, 1),
        ),
        "overlap": said(
            "table.overlap_note",
            seen=count(overlap.labelled),
            effective=count(overlap.effective),
            largest=count(overlap.largest),
            floor=share(overlap.under_floor),
        ),
    }


def _glossary() -> list[tuple[Said, Said]]:
    return list(zip(listing("glossary.terms"), listing("glossary.means"), strict=True))
