"""A refusal that a planner reads: the same words for the raised error and for the tooltip of a closed button."""

from __future__ import annotations

from typing import NamedTuple

from targeting.domain import RefusedError

__all__ = ["NotAllowedError", "Reason"]


class Reason(NamedTuple):
    """Why not, in both languages."""

    nb: str
    en: str


class NotAllowedError(RefusedError):
    """A rule of the plan's life, or of who may do what, said no. `reason` is for the person."""

    def __init__(self, reason: Reason, *, got: str, where: str = "", do: str = "") -> None:
        super().__init__(expected=reason.en, got=got, where=where, do=do)
        self.reason = reason
