"""Where errors become exit codes, once."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from enum import IntEnum
from functools import wraps
from typing import Any

import typer

from targeting.domain import BadInputError, NotFoundError, RefusedError
from targeting.ledger import UnavailableError

__all__ = ["ExitCode", "exit_code_of", "guarded"]


class ExitCode(IntEnum):
    """What a scheduler can act on without reading a log."""

    DONE = 0
    REFUSED = 1
    BAD_INPUT = 2
    OUR_FAULT = 3


def exit_code_of(error: Exception) -> ExitCode:
    """Say the error on stderr (a traceback only for our own faults) and give its exit code."""
    match error:
        case RefusedError():
            print(f"refused: {error}", file=sys.stderr)
            return ExitCode.REFUSED
        case BadInputError() | NotFoundError():
            print(f"error: {error}", file=sys.stderr)
            return ExitCode.BAD_INPUT
        case UnavailableError():
            print(f"not now: {error}", file=sys.stderr)
            return ExitCode.OUR_FAULT
        case _:
            traceback.print_exception(error)
            print("this is a fault of ours, not of the input: please report the lines above", file=sys.stderr)
            return ExitCode.OUR_FAULT


def guarded(function: Callable[..., None]) -> Callable[..., None]:
    """A command whose errors become exit codes."""

    @wraps(function)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            function(*args, **kwargs)
        except (typer.Exit, typer.Abort):
            raise
        except Exception as error:
            raise typer.Exit(exit_code_of(error)) from error

    return run
