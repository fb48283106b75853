"""What the environment may set, parsed once into one frozen object. Only `pipelines` and `api` read it."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

__all__ = ["Settings"]


class Settings(BaseSettings):
    """One field per variable `TARGETING_<NAME>`. Building it reads the environment and touches nothing else.

    >>> Settings(home=Path("somewhere")).dangerous_show_work_crime
    False
    """

    model_config = SettingsConfigDict(env_prefix="TARGETING_", frozen=True)

    home: Path = Field(default=Path("var"), description="where all state lives")
    dangerous_show_work_crime: bool = Field(
        default=False,
        description="show work-crime scores to everybody who can reach the service; for a closed test only, because "
        "nothing here knows who is asking",
    )
