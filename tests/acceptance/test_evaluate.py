"""`python -m pipelines evaluate` on a small country: one report that opens anywhere, filled cards, an exit code."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from datetime import date
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

import pytest
from mlflow import MlflowClient
from typer.testing import CliRunner

from pipelines import evaluate as evaluation
from pipelines.__main__ import app
from pipelines.evaluate import Evaluation, check_no_gate_blocks, evaluate
from pipelines.evaluation_report.summary import not_for
from pipelines.evaluation_report.words import said
from pipelines.progress import Progress
from pipelines.quarter.assembly import TIE_BREAK_SEED
from targeting.domain import AsOf, BadInputError, RefusedError, Target
from targeting.evaluation.card import evidence_in
from targeting.evaluation.gates import CHECKS
from targeting.evaluation.stability import Cohort, list_stability
from targeting.matrix import scoring_matrix, training_matrix
from targeting.modelling.registry import champion, load_version, version_folder
from targeting.snapshots import Store
from tests.lib.small_country import small_country, store_of

AS_OF, BEFORE = AsOf(date(2026, 10, 1)), AsOf(date(2026, 7, 1))
SILENT = Progress("test", visible=False)
_SMALLER = {  # what a forward test of a few hundred inspections allows
    "capacity": 40, "number": 2, "span": 2, "min_rows": 40, "min_breaches": 8, "min_test_rows": 10,
}  # fmt: skip
_CANDIDATES = """
[[candidates]]
name = "random"
kind = "rule"
baseline = true

[[candidates]]
name = "past_breaches"
kind = "rule"
baseline = true
features = ["breaches_3y"]
missing = 0.0

[[candidates]]
name = "logistic"
kind = "logistic"
strength = 0.01
"""


class Made(NamedTuple):
    """A home, the specifications it was evaluated by, the cards filled, what was found, and the page."""

    home: Path
    models: Path
    cards: Path
    evaluation: Evaluation
    page: str


@pytest.fixture(scope="module")
def models(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository's own specifications and cards, with three candidates and a smaller forward test.

    But for the working environment, whose own is too large for this country, so that nothing of it is tested.
    """
    folder = tmp_path_factory.mktemp("files") / "models"
    shutil.copytree(repository / "models", folder)
    for path in (folder / f"{target}.toml" for target in Target):
        text = path.read_text("utf-8").partition("[[candidates]]")[0]
        for name, value in _SMALLER.items() if path.stem != Target.WORKING_ENVIRONMENT else ():
            text = re.sub(rf"^{name} = \d+$", f"{name} = {value}", text, flags=re.MULTILINE)
        text = re.sub(r"^\[tuning\]\n(.+\n)*", "", text, flags=re.MULTILINE)
        text = re.sub(r"^fallback = .*$", 'fallback = "past_breaches"', text, flags=re.MULTILINE)
        path.write_text(text + _CANDIDATES, "utf-8")
    return folder


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a demo, as far as its marker says."""
    home = tmp_path_factory.mktemp("country")
    store_of(small_country(7, 600), home)
    (home / "demo").mkdir()
    (home / "demo" / "MARKER").touch()
    return home


@pytest.fixture(scope="module")
def made(country: Path, models: Path, tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("one")
    home, cards = folder / "home", folder / "cards"
    shutil.copytree(country, home)
    shutil.copytree(models, cards)
    found = evaluate(home, None, AS_OF, None, SILENT, models=models, cards=cards)
    return Made(home, models, cards, found, found.files[0].read_text("utf-8"))


class _Page(HTMLParser):
    """Tags, what they point at, their names, and what they say they are described by."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.names: Counter[str] = Counter()
        self.points: set[str] = set()
        self.described: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        found = {name: value or "" for name, value in attrs}
        self.names.update([found["id"]] if "id" in found else [])
        self.points |= {found[name] for name in ("src", "href", "xlink:href", "action", "data") if name in found}
        self.described |= {found[name] for name in ("aria-labelledby", "for") if name in found}


def test_every_target_is_told_with_every_gate_and_its_outcome(made: Made) -> None:
    found = {one.target: one for one in made.evaluation.found.evaluated}
    assert set(found) == set(Target)
    assert [target for target, one in found.items() if one.tested] == [Target.BHT_USE, Target.WORK_CRIME]
    for target, one in found.items():
        section = made.page.split(f'<h2 id="{target}">')[1].split("<section")[0]
        assert [gate.code for gate in one.gates] == re.findall(r'class="detail">(TGT\d{3})<', section)
        assert len(one.gates) == len(CHECKS) == len(re.findall(r'class="state ', section))
        assert said(f"target.{target}").nb in section
        assert all(point.nb in section for point in not_for(target))
        assert one.version in section


def test_nothing_is_left_for_later_to_look_at(made: Made) -> None:
    """Stability, groups and parity, which a training does not look at, are looked at here."""
    for one in made.evaluation.found.evaluated:
        assert one.evidence.stability is not None
        assert one.evidence.groups is not None
        assert one.evidence.parity is not None and one.evidence.parity.rows > 0
        outcomes = {gate.code: gate.outcome for gate in one.gates}
        assert "not applicable" not in (outcomes["TGT004"], outcomes["TGT005"], outcomes["TGT006"])
        assert (one.honesty is None) == (not one.tested)


def test_the_page_asks_nothing_of_the_network(made: Made) -> None:
    page = _Page(made.page)
    assert "://" not in made.page
    assert page.tags["script"] == page.tags["img"] == page.tags["iframe"] == 0
    assert all(point.startswith(("#", "data:,")) for point in page.points)
    assert set(re.findall(r"url\((.)", made.page)) <= {"#"}
    assert "@import" not in made.page
    assert len(made.page.encode()) < 3_000_000


def test_every_figure_is_told_in_words_and_every_name_is_used_once(made: Made) -> None:
    page = _Page(made.page)
    assert {name: times for name, times in page.names.items() if times > 1} == {}
    assert page.described <= set(page.names)
    assert page.tags["svg"] == page.tags["figcaption"] > 8
    assert made.page.count('<span lang="nb">') == made.page.count('<span lang="en">') > 100


def test_nobody_is_named(made: Made) -> None:
    names = scoring_matrix(Store(made.home), Target.BHT_USE, AS_OF).frame["establishment"]
    told = made.page + made.evaluation.files[1].read_text("utf-8")
    assert not set(names) & set(re.findall(r"\b\d{9}\b", told))


def test_the_same_inputs_give_the_same_bytes(made: Made, country: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(country, home)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluation.Tracker, "record_evaluation", lambda *_: "")  # its database is a record of each run
        again = evaluate(home, None, AS_OF, tmp_path / "out", SILENT, models=made.models)
    for one, other in zip(made.evaluation.files, again.files, strict=True):
        assert one.read_bytes() == other.read_bytes()
    assert _cards(made.home) == _cards(home)


def _cards(home: Path) -> dict[str, bytes]:
    return {str(path.relative_to(home)): path.read_bytes() for path in home.glob("models/*/*/card.md")}


def test_each_version_has_its_card_and_people_s_words_stay(made: Made) -> None:
    assert len(_cards(made.home)) == len(Target)
    for one in made.evaluation.found.evaluated:
        by_hand = (made.models / f"{one.target}.md").read_text("utf-8")
        card = (version_folder(made.home, one.target, one.version) / "card.md").read_text("utf-8")
        evidence = evidence_in(card)
        assert card.replace(evidence, "") == by_hand.replace(evidence_in(by_hand), "")
        assert one.version in evidence
        assert one.specification.sha256[:12] in evidence
        assert all(gate.code in evidence for gate in one.gates)


def test_cards_to_be_committed_are_filled_and_say_that_the_country_is_invented(made: Made) -> None:
    for one in made.evaluation.found.evaluated:
        committed = (made.cards / f"{one.target}.md").read_text("utf-8")
        assert committed.encode() == _cards(made.home)[f"models/{one.target}/{one.version}/card.md"]
        assert "not from Norway" in evidence_in(committed)
    assert said("page.synthetic").nb in made.page


def test_nothing_but_a_demo_fills_cards_to_be_committed(country: Path, models: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(country, home, ignore=shutil.ignore_patterns("demo"))
    before = {path.name: path.read_bytes() for path in models.iterdir()}
    with pytest.raises(RefusedError, match="synthetic country"):
        evaluate(home, Target.BHT_USE, AS_OF, None, SILENT, models=models, cards=models)
    assert before == {path.name: path.read_bytes() for path in models.iterdir()}


def test_an_evaluation_puts_nothing_into_service_but_leaves_the_version(made: Made) -> None:
    for one in made.evaluation.found.evaluated:
        assert champion(made.home, one.target) is None
        assert load_version(made.home, one.target, one.version).manifest["candidate"] == one.choice.candidate
    assert made.page.count("Ingen ennå. ") == len(Target)


def test_figures_and_report_are_in_mlflow(made: Made) -> None:
    client = MlflowClient(tracking_uri=f"sqlite:///{made.home / 'mlflow.db'}")
    for one in made.evaluation.found.evaluated:
        experiment = client.get_experiment_by_name(one.target.value)
        assert experiment is not None
        (run,) = client.search_runs([experiment.experiment_id])
        kept = {Path(found.path).name for found in client.list_artifacts(run.info.run_id, "evaluation")}
        assert kept == {"report.html", "evaluation.json", "card.md"}
        assert bool(run.data.metrics) == one.tested


def test_the_figures_are_json_with_the_three_columns(made: Made) -> None:
    document = json.loads(made.evaluation.files[1].read_text("utf-8"))
    tested = next(one for one in made.evaluation.found.evaluated if one.honesty)
    told = document[tested.target.value]
    assert set(told["three_columns"]["candidates"]) == {tested.choice.candidate, tested.rival}
    assert len(told["gates"]) == len(CHECKS)
    assert told["groups"]["minimum"] >= 10


def test_fits_of_the_training_give_the_stability_that_fits_of_their_own_would(made: Made) -> None:
    one = next(each for each in made.evaluation.found.evaluated if each.tested)
    store = Store(made.home)
    training = training_matrix(store, one.target, AS_OF)
    cohorts = [Cohort(day, scoring_matrix(store, one.target, day).frame) for day in (BEFORE, AS_OF)]
    alone = list_stability(
        training.frame, training.features, one.specification, one.choice.candidate, cohorts, tie_break=TIE_BREAK_SEED
    )
    assert one.evidence.stability is not None
    assert alone.to_dict() == one.evidence.stability.to_dict()
    assert alone.listing == one.evidence.stability.listing


@pytest.fixture
def leaking(models: Path, tmp_path: Path) -> Path:
    """A specification that reads a feature which it says itself is decided when the inspection is assigned."""
    text = (models / "bht_use.toml").read_text("utf-8").partition("[[candidates]]")[0]
    text = text.replace('fallback = "past_breaches"', 'fallback = "last_result"')
    text = re.sub(r"^office = .*$", 'last_bht_breach = "*"', text, flags=re.MULTILINE)
    rule = '[[candidates]]\nname = "last_result"\nkind = "rule"\nbaseline = true\nfeatures = ["last_bht_breach"]\n'
    folder = tmp_path / "models"
    shutil.copytree(models, folder)
    (folder / "bht_use.toml").write_text(text + rule, "utf-8")
    return folder


def test_a_leaking_feature_ends_with_1_and_the_reason_in_one_line(
    leaking: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    store_of(small_country(7, 250), home)
    monkeypatch.setattr(evaluation.Tracker, "record_evaluation", lambda *_: "")  # tested above
    monkeypatch.setenv("TARGETING_HOME", str(home))
    monkeypatch.setattr(evaluation, "evaluate", partial(evaluate, models=leaking))
    answer = CliRunner().invoke(app, ["evaluate", "--target", "bht_use", "--as-of", str(AS_OF)])
    assert answer.exit_code == 1
    (reason,) = answer.stderr.strip().splitlines()
    assert "bht_use TGT004: decided at assignment: last_bht_breach" in reason
    page = (home / "evaluations" / str(AS_OF) / "report.html").read_text("utf-8")
    assert said("summary.blocked", codes="TGT004").nb in page
    assert said("page.synthetic").nb not in page


def test_a_gate_that_warns_does_not_end_with_1(made: Made) -> None:
    assert any(gate.outcome == "fail" for one in made.evaluation.found.evaluated for gate in one.gates)
    check_no_gate_blocks(made.evaluation)


def test_nothing_to_evaluate_is_said(country: Path, models: Path) -> None:
    with pytest.raises(BadInputError, match="ingest them first"):
        evaluate(country, Target.BHT_USE, AsOf(date(2015, 1, 1)), None, SILENT, models=models)
