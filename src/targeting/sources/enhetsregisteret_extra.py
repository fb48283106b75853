"""What the register says and no column reads: kept as JSON, so that a later version can read it from old rows."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from targeting.sources.register_values import Unit

__all__ = ["ADDRESS_KEYS", "CODE_KEYS", "extra"]

_CONTACT: Final = frozenset(
    {
        "e-post",
        "epost",
        "epostadresse",
        "faks",
        "hjemmeside",
        "internettadresse",
        "mobil",
        "mobiltelefon",
        "nettadresse",
        "telefaks",
        "telefon",
        "telefonnummer",
    }
)
"""Contact fields in every spelling seen, at any depth: never imported."""

_NOTHING_SAID: Final = frozenset(
    {
        "_links",
        "links",
        "respons_klasse",
        # Book-keeping days that move each month for every employer: kept, they would make a new version of every row.
        "registreringsdatoantallansatteenhetsregisteret",
        "registreringsdatoantallansattenavaaregisteret",
    }
)
CODE_KEYS: Final = frozenset({"kode", "beskrivelse", "_links"})
"""Keys of a coded value; the description follows from the code."""

ADDRESS_KEYS: Final = frozenset(
    {"adresse", "land", "landkode", "postnummer", "poststed", "kommune", "kommunenummer", "_links"}
)
"""Keys of an address; the names follow from the numbers."""

_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def extra(unit: Unit, read: Mapping[str, frozenset[str]]) -> str | None:
    """The keys of `unit` that are not in `read`, as one compact JSON object with sorted keys; null when none is left.

    `read` maps each key a row uses to the keys known inside it: what is new inside a known object is kept as well.
    Empty values say nothing and are left out, so that a blank CSV cell and an absent JSON key are the same.

    >>> extra({"navn": "A", "nytt": [1, None], "telefon": "x", "tomt": ""}, {"navn": frozenset()})
    '{"nytt":[1]}'
    """
    left: dict[str, object] = {}
    for key, value in unit.items():
        known = read.get(key)
        if known is None:
            kept = _kept(value) if _is_content(key) else None
        elif known and isinstance(value, Mapping) and not known.issuperset(value):
            kept = _kept({inner: value[inner] for inner in value if inner not in known})
        else:
            continue
        if kept is not None:
            left[key] = kept
    return _ENCODER.encode(left) if left else None


def _kept(value: object) -> object | None:
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, list):
        return [kept for item in value if (kept := _kept(item)) is not None] or None
    if isinstance(value, Mapping):
        parts = {key: kept for key, item in value.items() if _is_content(key) and (kept := _kept(item)) is not None}
        return parts or None
    # 1e999 is JSON, the infinity that Python makes of it is not.
    return str(value) if value in (math.inf, -math.inf) else value


@lru_cache(maxsize=1 << 10)
def _is_content(key: str) -> bool:
    folded = key.casefold()
    return folded not in _CONTACT and folded not in _NOTHING_SAID
