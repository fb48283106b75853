"""TILDA inspection reports, shared between inspectorates: inspections, breaches and reactions.

Contact points, notes, remarks, observations and messages may name persons and are never read. TILDA has no "checked
and found in order": a report without breaches proves nothing and gives no answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Final

from targeting.domain import Answer, Form, Origin, ReactionKind
from targeting.sources.batching import Place, Record, in_batches, record
from targeting.sources.cells import MUNICIPALITY, one_of
from targeting.sources.inspection_words import INSPECTION_STATUSES, ORIGINS, REACTION_KINDS, gravest_word_in
from targeting.sources.json_values import day_at, number_at, objects_at, organisation_number_at, text_at
from targeting.sources.reading import Batch, Quarantined, RowError
from targeting.sources.tilda_documents import documents, responsible_authority
from targeting.tables import Findings, Inspections, Reactions

__all__ = ["read_reports"]

_Item = Mapping[str, object]

_STATUS: Final = one_of(INSPECTION_STATUSES)
_ANNOUNCEMENT: Final = one_of({"ja": Form.UNANNOUNCED, "nei": Form.ANNOUNCED, "ikkeangitt": None})
_BY_LETTER: Final = ("dokument", "brev")
_WITH_AMOUNT: Final = (ReactionKind.COERCIVE_FINE, ReactionKind.PENALTY)


def read_reports(path: Path, *, known_on: date) -> Iterator[Batch]:
    """`tilsynsrapporter`: one inspection a report, one finding and one reaction for each of its `bruddOgReaksjoner`.

    TILDA does not say when a report was first shared, so all of it counts as known on `known_on`. The breaches of a
    refused report are refused with it.
    """
    return in_batches(_records(path, known_on))


def _records(path: Path, known_on: date) -> Iterator[Record]:
    for place, item in documents(path, "tilsynsrapporter"):
        header = record(Inspections, place, _inspection, item, known_on)
        yield header
        yield from _breaches(place, item, header)


def _inspection(item: _Item, known_on: date) -> _Item:
    establishment, authority = organisation_number_at(item, "tildaenhet"), responsible_authority(item)
    objects_at(item, "bruddOgReaksjoner")  # refuses the report whole when its breaches cannot be told apart
    first_day = _first_day(item, known_on)
    return dict.fromkeys(Inspections.columns()) | {
        "inspection": text_at(item, "tilsynsegenskaper.internTilsynsid") or f"{authority}/{establishment}/{first_day}",
        "establishment": establishment,
        "occurred_on": first_day,
        "known_on": known_on,
        "authority": authority,
        "form": _form(item),
        "origin": _origin(item),
        "topic": text_at(item, "tilsynsegenskaper.tilsynstema"),
        "status": text_at(item, "tilsynsegenskaper.tilsynsstatus", _STATUS),
        "municipality": _municipality(item),
    }


def _first_day(item: _Item, known_on: date) -> date:
    column = "startdatoForTilsynsaktivitet"
    days = [day_at(activity, column) for activity in objects_at(item, "utfoerteTilsynsaktiviteter")]
    first_day = min((day for day in days if day is not None), default=None)
    if first_day is None:
        raise RowError(column, "an inspection that has started", "no activity with a start date")
    if first_day > known_on:
        raise RowError(column, f"a start by {known_on}, when the report was known", str(first_day))
    return first_day


def _form(item: _Item) -> str | None:
    ways = [text_at(part, "aktivitetsutfoerelse") or "" for part in objects_at(item, "utfoerteTilsynsaktiviteter")]
    announcement = text_at(item, "tilsynsegenskaper.uanmeldttilsyn", _ANNOUNCEMENT)
    by_letter = bool(ways) and all(any(word in way.casefold() for word in _BY_LETTER) for way in ways)
    return Form.DOCUMENT if by_letter and announcement != Form.UNANNOUNCED else announcement


def _origin(item: _Item) -> str | None:
    how = text_at(item, "tilsynsegenskaper.tilsynsutvelgelse")
    return (gravest_word_in(how, ORIGINS) or Origin.OTHER) if how else None


def _municipality(item: _Item) -> str | None:
    places = objects_at(item, "kontrolladresser")
    return text_at(places[0], "kommunenummer", MUNICIPALITY) if places else None


def _breaches(place: Place, item: _Item, header: Record) -> Iterator[Record]:
    breaches = item.get("bruddOgReaksjoner")
    points: set[str] = set()
    for number, breach in enumerate(breaches if isinstance(breaches, list) else [], start=1):
        if isinstance(breach, Mapping):
            yield record(Findings, place, _finding, breach, number, header, points)
            yield record(Reactions, place, _reaction, breach, number, header)


def _finding(breach: _Item, number: int, header: Record, points: set[str]) -> _Item:
    inspection = _accepted(header)
    paragraph, reference = text_at(breach, "lovparagraf"), _reference(breach, number)
    # Two breaches of one paragraph are two findings: the second is told apart by its reference.
    point = paragraph if paragraph and paragraph not in points else f"{paragraph or 'reference'} {reference}"
    points.add(point)
    return {
        "inspection": inspection["inspection"],
        "control_point": point,
        "known_on": inspection["known_on"],
        "legal_basis": paragraph,
        "answer": Answer.BREACH,
    }


def _reaction(breach: _Item, number: int, header: Record) -> _Item:
    inspection = _accepted(header)
    kind = gravest_word_in(text_at(breach, "alvorsgrad.utmaaltReaksjonstype"), REACTION_KINDS)
    return dict.fromkeys(Reactions.columns()) | {
        "inspection": inspection["inspection"],
        "reference": _reference(breach, number),
        "occurred_on": day_at(breach, "reaksjonsdato"),
        "known_on": inspection["known_on"],
        "kind": kind,
        "legal_basis": text_at(breach, "lovparagraf"),
        "amount": number_at(breach, "alvorsgrad.utmaaltReaksjonsverdi") if kind in _WITH_AMOUNT else None,
    }


def _accepted(header: Record) -> _Item:
    if isinstance(header.row, Quarantined):
        raise RowError("bruddOgReaksjoner", "a report that was accepted", f"one refused for its {header.row.column}")
    return header.row


def _reference(breach: _Item, number: int) -> str:
    """The breach's own reference, else its number in the report: services leave a reference of 0 out."""
    reference = number_at(breach, "bruddOgReaksjonsreferanse")
    return str(number if reference is None else int(reference))
