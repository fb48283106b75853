"""The public description of the algorithm, from the repository alone or with the figures of what serves here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pipelines.train import MODELS
from targeting.domain import NotFoundError, RefusedError, Target
from targeting.evaluation.description import LANGUAGES, Figures, document, facts
from targeting.modelling.registry import ReleasedModel, released
from targeting.modelling.releases import Release, load_releases
from targeting.published import PublishedRun, open_current

__all__ = ["DOCS", "check", "describe", "publish"]

DOCS: Final = MODELS.parent / "docs" / "algorithm"


def describe(folder: Path = DOCS, figures: Mapping[Target, Figures] | None = None) -> tuple[Path, ...]:
    """Write `nb.md` and `en.md` into `folder`; without `figures` the committed description of the repository."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = _pages(figures)
    for name, text in pages.items():
        (folder / name).write_text(text, "utf-8")
    return tuple(folder / name for name in pages)


def publish(home: Path, folder: Path, releases: Path = MODELS / "releases.toml") -> tuple[Path, ...]:
    """The same with the figures of the models that serve by `home`: what the Authority publishes with a run."""
    return describe(folder, _figures(home, load_releases(releases)))


def check(folder: Path = DOCS) -> None:
    """Raise `RefusedError` naming the first page of `folder` that is not what the repository says now."""
    for name, text in _pages(None).items():
        path = folder / name
        found = path.read_text("utf-8") if path.is_file() else ""
        if found != text:
            raise RefusedError(
                expected="the description of what is declared now",
                got="an older one" if found else "no such page",
                where=f"docs/algorithm/{name}",
                do="run `python -m pipelines describe` and commit the pages",
            )


def _pages(figures: Mapping[Target, Figures] | None) -> dict[str, str]:
    told = facts(MODELS, figures)
    return {f"{language}.md": document(told, language) for language in LANGUAGES}


def _figures(home: Path, releases: Mapping[Target, Release]) -> dict[Target, Figures]:
    """What serves each target; a target nothing serves yet is left out."""
    run = _current(home)
    found: dict[Target, Figures] = {}
    for target, release in releases.items():
        try:
            found[target] = _of(released(home, target, release), target, run)
        except NotFoundError:
            continue
    if not found:
        raise NotFoundError(
            expected="a released model", got="none", where="models", do="run `python -m pipelines train` first"
        )
    return found


def _of(model: ReleasedModel, target: Target, run: PublishedRun | None) -> Figures:
    """The run's say counts only where it was made by the very version that serves."""
    about = run.about.targets.get(target) if run else None
    if run is None or about is None or about.release != model.version:
        return Figures(model.version, model.manifest)
    return Figures(
        model.version,
        model.manifest,
        run.about.open_part().run,
        str(run.about.as_of),
        run.scores(target).num_rows,
        tuple((band.title_nb, band.title_en) for band in about.bands),
    )


def _current(home: Path) -> PublishedRun | None:
    try:
        return open_current(home)
    except NotFoundError:
        return None
