"""The run in service: opened once, swapped as a whole when another is published."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import structlog

from api.errors import NotReadyError
from api.ranked_list import Numbers, RankedList, ranked_list
from targeting.domain import NotFoundError, OrganisationNumber, Target, TargetingError
from targeting.published import PublishedRun, open_run
from targeting.published.writing import CURRENT, FOLDER

__all__ = ["EstablishmentRow", "RunInService", "ServedRun", "open_served"]

_log = structlog.get_logger()


@dataclass(frozen=True)
class EstablishmentRow:
    """One establishment's published facts and its row in each target's ranking."""

    facts: Mapping[str, Any]
    position: int


@dataclass(frozen=True)
class ServedRun:
    """One published run with its rankings encoded. Targets that may not be shown are not in it at all.

    `numbers` are the run's establishments, sorted; `releases` the model version that serves, by target.
    """

    published: PublishedRun
    numbers: Numbers
    lists: Mapping[Target, RankedList]
    releases: Mapping[str, str]

    @property
    def run(self) -> str:
        """The run's id."""
        return self.published.about.run

    @property
    def as_of(self) -> str:
        """The as-of day, YYYY-MM-DD."""
        return str(self.published.about.as_of)

    def ranking(self, target: Target) -> RankedList:
        """The ranking of `target`; `NotFoundError` when the run did not score it."""
        if target not in self.lists:
            raise NotFoundError(
                expected=f"one of {', '.join(sorted(self.lists))}",
                got=f"no scores for {target}",
                where=f"run {self.run}",
            )
        return self.lists[target]

    def establishment(self, number: OrganisationNumber) -> EstablishmentRow:
        """The published facts of one establishment; `NotFoundError` when it is in no cohort of the run."""
        position = int(np.searchsorted(self.numbers, number.value))
        if position == len(self.numbers) or self.numbers[position] != number.value:
            raise NotFoundError(
                expected="an establishment in a cohort of the run", got=str(number), where=f"run {self.run}"
            )
        return EstablishmentRow(self.published.establishments.slice(position, 1).to_pylist()[0], position)


@dataclass
class RunInService:
    """Which run answers. The pointer is read at every request; a run is opened only when the pointer has changed.

    While a new run is being opened, and when it turns out to be broken, the run before it goes on serving.
    """

    home: Path
    hidden: frozenset[Target]
    _served: ServedRun | None = None
    _broken: str | None = None
    _opening: threading.Lock = field(default_factory=threading.Lock)

    def ready(self) -> ServedRun | None:
        """The run to answer from when nothing has to be opened; else None: call `opened` in a thread."""
        served = self._served
        unchanged = served is not None and self._pointer() in (served.run, self._broken, None)
        return served if unchanged else None

    def opened(self) -> ServedRun:
        """The run to answer from, opened if need be; raises `NotReadyError` when there is none.

        Whoever comes while another opens waits only if there is nothing to serve meanwhile.
        """
        served = self._served
        if not self._opening.acquire(blocking=served is None):
            assert served is not None
            return served
        try:
            return self.ready() or self._open(self._pointer())
        finally:
            self._opening.release()

    def _open(self, run_id: str | None) -> ServedRun:
        try:
            self._served = open_served(self.home, run_id, self.hidden)
        except TargetingError as error:
            if self._served is None:
                raise NotReadyError(
                    expected=error.expected, got=error.got, where=error.where, do="run `python -m pipelines score`"
                ) from error
            self._broken = run_id
            _log.warning("the published run cannot be opened; the one before it goes on serving", reason=str(error))
        return self._served

    def _pointer(self) -> str | None:
        pointer = self.home / FOLDER / CURRENT
        return pointer.read_text("utf-8").strip() if pointer.is_file() else None


def open_served(home: Path, run_id: str | None, hidden: frozenset[Target]) -> ServedRun:
    """Open and encode the run `run_id` without the `hidden` targets; `NotFoundError` when there is none."""
    if run_id is None:
        raise NotFoundError(expected="a published run", got="none", where=FOLDER)
    published = open_run(home, run_id)
    numbers = published.establishments.column("establishment").to_numpy().astype("U9")
    shown = sorted(target for target in published.about.targets if target not in hidden)
    lists = {target: ranked_list(published, numbers, target) for target in shown}
    releases = {str(target): one.release for target, one in lists.items()}
    return ServedRun(published, numbers, MappingProxyType(lists), MappingProxyType(releases))
