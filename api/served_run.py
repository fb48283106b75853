"""The run in service: opened once, swapped as a whole when another is published."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import structlog

from api.errors import NotReadyError
from api.ranked_list import Numbers, RankedList, ranked_list
from targeting.domain import NotFoundError, OrganisationNumber, Target, TargetingError
from targeting.published import PublishedRun, open_run
from targeting.published.writing import CURRENT, FOLDER

__all__ = ["EstablishmentRow", "RunInService", "Served", "ServedRun", "open_served"]

_log = structlog.get_logger()


@dataclass(frozen=True)
class EstablishmentRow:
    """One establishment's published facts and its row in each target's ranking."""

    facts: Mapping[str, Any]
    position: int


@dataclass(frozen=True)
class ServedRun:
    """One published run with its rankings encoded. What may not be shown to whom it is for is not in it at all.

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


class Served(NamedTuple):
    """The run for those with the a-krim role, and for everybody else; one and the same without closed targets."""

    whole: ServedRun
    open: ServedRun


@dataclass
class RunInService:
    """Which run answers. The pointer is read at every request; a run is opened only when the pointer has changed.

    While a new run is being opened, and when it turns out to be broken, the run before it goes on serving.
    """

    home: Path
    _served: Served | None = None
    _broken: str | None = None
    _opening: threading.Lock = field(default_factory=threading.Lock)

    def ready(self) -> Served | None:
        """The run to answer from when nothing has to be opened; else None: call `opened` in a thread."""
        served = self._served
        unchanged = served is not None and self._pointer() in (served.whole.run, self._broken, None)
        return served if unchanged else None

    def opened(self) -> Served:
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

    def _open(self, run_id: str | None) -> Served:
        try:
            self._served = open_served(self.home, run_id)
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


def open_served(home: Path, run_id: str | None) -> Served:
    """Open and encode the run `run_id`; `NotFoundError` when there is none."""
    if run_id is None:
        raise NotFoundError(expected="a published run", got="none", where=FOLDER)
    published = open_run(home, run_id)
    shown = _encoded(published.open_part())
    return Served(shown if shown.published is published else _encoded(published, shown), shown)


def _encoded(published: PublishedRun, known: ServedRun | None = None) -> ServedRun:
    """`published` with its rankings, taken from `known` where that has them: encoding is what costs."""
    numbers = published.establishments.column("establishment").to_numpy().astype("U9")
    lists = {
        target: ranked_list(published, numbers, target)
        if known is None or target not in known.lists
        else _placed(known.lists[target], known.numbers, numbers)
        for target in sorted(published.about.targets)
    }
    releases = {str(target): one.release for target, one in lists.items()}
    return ServedRun(published, numbers, MappingProxyType(lists), MappingProxyType(releases))


def _placed(ranked: RankedList, numbers: Numbers, among: Numbers) -> RankedList:
    """`ranked` over `numbers`, as it is over `among`, which holds all of them."""
    return replace(ranked, position=np.searchsorted(among, numbers)[ranked.position])
