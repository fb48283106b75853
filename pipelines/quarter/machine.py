"""What the machine refuses: a full disk, a folder nobody may write to, too little memory, a broken file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import pyarrow as pa

from targeting.domain import BadInputError
from targeting.ledger import UnavailableError

__all__ = ["faults_of_the_machine"]

_AGAIN = "start it again when there is: what is done is not done twice, and the run before it goes on serving"


@contextmanager
def faults_of_the_machine() -> Iterator[None]:
    """Say in our words what the system refused: `UnavailableError`, or `BadInputError` for a file that is broken."""
    try:
        yield
    except (duckdb.OutOfMemoryException, MemoryError) as cause:
        raise UnavailableError(
            expected="memory for a partition", got=str(cause), where="this machine", do=_AGAIN
        ) from cause
    except (pa.ArrowInvalid, duckdb.InvalidInputException) as cause:
        raise BadInputError(
            expected="whole Parquet files", got=str(cause), where="the store", do="restore it from a backup"
        ) from cause
    except (OSError, duckdb.OperationalError, duckdb.FatalException) as cause:
        raise UnavailableError(
            expected="room and the right to write under TARGETING_HOME", got=str(cause), where="this machine", do=_AGAIN
        ) from cause
