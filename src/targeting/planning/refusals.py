"""A refusal that a planner reads: the same words for the raised error and for the tooltip of a closed button."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from targeting.domain import RefusedError

__all__ = ["ChangedSinceError", "NotAllowedError", "Reason"]


class Reason(NamedTuple):
    """Why not, in both languages."""

    nb: str
    en: str


class NotAllowedError(RefusedError):
    """A rule of the plan's life, or of who may do what, said no. `reason` is for the person."""

    def __init__(self, reason: Reason, *, got: str, where: str = "", do: str = "") -> None:
        super().__init__(expected=reason.en, got=got, where=where, do=do)
        self.reason = reason

    def __reduce__(self) -> tuple[object, ...]:
        """Refusals cross process boundaries too; their first argument is another than their base's."""
        return partial(type(self), self.reason, got=self.got, where=self.where, do=self.do), ()


class ChangedSinceError(NotAllowedError):
    """Another act came between what the person saw and what they did. Nothing was written; looking again helps."""
