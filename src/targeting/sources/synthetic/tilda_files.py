"""TILDA coordinations of the last year: what other authorities have open or plan."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson

from targeting.sources.synthetic.arrays import Ints
from targeting.sources.synthetic.arrow_text import write_text
from targeting.sources.synthetic.randomness import stream
from targeting.sources.synthetic.register import Register
from targeting.sources.synthetic.timeline import QUARTERS, iso

__all__ = ["write_coordination"]

_SHARE: Final = 0.008
"""Employing workplaces named in a quarter's document (A)."""
_TOPICS: Final = ("Brannvern", "Elsikkerhet", "Mattrygghet", "Skatt og avgift")
_STATES: Final = ("planlegging", "planlegging", "aapen", "lukket")


def write_coordination(register: Register, seed: int, folder: Path) -> None:
    """`tilda_koordinering_YYYY-MM-DD.json` for the four quarter ends of 2026."""
    random = stream(seed, "coordination")
    for q in range(QUARTERS - 4, QUARTERS):
        end = int(register.starts[q + 1])
        working = np.flatnonzero(register.living(q)[: register.places.workplaces] & (register.count(q) > 0))
        rows = np.sort(random.choice(working, max(4, round(_SHARE * len(working))), replace=False))
        coordinations = [_coordination(register, q, row, random.integers(0, 1_000, 4), end) for row in rows.tolist()]
        document = {
            "status": "ok",
            "statustekst": "",
            "tilsynsmyndighet": str(register.authority_number[1]),
            "tilsynskoordineringer": coordinations,
        }
        write_text(folder / f"tilda_koordinering_{iso(end - 1)}.json", [orjson.dumps(document)])


def _coordination(register: Register, q: int, row: int, draw: Ints, end: int) -> dict[str, Any]:
    """One establishment: planned within half a year, open, or closed."""
    authority = str(register.authority_number[1 + int(draw[0]) % 3])
    planned = {
        "planlagtkontrolldato": f"{iso(end + int(draw[1]) % 170)}T00:00:00",
        "planlagtkontrollVarighet": 1,
        "tilsynstema": _TOPICS[int(draw[2]) % len(_TOPICS)],
    }
    state = _STATES[int(draw[3]) % len(_STATES)]
    return {
        "tildaenhet": str(register.number[row]),
        "tilsynutfoertav": authority,
        "ansvarligtilsynsmyndighet": authority,
        "internTilsynsid": f"X{q}-{row}",
        "tilsynsstatus": state,
        "aapnetilsyn": int(state == "aapen"),
        "planlagteKontroller": [planned] if state == "planlegging" else [],
    }
