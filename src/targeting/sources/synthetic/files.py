"""All register files of a synthetic country, in one folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from targeting.sources.synthetic.company_files import write_accounts, write_approvals, write_roles
from targeting.sources.synthetic.country import Country
from targeting.sources.synthetic.inspection_files import write_employment, write_incidents, write_inspections
from targeting.sources.synthetic.progress import Track, quietly
from targeting.sources.synthetic.register_files import write_bulk, write_changes
from targeting.sources.synthetic.tilda_files import write_coordination
from targeting.sources.synthetic.timeline import QUARTERS

__all__ = ["write_files"]


def write_files(country: Country, folder: Path, track: Track = quietly) -> None:
    """Write every file the adapters read. The same country gives the same bytes; nothing of the truth is in them."""
    folder.mkdir(parents=True, exist_ok=True)
    world = country.world
    write_bulk(world.register, world.accounts, folder)
    next_id = 1
    for first in track(range(0, QUARTERS, 4), "change feeds", QUARTERS // 4):
        next_id = write_changes(world.register, world.accounts, folder, range(first, first + 4), next_id)
    writers: tuple[Callable[[], None], ...] = (
        lambda: write_accounts(world.register, world.accounts, folder),
        lambda: write_roles(world.register, world.accounts, world.roles, folder),
        lambda: write_approvals(world.register, world.approvals, folder),
        lambda: write_employment(world.register, world.pay, folder),
        lambda: write_coordination(world.register, world.seed, folder),
        lambda: write_inspections(country, folder),
        lambda: write_incidents(country, folder),
    )
    for place in track(range(len(writers)), "other files", len(writers)):
        writers[place]()
