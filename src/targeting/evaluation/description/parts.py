"""The parts of the page that are mostly words: purposes, people, method, the draw, retention, risks, rights."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from targeting.domain import Target
from targeting.evaluation.description.facts import Facts
from targeting.evaluation.description.markdown import bullets, table
from targeting.evaluation.description.ways import owner_of, way_of
from targeting.evaluation.description.words import Language
from targeting.modelling.explanation import MOST_REASONS
from targeting.modelling.specification import Specification
from targeting.parameters.access import withheld
from targeting.parameters.purposes import purpose_of

__all__ = ["decides", "kept", "purposes", "random_share", "rights", "risks", "short", "works"]


def short(told: Facts, say: Language) -> Iterator[str]:
    """What everybody asks first."""
    rows = (
        ("col_name", say("name")),
        ("responsible", owner_of(told, say)),
        ("state", say("phase")),
        ("concerns", say("whom_sole" if told.sole_proprietors else "whom")),
        ("frequency", say("often", places=told.pacing.document_inspections_per_year)),
        ("output", say("result", most=MOST_REASONS)),
        ("limits", say("not_for")),
        ("contact", say("unnamed", owner=owner_of(told, say))),
    )
    yield bullets(f"**{say(key)}:** {text}" for key, text in rows)


def purposes(_told: Facts, say: Language) -> Iterator[str]:
    """The four targets, and what the law does not say."""
    yield say("purpose_lead")
    for target in Target:
        about = purpose_of(target)
        yield f"### {say.of(about, 'title')}"
        yield say.of(about, "asks")
        yield bullets(
            f"**{say(key)}:** {say.of(about, name)}"
            for key, name in (
                ("about_whom", "who"),
                ("breach_is", "breach"),
                ("used_for", "used"),
                ("basis_is", "basis"),
            )
        )
    yield say("basis_doubt")


def decides(told: Facts, say: Language) -> Iterator[str]:
    """The people."""
    rules = told.pacing
    peace = {"same": rules.same_topic_months, "any": rules.any_topic_months, "per": rules.per_enterprise_per_year}
    lines = [say(f"decides_{n}") for n in range(1, 6)]
    yield bullets([*lines, say("decides_6", **peace), say("decides_train", owner=owner_of(told, say))])


def works(told: Facts, say: Language) -> Iterator[str]:
    """The method, then what each target's specification settles."""
    steps = [say("works_1", features=len(told.inputs)), *(say(f"works_{n}") for n in range(2, 6))]
    yield "\n".join(f"{place}. {step}" for place, step in enumerate(steps, start=1))
    for target, specification in told.specifications.items():
        yield f"### {say.of(purpose_of(target), 'title')}"
        count = sum(target in one.used_in for one in told.inputs)
        yield bullets(f"**{key}:** {text}" for key, text in _settled(specification, count, say))


def _settled(specification: Specification, inputs: int, say: Language) -> Iterator[tuple[str, str]]:
    label, splits, gates = specification.label, specification.splits, specification.gates
    yield say("learned_from"), str(specification.training.first_day)
    ahead = "looks_ahead_value" if label.horizon_quarters == 1 else "looks_ahead_more"
    yield say("looks_ahead"), say(ahead, quarters=label.horizon_quarters, days=label.maturation_days)
    yield say("inputs_count"), str(inputs)
    yield (
        say("tested_on"),
        say(
            "tested_on_value" if splits.span == 1 else "tested_on_more",
            number=splits.number,
            span=splits.span,
            first=splits.first_test,
        ),
    )
    yield (
        say("ways"),
        ", ".join(dict.fromkeys(way_of(specification, one.name, say) for one in specification.candidates)),
    )
    too_little = say("too_little", rows=gates.min_rows, breaches=gates.min_breaches)
    yield say("fallback"), f"{way_of(specification, specification.fallback, say)} ({too_little})"
    yield say("law_changes"), "; ".join(_law_changes(specification, say)) or say("none")


def _law_changes(specification: Specification, say: Language) -> Iterator[str]:
    for one in specification.training.breaks:
        why = say.declared(one.why, in_code="en")
        yield say("law_change", day=one.on, why=why, weight=say.percent(one.weight_before))


def random_share(told: Facts, say: Language) -> Iterator[str]:
    """The draw."""
    share, places = told.pacing.exploration_share, told.pacing.document_inspections_per_year
    yield say("random_1", share=say.percent(share), places=places, drawn=round(share * places))
    yield say("random_2")
    yield say("random_3")


def kept(told: Facts, say: Language) -> Iterator[str]:
    """Retention."""
    periods = told.retention
    year = _period("year", periods.unselected_quarters_after_year, say)
    quarter = _period("quarter", periods.sole_proprietor_quarters_after_quarter, say)
    yield bullets(
        [say("kept_1", unselected=year, cell=periods.smallest_cell), say("kept_2", sole=quarter), say("kept_3")]
    )


def _period(of: str, quarters: int, say: Language) -> str:
    return say(f"kept_later_{of}", quarters=quarters) if quarters else say(f"kept_now_{of}")


def risks(told: Facts, say: Language) -> Iterator[str]:
    """What can go wrong, and the assessments."""
    yield table([say("risk"), say("measure")], ([say(f"risk_{n}"), say(f"measure_{n}")] for n in range(1, 7)))
    unpublished = say("unpublished", owner=owner_of(told, say))
    yield bullets(
        [
            f"**{say('assess_dpia')}:** {unpublished}",
            f"**{say('assess_rights')}:** {unpublished}",
            f"**{say('assess_ai')}:** {say('assess_ai_value')}",
        ]
    )


def rights(_told: Facts, say: Language) -> Iterator[str]:
    """What whoever is concerned may ask for, and what is withheld."""
    yield bullets(say(f"rights_{n}") for n in range(1, 4))
    yield say("rights_withheld")
    yield bullets(f"{say.of(one, 'what')} ({say.of(one, 'clause')})" for one in withheld(date.max))
