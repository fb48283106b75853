"""TILDA coordinations: what other inspectorates have open or planned at an establishment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Final

from targeting.sources.batching import Record, in_batches, record
from targeting.sources.cells import one_of
from targeting.sources.json_values import day_at, number_at, objects_at, organisation_number_at, text_at
from targeting.sources.reading import Batch, Quarantined
from targeting.sources.tilda_documents import Document, documents, responsible_authority
from targeting.tables import Coordination

__all__ = ["read_coordination"]

_Item = Mapping[str, object]

_STATUS: Final = one_of(
    {"aapen": "open", "lukket": "closed", "avbrutt": "aborted", "planlegging": "planned", "ikkeangitt": None}
)


def read_coordination(path: Path, *, known_on: date) -> Iterator[Batch]:
    """`tilsynskoordineringer`: one row a planned control, one for what is open, at least one a coordination.

    The reference is the authority's own id, or the coordination's number in the document, with the number of the
    planned control behind it. Addresses, contact points and messages are not read.
    """
    return in_batches(
        each for document in documents(path, "tilsynskoordineringer") for each in _records(document, known_on)
    )


def _records(document: Document, known_on: date) -> Iterator[Record]:
    place, item = document
    whole = record(Coordination, place, _whole, item, place.line, known_on)
    plans = item.get("planlagteKontroller")
    controls = [part for part in plans if isinstance(part, Mapping)] if isinstance(plans, list) else []
    if isinstance(whole.row, Quarantined) or not controls or whole.row["status"] == "open":
        yield whole
    if isinstance(whole.row, Mapping):
        for number, control in enumerate(controls, start=1):
            yield record(Coordination, place, _planned, whole.row, control, number)


def _whole(item: _Item, number: int | None, known_on: date) -> _Item:
    campaigns = [text_at(part, "kampanjenavn") for part in objects_at(item, "tilsynskampanjer")]
    objects_at(item, "planlagteKontroller")
    return {
        "establishment": organisation_number_at(item, "tildaenhet"),
        "authority": responsible_authority(item),
        "reference": text_at(item, "internTilsynsid") or str(number),
        "known_on": known_on,
        "planned_on": None,
        "status": _status(item),
        "topic": None,
        "campaign": "; ".join(name for name in campaigns if name) or None,
    }


def _status(item: _Item) -> str:
    open_inspections = number_at(item, "aapnetilsyn") or 0
    return text_at(item, "tilsynsstatus", _STATUS) or ("open" if open_inspections > 0 else "unknown")


def _planned(whole: _Item, control: _Item, number: int) -> _Item:
    return {
        **whole,
        "reference": f"{whole['reference']}/{number}",
        "planned_on": day_at(control, "planlagtkontrolldato"),
        "status": whole["status"] if whole["status"] in ("closed", "aborted") else "planned",
        "topic": text_at(control, "tilsynstema"),
    }
