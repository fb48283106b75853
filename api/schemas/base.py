"""The base of every answer."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict

__all__ = ["FormInput", "FromRun", "Output"]


class Output(BaseModel):
    """A frozen answer without fields beyond those declared."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FromRun(Output):
    """An answer read from one published run. `release` is the model version that serves, by target."""

    run: str
    as_of: date
    release: dict[str, str]


class FormInput(BaseModel):
    """A form of ours, as it comes back. The token is checked before anything is read; a field too many is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    csrf_token: str = ""
