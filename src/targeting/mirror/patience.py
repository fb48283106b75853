"""Asking storage that may be far away: what is worth another try, and what a person has to mend."""

from __future__ import annotations

import errno
import time
from collections.abc import Callable
from typing import Final, TypeVar

from targeting.domain import BadInputError, RefusedError, TargetingError

__all__ = ["Sleep", "patiently", "refuse_definite"]

Sleep = Callable[[float], None]
T = TypeVar("T")

_WAITS: Final = (1.0, 2.0, 4.0)
_FULL: Final = (errno.ENOSPC, errno.EDQUOT)
_FORBIDDEN: Final = (errno.EPERM, errno.EROFS)
_STORAGE_LIBRARIES: Final = frozenset({"adlfs", "aiobotocore", "aiohttp", "azure", "botocore", "gcsfs", "google"})
"""Whose errors are not all `OSError`s. By name: none of them has to be installed."""

_NO_CREDENTIALS: Final = frozenset({"NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError"})


def patiently(act: Callable[[], T], where: str, sleep: Sleep = time.sleep) -> T:
    """What `act` gives; tried again after 1, 2 and 4 seconds when the storage fails.

    Raises `RefusedError` where a right or a key is missing and `BadInputError` where the storage is full or still fails
    at last. `FileNotFoundError` and `FileExistsError` pass: the caller knows what they mean.
    """
    for wait in (*_WAITS, None):
        try:
            return act()
        except (TargetingError, FileNotFoundError, FileExistsError):
            raise
        except Exception as cause:
            refuse_definite(cause, where)
            if wait is None:
                raise BadInputError(
                    expected="storage that answers",
                    got=f"{_said(cause)}, {len(_WAITS) + 1} times",
                    where=where,
                    do="try again later; what was there before is untouched",
                ) from cause
        sleep(wait)
    raise AssertionError("unreachable: the last try returns or raises")


def refuse_definite(cause: Exception, where: str) -> None:
    """Raise what no second try mends, in words where a person can; nothing where the storage may do better later."""
    number = getattr(cause, "errno", None)
    if number in _FULL:
        raise BadInputError(
            expected="room", got="a full disk or quota", where=where, do="make room and repeat"
        ) from cause
    if isinstance(cause, PermissionError) or number in _FORBIDDEN or type(cause).__name__ in _NO_CREDENTIALS:
        raise RefusedError(
            expected="the right to read, write, list and delete there",
            got=_said(cause),
            where=where,
            do="check the credentials in the environment and the rights they have",
        ) from cause
    if not isinstance(cause, OSError) and type(cause).__module__.partition(".")[0] not in _STORAGE_LIBRARIES:
        raise cause


def _said(cause: Exception) -> str:
    return str(cause) or type(cause).__name__
