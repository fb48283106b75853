"""The lists of a run in the order people know them, and the one that an address asks for."""

from __future__ import annotations

from api.served_run import ServedRun
from targeting.domain import Target

__all__ = ["asked_target", "targets_in"]


async def asked_target(target: Target = Target.BHT_USE) -> Target:
    """The target in the address, for the rule of a page that has one."""
    return target


def targets_in(run: ServedRun) -> list[Target]:
    """The targets that the run ranks, the everyday one first."""
    return [target for target in Target if target in run.lists]
