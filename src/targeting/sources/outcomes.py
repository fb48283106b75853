"""A plan's outcomes as a source: written in the three-file format, read back by the very adapters of that format.

The loop closes through the store: `tilsyn`, `kontrollpunkt` and `reaksjon` files, every row dated when it became known,
the exploration arm marked as drawn at random.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final, NamedTuple

from targeting.domain import Answer, Arm, BadInputError, Origin, ReactionKind, Target
from targeting.parameters.control_points import prefix, topic_of
from targeting.parameters.outcome_rules import serious_breaches, work_crime_words
from targeting.sources.inspection_words import ANSWERS, FORMS, ORIGINS, REACTION_KINDS
from targeting.sources.inspections_csv import read_findings, read_inspections, read_reactions
from targeting.sources.reading import Batch, Quarantined

__all__ = ["Inspected", "ThreeFiles", "breach_of", "read_three_files", "summary_point", "three_files"]

_TOPICS: Final = {Target.BHT_USE: "bht", Target.UNLAWFUL_HIRING: "hiring", Target.WORK_CRIME: "crime"}
_SERIOUS: Final = (ReactionKind.STOP, ReactionKind.COERCIVE_FINE, ReactionKind.PENALTY, ReactionKind.POLICE_REPORT)
_ANSWER_WORDS: Final = {str(answer): word for word, answer in ANSWERS.items()}
_FORM_WORDS: Final = {str(form): word for word, form in FORMS.items()}
_ORIGIN_WORDS: Final = {str(origin): word for word, origin in ORIGINS.items()}
_KIND_WORDS: Final = {str(kind): word for word, kind in REACTION_KINDS.items()}


@dataclass(frozen=True, slots=True)
class Inspected:
    """One inspection of a plan. `points` maps control points to answers, `reactions` are rows of that table."""

    inspection: str
    establishment: str
    occurred_on: date
    known_on: date
    points: Mapping[str, Answer]
    reactions: tuple[Mapping[str, Any], ...] = field(default=())
    form: str | None = "document"


class ThreeFiles(NamedTuple):
    """What an upload of three files held. `read` counts rows of all three."""

    read: int
    inspections: tuple[Inspected, ...]
    quarantined: tuple[Quarantined, ...]


def summary_point(target: Target, breach: bool) -> dict[str, Answer]:
    """The one control point that stands for "any breach on the topic" where only that was told.

    Raises `BadInputError` for the working environment, whose label counts breaches: a single answer would be invented.

    >>> summary_point(Target.BHT_USE, True)
    {'BHT-00': <Answer.BREACH: 'breach'>}
    """
    if target not in _TOPICS:
        raise BadInputError(
            expected="answers to control points",
            got="only whether there was a breach",
            where=f"outcomes of a plan for {target}",
            do="add control-point columns, or upload tilsyn, kontrollpunkt and reaksjon files",
        )
    return {f"{prefix(_TOPICS[target])}00": Answer.BREACH if breach else Answer.MET}


def breach_of(target: Target, found: Inspected) -> bool | None:
    """Whether the inspection counts as a breach for `target`, as its label does; null when it was not checked."""
    checked = {
        point: answer
        for point, answer in found.points.items()
        if answer in (Answer.MET, Answer.BREACH) and _TOPICS.get(target) in (None, topic_of(point))
    }
    if not checked:
        return None
    breaches = sum(answer is Answer.BREACH for answer in checked.values())
    kinds = {row["kind"] for row in found.reactions}
    if target is Target.WORKING_ENVIRONMENT:
        return breaches >= serious_breaches() or bool(kinds & set(_SERIOUS))
    laws = [str(row["legal_basis"] or "").casefold() for row in found.reactions]
    by_law = target is Target.WORK_CRIME and any(word in law for law in laws for word in work_crime_words())
    return breaches > 0 or by_law


def three_files(found: Sequence[Inspected], arms: Mapping[str, Arm], topic: str, name: str) -> dict[str, str]:
    """The texts of the three files by file name; `arms` says for each establishment why it was inspected.

    A standby or an addition has no drawn arm: it counts as chosen by risk. `name` ends each file name.
    """
    ordered = sorted(found, key=lambda one: one.inspection)
    return {
        f"tilsyn_{name}.csv": _csv(_HEADER, [_header_row(one, arms.get(one.establishment), topic) for one in ordered]),
        f"kontrollpunkt_{name}.csv": _csv(_ANSWER, [row for one in ordered for row in _answer_rows(one)]),
        f"reaksjon_{name}.csv": _csv(_REACTION, [row for one in ordered for row in _reaction_rows(one)]),
    }


_HEADER: Final = (
    "internTilsynsid",
    "tildaenhet",
    "startdato",
    "tilsynsform",
    "tilsynsutvelgelse",
    "tilsynstema",
    "tilfeldig_utvalg",
    "antallKontrollpunkter",
    "kjent_dato",
)
_ANSWER: Final = ("internTilsynsid", "kontrollpunktId", "svar", "kjent_dato")
_REACTION: Final = (
    "internTilsynsid",
    "bruddOgReaksjonsreferanse",
    "reaksjonstype",
    "lovparagraf",
    "reaksjonsdato",
    "belop",
    "frist",
    "kjent_dato",
)


def _header_row(one: Inspected, arm: Arm | None, topic: str) -> list[object]:
    drawn = arm is Arm.EXPLORATION
    origin = _ORIGIN_WORDS[Origin.RANDOM if drawn else Origin.RISK]
    form = _FORM_WORDS.get(one.form or "", "")
    flag = "ja" if drawn else "nei"
    return [
        one.inspection,
        one.establishment,
        one.occurred_on,
        form,
        origin,
        topic,
        flag,
        len(one.points),
        one.known_on,
    ]


def _answer_rows(one: Inspected) -> list[list[object]]:
    return [
        [one.inspection, point, _ANSWER_WORDS[answer], one.known_on] for point, answer in sorted(one.points.items())
    ]


def _reaction_rows(one: Inspected) -> list[list[object]]:
    return [
        [
            one.inspection,
            row["reference"],
            _KIND_WORDS[row["kind"]],
            row["legal_basis"] or "",
            row["occurred_on"] or "",
            "" if row["amount"] is None else row["amount"],
            row["deadline_on"] or "",
            one.known_on,
        ]
        for row in one.reactions
        if row["kind"] in _KIND_WORDS
    ]


def _csv(header: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def read_three_files(tilsyn: Path, kontrollpunkt: Path, reaksjon: Path | None, known_on: date) -> ThreeFiles:
    """Read an upload in the three-file format. Everything in it became known by `known_on` at the latest.

    Answers and reactions of inspections that the upload lacks are ignored: they belong to another plan's files.
    """
    headers = list(read_inspections(tilsyn))
    started = {row["inspection"]: row["occurred_on"] for row in _rows(headers)}
    answers = list(read_findings(kontrollpunkt, started=started))
    reactions = list(read_reactions(reaksjon, started=started)) if reaksjon else []
    points: dict[str, dict[str, Answer]] = {}
    for row in _rows(answers):
        points.setdefault(row["inspection"], {})[row["control_point"]] = Answer(row["answer"])
    followed: dict[str, list[Mapping[str, Any]]] = {}
    for row in _rows(reactions):
        followed.setdefault(row["inspection"], []).append(row)
    found = [
        Inspected(
            row["inspection"],
            row["establishment"],
            row["occurred_on"],
            max(known_on, row["occurred_on"]),
            points.get(row["inspection"], {}),
            tuple(followed.get(row["inspection"], ())),
            row["form"],
        )
        for row in _rows(headers)
    ]
    batches = [*headers, *answers, *reactions]
    return ThreeFiles(
        sum(batch.read for batch in batches),
        tuple(found),
        tuple(refusal for batch in batches for refusal in batch.quarantined),
    )


def _rows(batches: Iterable[Batch]) -> Iterable[dict[str, Any]]:
    return (row for batch in batches for row in batch.rows.to_pylist())
