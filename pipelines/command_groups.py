"""Groups of commands that are imported when one of them is asked for: a command pays for its own imports alone."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Final

import typer
from typer._click import Command, Context  # typer carries a click of its own
from typer.core import TyperGroup

__all__ = ["CommandGroups"]

_MODULES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "audit": "pipelines.audit_commands",
        "mirror": "pipelines.mirror",
        "plan-life": "pipelines.plan_life",
        "trial": "pipelines.trial",
    }
)


class CommandGroups(TyperGroup):
    """The commands that were added, and the groups above by name."""

    def list_commands(self, ctx: Context) -> list[str]:
        """Every name, the groups last."""
        return [*super().list_commands(ctx), *_MODULES]

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
        """The command, or the group imported now; null for a name nobody has."""
        if cmd_name not in _MODULES:
            return super().get_command(ctx, cmd_name)
        group = typer.main.get_command(import_module(_MODULES[cmd_name]).app)
        group.name = cmd_name
        return group
