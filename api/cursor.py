"""Where the next page begins: an opaque text that belongs to one run, one target and one set of filters."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import NamedTuple

from api.errors import GoneError
from api.schemas.rankings import RankingFilters
from targeting.domain import BadInputError, Target

__all__ = ["read_cursor", "write_cursor"]


class _Place(NamedTuple):
    run: str
    question: str
    rank: int


def write_cursor(run: str, target: Target, filters: RankingFilters, rank: int) -> str:
    """The cursor of the page that begins after `rank`."""
    return base64.urlsafe_b64encode(f"{run}.{_question(target, filters)}.{rank}".encode()).decode().rstrip("=")


def read_cursor(cursor: str, run: str, target: Target, filters: RankingFilters) -> int:
    """The rank after which the page begins.

    Raises `GoneError` when the cursor is of another run than `run`, `BadInputError` when it is of another
    question or not a cursor.
    """
    place = _parse(cursor)
    if place.run != run:
        raise GoneError(
            expected=f"a cursor of run {run}", got="one of another run", where="cursor", do="begin at the first page"
        )
    if place.question != _question(target, filters):
        raise BadInputError(
            expected="the filters the cursor was made with", got="others", where="cursor", do="begin at the first page"
        )
    return place.rank


def _question(target: Target, filters: RankingFilters) -> str:
    return hashlib.sha256(f"{target}{filters.model_dump_json()}".encode()).hexdigest()[:16]


def _parse(cursor: str) -> _Place:
    try:
        run, question, rank = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii").split(".")
        return _Place(run, question, int(rank))
    except (binascii.Error, ValueError) as cause:
        raise BadInputError(
            expected="a cursor as given in `next`", got="another text", where="cursor", do="begin at the first page"
        ) from cause
