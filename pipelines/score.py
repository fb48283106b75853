"""Score: every released model on its cohort as of a day, published in one atomic step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import Final, Generic, NamedTuple, TypeVar

from pipelines.progress import Progress
from pipelines.quarter.assembly import assembled, named, written_lists
from pipelines.quarter.country import country_view, write_country
from pipelines.quarter.engine import LOCAL, Engine
from pipelines.quarter.parts import Counting, Models, partitions_of, score_parts
from pipelines.quarter.steps import Running, Steps
from pipelines.quarter.work import Work, opened_work, scorings
from pipelines.shadow import keep_shadows
from pipelines.train import MODELS
from targeting.domain import AsOf, NotFoundError, Target
from targeting.modelling.registry import ReleasedModel, load_version, released
from targeting.modelling.releases import CHAMPION, Release, load_releases
from targeting.published import Run, publish_folder
from targeting.snapshots import AsOfView
from targeting.watching import Measured, merged_by_target

__all__ = ["RELEASES", "Staged", "Watching", "publish", "score", "staged"]

T = TypeVar("T")

RELEASES: Final = MODELS / "releases.toml"
_FILES: Final = 12


class Watching(NamedTuple, Generic[T]):
    """What those who watch a run ask of it on the way.

    `look` is shown the day before anything is made of it, and raises where nothing should be. Without `counting` the
    rows are not counted.
    """

    look: Callable[[AsOfView], T]
    counting: Counting | None


class Staged(NamedTuple, Generic[T]):
    """A run put together and checked, and not published yet; what those who watch saw, and what was counted."""

    work: Work
    run: Run
    seen: T
    measured: Mapping[Target, Measured]


def score(home: Path, as_of: AsOf, progress: Progress, releases: Path = RELEASES, engine: Engine = LOCAL) -> str:
    """Score and publish the quarter that begins on `as_of`; the run's id. A target without a model is left out.

    Declared shadows score with it, silently; what they say is kept beside the run and served nowhere. `NotFoundError`
    when one was not trained in this home; the run is in service by then.
    """
    declared = load_releases(releases)
    with staged(home, as_of, progress, declared, engine, Watching(_nobody, None)) as found:
        run = publish(found, engine)
    for target in found.run.targets:
        for name in declared[target].shadows:
            load_version(home, target, name)
    return run


@contextmanager
def staged(
    home: Path,
    as_of: AsOf,
    progress: Progress,
    releases: Mapping[Target, Release],
    engine: Engine,
    watching: Watching[T],
    steps: Steps | None = None,
) -> Iterator[Staged[T]]:
    """The run of `as_of` put together in the work folder, going on where an interrupted start was.

    What is done is recorded in `steps`, where there are any.
    """
    models = _models(home, releases)
    with opened_work(home, as_of, scorings(home, models, releases), engine.partition_rows) as work:
        seen = _described(work, progress, steps, watching)
        with _step(steps, "scores") as step:
            parts = score_parts(work, _scoring(work, models), engine, watching.counting)
            measured = merged_by_target(progress.track(parts, "scores and reasons", partitions_of(work).number))
            step.rows = partitions_of(work).rows
        with _step(steps, "assembly"):
            _exhaust(progress.track(assembled(work, models, engine), "putting the run together", len(work.targets) + 1))
            run = named(work, models)
        yield Staged(work, run, seen, measured)


def _scoring(work: Work, models: Mapping[Target, ReleasedModel]) -> Models:
    """What scores: the models that serve, and the shadows."""
    return {
        one: load_version(work.home, one.target, one.version) if one.shadow else models[one.target]
        for one in work.scorings
    }


def _described(work: Work, progress: Progress, steps: Steps | None, watching: Watching[T]) -> T:
    """Write the day's rows and their features, once those who watch have seen the day; what they saw."""
    with ExitStack() as closing:
        with _step(steps, "as-of view"):
            view = closing.enter_context(country_view(work))
        seen = watching.look(view)
        with _step(steps, "features") as step:
            _exhaust(progress.track(write_country(work, view), "cohorts and features", _FILES))
            step.rows = partitions_of(work).rows
    return seen


def _nobody(_view: AsOfView) -> None:
    """`score` publishes what it is told to: only the quarterly run is watched."""


def publish(found: Staged[T], engine: Engine) -> str:
    """Publish a staged run in one atomic step; its id. What the shadows said of its rows is kept beside it."""
    lists = written_lists(found.work, engine)
    keep_shadows(found.work, found.run)
    return publish_folder(found.work.home, found.run, found.work.run, lists)


def _step(steps: Steps | None, name: str) -> AbstractContextManager[Running]:
    return nullcontext(Running()) if steps is None else steps.step(name)


def _exhaust(steps: Iterable[object]) -> None:
    for _ in steps:
        pass


def _models(home: Path, releases: Mapping[Target, Release]) -> dict[Target, ReleasedModel]:
    """The models that serve: a target without a champion is left out, a pinned version that is absent is an error."""
    found: dict[Target, ReleasedModel] = {}
    absent: list[NotFoundError] = []
    for target, release in releases.items():
        try:
            found[target] = released(home, target, release)
        except NotFoundError as cause:
            if release.serves != CHAMPION:
                raise
            absent.append(cause)
    if not found:
        raise absent[0]
    return found
