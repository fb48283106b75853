"""The run in service: opened once, swapped as a whole when another is published."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import structlog

from api.errors import NotReadyError
from api.ranked_list import RankedList, ranked_list
from api.ranking_pages import RankingPages
from api.schemas.rankings import BandOut, RankingRow, ScoreFormOut
from targeting.domain import NotFoundError, OrganisationNumber, Target, TargetingError
from targeting.published import PublishedRun, TargetRun, establishment_rows_of, open_run
from targeting.published.writing import CURRENT, FOLDER

__all__ = ["EstablishmentRow", "RunInService", "Served", "ServedRun", "open_served"]

_log = structlog.get_logger()


class EstablishmentRow(NamedTuple):
    """One establishment's published facts, and its row in each ranking that it is in."""

    facts: Mapping[str, Any]
    rows: Mapping[Target, RankingRow]


@dataclass(frozen=True)
class ServedRun:
    """One published run with its rankings mapped. What may not be shown to whom it is for is not in it at all.

    `releases` is the model version that serves, by target.
    """

    published: PublishedRun
    lists: Mapping[Target, RankedList]
    releases: Mapping[str, str]
    _pages: dict[Target, RankingPages] = field(default_factory=dict, repr=False, compare=False)

    @property
    def run(self) -> str:
        """The run's id."""
        return self.published.about.run

    @cached_property
    def as_of(self) -> str:
        """The as-of day, YYYY-MM-DD."""
        return str(self.published.about.as_of)

    @cached_property
    def content(self) -> str:
        """Told apart by what is shown: also a run keeps its id when rows are taken out of it."""
        shown = (f"{target}={one.content}" for target, one in self.lists.items())
        return "|".join((self.run, *shown))

    def ranking(self, target: Target) -> RankedList:
        """The ranking of `target`; `NotFoundError` when the run did not score it."""
        if target not in self.lists:
            raise NotFoundError(
                expected=f"one of {', '.join(sorted(self.lists))}",
                got=f"no scores for {target}",
                where=f"run {self.run}",
            )
        return self.lists[target]

    def pages(self, target: Target) -> RankingPages:
        """The pages of `ranking(target)`; raises what that does."""
        ranked = self.ranking(target)
        if target not in self._pages:
            head = {"run": self.run, "as_of": self.as_of, "release": ranked.release, "target": target}
            form = _score_form(self.published.about.targets[target]).model_dump()
            self._pages[target] = RankingPages(self.run, ranked, {**head, "score_form": form})
        return self._pages[target]

    def establishment(self, number: OrganisationNumber) -> EstablishmentRow:
        """What was published of one establishment; `NotFoundError` when it is in no cohort of the run."""
        found = {target: one.row_of(number) for target, one in self.lists.items()}
        rows = {target: row for target, row in found.items() if row is not None}
        # Only then its facts: the file holds those whom only closed targets list as well.
        facts = establishment_rows_of(self.published, [number.value], listed=True) if rows else []
        if not facts:
            raise NotFoundError(
                expected="an establishment in a cohort of the run", got=str(number), where=f"run {self.run}"
            )
        return EstablishmentRow(facts[0], rows)


def _score_form(about: TargetRun) -> ScoreFormOut:
    bands = [BandOut(**asdict(band)) for band in about.bands]
    return ScoreFormOut(
        form="bands" if about.bands else "probability", why_nb=about.why_nb, why_en=about.why_en, bands=bands
    )


class Served(NamedTuple):
    """The run for those with the a-krim role, and for everybody else; one and the same without closed targets."""

    whole: ServedRun
    open: ServedRun


class _Pointed(NamedTuple):
    """The run that is to serve, and when what it says of itself was written: retention takes rows out of a run."""

    run: str
    written: int


class _Pointer(NamedTuple):
    """The file that says which run serves, told apart from the one before, and what it says."""

    inode: int
    written: int
    run: str


@dataclass
class RunInService:
    """Which run answers. Whether the pointer was written again is seen at every request; a run is opened only then.

    While a new run is being opened, and when it turns out to be broken, the run before it goes on serving.
    """

    home: Path
    _served: Served | None = None
    _tried: _Pointed | None = None
    _pointer: _Pointer | None = None
    _opening: threading.Lock = field(default_factory=threading.Lock)

    def ready(self) -> Served | None:
        """The run to answer from when nothing has to be opened; else None: call `opened` in a thread."""
        served = self._served
        return served if served is not None and self._pointed() in (self._tried, None) else None

    def opened(self) -> Served:
        """The run to answer from, opened if need be; raises `NotReadyError` when there is none.

        Whoever comes while another opens waits only if there is nothing to serve meanwhile.
        """
        served = self._served
        if not self._opening.acquire(blocking=served is None):
            assert served is not None
            return served
        try:
            return self.ready() or self._open(self._pointed())
        finally:
            self._opening.release()

    def _open(self, pointed: _Pointed | None) -> Served:
        try:
            self._served = open_served(self.home, pointed.run if pointed else None)
        except TargetingError as error:
            if self._served is None:
                raise NotReadyError(
                    expected=error.expected, got=error.got, where=error.where, do="run `python -m pipelines score`"
                ) from error
            _log.warning("the published run cannot be opened; the one before it goes on serving", reason=str(error))
        self._tried = pointed
        return self._served

    def _pointed(self) -> _Pointed | None:
        """Null where nothing is published, and for the moment in which a run changes places with its reduced self."""
        pointer = self.home / FOLDER / CURRENT
        try:
            about = pointer.stat()
            if self._pointer is None or self._pointer[:2] != (about.st_ino, about.st_mtime_ns):
                self._pointer = _Pointer(about.st_ino, about.st_mtime_ns, pointer.read_text("utf-8").strip())
            run = self._pointer.run
            return _Pointed(run, pointer.with_name(run).joinpath("run.json").stat().st_mtime_ns)
        except FileNotFoundError:
            return None


def open_served(home: Path, run_id: str | None) -> Served:
    """Open the run `run_id`; `NotFoundError` when there is none. Takes as long as hashing its files."""
    if run_id is None:
        raise NotFoundError(expected="a published run", got="none", where=FOLDER)
    published = open_run(home, run_id)
    lists = {target: ranked_list(published, target) for target in sorted(published.about.targets)}
    whole, part = _served(published, lists), published.open_part()
    return Served(whole, whole if part is published else _served(part, lists))


def _served(published: PublishedRun, lists: Mapping[Target, RankedList]) -> ServedRun:
    """`published` with those of `lists` that it shows: the open part's are the very ones of the whole."""
    shown = {target: one for target, one in lists.items() if target in published.about.targets}
    releases = {str(target): one.release for target, one in shown.items()}
    return ServedRun(published, MappingProxyType(shown), MappingProxyType(releases))
