"""Reading parameter files: TOML in, frozen values out; an unknown key, a missing source or a bad date is refused."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from datetime import date
from importlib import resources
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from targeting.domain import BadInputError

__all__ = ["Dated", "Parameter", "in_force", "read"]


class Parameter(BaseModel):
    """A frozen piece of a parameter file. Unknown keys are refused: a misspelt rule must not be a missing rule."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Dated(Parameter):
    """A value that holds from a day (inclusive) until another (exclusive, null = still), with where it was read.

    `verified` is false when the source is general knowledge or a derivation rather than the text itself.
    """

    from_: date = Field(alias="from")
    until: date | None = None
    source: str = Field(min_length=1)
    citation: str = Field(min_length=1)
    verified: bool

    def holds(self, on: date) -> bool:
        """Whether the value is in force on `on`."""
        return self.from_ <= on and (self.until is None or on < self.until)


P = TypeVar("P", bound=Parameter)
D = TypeVar("D", bound=Dated)


def read(name: str, kind: type[P]) -> P:
    """The parameter file `name` (beside this module) as one frozen `kind`; raises `BadInputError`."""
    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    try:
        return kind.model_validate(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, ValidationError) as cause:
        raise BadInputError(
            expected=f"the keys and types of {kind.__name__}", got=str(cause), where=name, do="mend the file"
        ) from cause


def in_force(values: Iterable[D], on: date) -> tuple[D, ...]:
    """Those of `values` that hold on `on`, in file order."""
    return tuple(value for value in values if value.holds(on))
