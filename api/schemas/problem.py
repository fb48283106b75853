"""RFC 9457 problem details."""

from __future__ import annotations

from api.schemas.base import Output

__all__ = ["Problem"]


class Problem(Output):
    """What went wrong. `errors` names each unreadable parameter, and each rule of a clash; empty for other problems.

    `reason_nb` and `reason_en` are the rule that said no, in a planner's words; null when none did.
    """

    type: str
    title: str
    status: int
    detail: str
    reason_nb: str | None
    reason_en: str | None
    errors: tuple[dict[str, str], ...]
