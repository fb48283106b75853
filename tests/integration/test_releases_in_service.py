"""Train, train again, roll back by one line; a shadow scores a quarter and nobody who reads runs can tell."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines import score, train
from pipelines.progress import Progress
from pipelines.releases import releases
from targeting.domain import AsOf, NotFoundError, Target
from targeting.modelling.registry import champion, versions
from targeting.modelling.tracking import Tracker
from targeting.published import open_current, run_ids
from targeting.scoring import compare
from tests.lib.small_country import small_country, store_of

TARGET = Target.WORKING_ENVIRONMENT
EARLIER, LATER, QUARTER = (AsOf(day) for day in (date(2026, 4, 1), date(2026, 10, 1), date(2027, 1, 1)))
SILENT = Progress("test", visible=False)


class Country(NamedTuple):
    """A home after a first training and its run, and the same home after a second training."""

    before: Path
    after: Path
    older: str
    newer: str


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Country:
    before, after = tmp_path_factory.mktemp("before"), tmp_path_factory.mktemp("after") / "home"
    store_of(small_country(7, 250), before)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Tracker, "record", lambda *_, **__: "")  # MLflow keeps a record and decides nothing
        train.train(before, TARGET, EARLIER, SILENT)
        shutil.copytree(before, after)
        train.train(after, TARGET, LATER, SILENT)
    score.score(before, QUARTER, SILENT)
    older, newer = champion(before, TARGET), champion(after, TARGET)
    assert older is not None
    assert newer is not None
    assert older != newer
    return Country(before, after, older, newer)


def declared(repository: Path, folder: Path, *, serves: str = "champion", shadow: str | None = None) -> Path:
    """The repository's own file with one line changed, and with a shadow declared."""
    head, tail = (repository / "models" / "releases.toml").read_text("utf-8").split(f"[{TARGET}]", 1)
    text = f"{head}[{TARGET}]" + tail.replace('serves = "champion"', f'serves = "{serves}"', 1)
    if shadow:
        text += (
            f'\n[[{TARGET}.decisions]]\nversion = "{shadow}"\nstate = "shadow"\ndecided_on = 2026-11-20\n'
            'decided_by = "a person"\nwhy = "trained on more"\n'
        )
    path = folder / "releases.toml"
    path.write_text(text, "utf-8")
    return path


def published(home: Path) -> dict[str, bytes]:
    folder = home / "published"
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def home(country: Country, tmp_path: Path) -> Path:
    """The home after the second training, with nothing published yet."""
    return Path(shutil.copytree(country.after, tmp_path / "home"))


def test_rolling_back_is_one_line_and_gives_the_same_bytes(
    country: Country, home: Path, tmp_path: Path, repository: Path
) -> None:
    newest = score.score(home, QUARTER, SILENT)
    assert open_current(home).about.targets[TARGET].release == country.newer
    shutil.rmtree(home / "published")
    older = score.score(home, QUARTER, SILENT, declared(repository, tmp_path, serves=country.older))
    assert older != newest
    assert published(home) == published(country.before)


def test_a_shadow_changes_nothing_that_is_served(
    country: Country, home: Path, tmp_path: Path, repository: Path
) -> None:
    file = declared(repository, tmp_path, serves=country.older, shadow=country.newer)
    run = score.score(home, QUARTER, SILENT, file)
    assert published(home) == published(country.before)
    assert run_ids(home) == (run,)

    silent = pq.read_table(home / "shadow" / run / f"{TARGET}_{country.newer}.parquet")
    served = open_current(home).scores(TARGET)
    assert set(silent.column("establishment").to_pylist()) == set(served.column("establishment").to_pylist())
    told = json.loads((home / "shadow" / run / f"{TARGET}_{country.newer}.json").read_text())
    assert (told["champion"], told["shadow"]) == (country.older, country.newer)
    assert {name: told[name] for name in ("jaccard", "rank_correlation", "mean_difference")} == {
        name: getattr(compare(served, silent, told["k"]), name)
        for name in ("jaccard", "rank_correlation", "mean_difference")
    }
    assert 0.0 <= told["jaccard"] <= 1.0

    text = releases(home, file)
    assert f"*{country.older} approved" in text
    assert f" {country.newer} shadow" in text
    assert f"scored 2027-01-01 beside {country.older}" in text


def test_a_scoring_compared_with_itself_is_the_same() -> None:
    table = pa.table({"establishment": ["a", "b", "c"], "rank": [1, 2, 3], "score": [0.5, 0.4, 0.1]})
    turned = pa.table({"establishment": ["c", "b", "a"], "rank": [1, 2, 3], "score": [0.8, 0.4, 0.1]})
    assert [*compare(table, table, 2)] == [3, 2, 1.0, pytest.approx(1.0), 0.0]
    assert [*compare(table, turned, 2)] == [3, 2, pytest.approx(1 / 3), pytest.approx(-1.0), pytest.approx(0.1)]


def test_a_declared_shadow_that_was_not_trained_here_is_told_after_the_run_is_in_service(
    country: Country, home: Path, tmp_path: Path, repository: Path
) -> None:
    file = declared(repository, tmp_path, serves=country.older, shadow="v000000000000")
    with pytest.raises(NotFoundError, match="v000000000000"):
        score.score(home, QUARTER, SILENT, file)
    assert published(home) == published(country.before)
    assert "not in this home" in releases(home, file)


def test_versions_are_listed_with_their_state(country: Country) -> None:
    text = releases(country.after)
    assert set(versions(country.after, TARGET)) == {country.older, country.newer}
    assert f"*{country.newer} approved" in text
    assert f" {country.older} candidate" in text
    assert text.count("no version was trained in this home") == len(Target) - 1
