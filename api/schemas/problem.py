"""RFC 9457 problem details."""

from __future__ import annotations

from api.schemas.base import Output

__all__ = ["Problem"]


class Problem(Output):
    """What went wrong. `errors` names each unreadable parameter; empty for other problems."""

    type: str
    title: str
    status: int
    detail: str
    errors: tuple[dict[str, str], ...]
