"""Errors a person can act on: what was expected, what came, where, and what to do.

Domain errors know neither exit codes nor HTTP; `pipelines` and `api` map them once, at their boundary.
"""

from __future__ import annotations

from functools import partial

__all__ = ["BadInputError", "NotFoundError", "RefusedError", "TargetingError"]


class TargetingError(Exception):
    """Base of every error that is somebody's to mend rather than a fault of ours.

    >>> str(BadInputError(expected="a gzip file", got="plain text", where="units.json.gz", do="download it again"))
    'expected a gzip file, got plain text (units.json.gz); download it again'
    """

    def __init__(self, *, expected: str, got: str, where: str = "", do: str = "") -> None:
        self.expected = expected
        self.got = got
        self.where = where
        self.do = do
        place = f" ({where})" if where else ""
        advice = f"; {do}" if do else ""
        super().__init__(f"expected {expected}, got {got}{place}{advice}")

    def __reduce__(self) -> tuple[object, ...]:
        """Errors cross process boundaries; keyword-only arguments have to be told to pickle."""
        return partial(type(self), expected=self.expected, got=self.got, where=self.where, do=self.do), ()


class BadInputError(TargetingError):
    """What was handed in cannot be read or used; nothing was written."""


class NotFoundError(TargetingError):
    """What was asked for is not here (a run, an establishment, a released model)."""


class RefusedError(TargetingError):
    """A gate, contract or permission said no; the input itself was readable."""
