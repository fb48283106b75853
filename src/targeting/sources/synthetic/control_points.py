"""The checklist of an inspection: which control points, and the answer to each."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from targeting.sources.synthetic.arrays import Ints
from targeting.sources.synthetic.assumptions import rate
from targeting.sources.synthetic.inspections import Inspections

__all__ = ["ANSWERS", "LEGAL_BASIS", "POINTS", "Answers", "draw_answers"]

_FAMILIES: Final = (("BHT", 5), ("HMS", 20), ("INN", 6), ("AKR", 8))
POINTS: Final = tuple(f"{family}-{number:02d}" for family, many in _FAMILIES for number in range(1, many + 1))
_HMS_SECTIONS: Final = ("§ 3-1", "§ 4-1", "§ 4-3", "§ 4-4", "§ 6-1", "§ 10-4", "§ 14-5")
LEGAL_BASIS: Final = tuple(
    f"arbeidsmiljøloven {_HMS_SECTIONS[number % len(_HMS_SECTIONS)]}"
    if family == "HMS"
    else {
        "BHT": "forskrift om organisering § 13-2",
        "INN": "arbeidsmiljøloven § 14-12",
        "AKR": "allmenngjøringsloven § 11",
    }[family]
    for family, many in _FAMILIES
    for number in range(many)
)
ANSWERS: Final = ("oppfylt", "brudd", "ikke_relevant", "ikke_kontrollert")


class Answers(NamedTuple):
    """One entry an answer, in order of inspection and control point."""

    inspection: Ints
    point: Ints
    answer: Ints


def draw_answers(random: np.random.Generator, inspections: Inspections, rows: Ints) -> Answers:
    """Spread each family's breaches over its points by chance; at least one point of a family is always answered."""
    parts, first = [], 0
    for column, (_, many) in enumerate(_FAMILIES):
        order = np.argsort(random.random((len(rows), many)), axis=1)
        asked, breached = inspections.points[rows, column, None], inspections.breaches[rows, column, None]
        place = np.broadcast_to(np.arange(many), order.shape)
        draw = random.random(order.shape)
        open_ended = np.where(draw < rate("inspections.not_relevant"), 2, np.where(draw > 0.98, 3, 0))
        answer = np.where(place < breached, 1, np.where(place == 0, 0, open_ended))
        inspection, which = np.nonzero(place < asked)
        parts.append((inspection, first + order[inspection, which], answer[inspection, which]))
        first += many
    inspection, point, answer = (np.concatenate(column) for column in zip(*parts, strict=True))
    sorting = np.lexsort((point, inspection))
    return Answers(inspection[sorting], point[sorting], answer[sorting])
