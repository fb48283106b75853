"""A specification is read strictly: what is misspelt, missing or of a wrong type is named and refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from targeting.domain import BadInputError, Quarter, Target
from targeting.features import load_families
from targeting.modelling.candidates import BlendParameters, LightgbmParameters, LogisticParameters, RuleParameters
from targeting.modelling.releases import load_releases
from targeting.modelling.specification import load_specification
from targeting.modelling.training import chosen_features
from tests.lib.seeded_matrix import FEATURES, SPECIFICATION, seeded_specification


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    read = seeded_specification(tmp_path)
    assert read.target is Target.BHT_USE
    assert read.splits.first_test == Quarter(2022, 1)
    assert read.nuisance == (("form", "document"), ("office", "*"))
    assert read.training.first_day == date(2021, 1, 1)
    assert isinstance(read.candidate("lightgbm").parameters, LightgbmParameters)
    assert len(read.sha256) == 64


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("capacity = 300", "capacty = 300", "capacity"),
        ("capacity = 300", 'capacity = "300"', "type int"),
        ("capacity = 300", "capacity = true", "type int"),
        ("seed = 11", "seed = 11\ncolour = 1", "colour"),
        ('target = "bht_use"', 'target = "parking"', "parking"),
        ('first_test = "2022Q1"', 'first_test = "2022-1"', "2024Q1"),
        ("trees = 60", "tree = 60", "tree"),
        ('kind = "lightgbm"', 'kind = "oracle"', "oracle"),
        ('of = ["logistic", "lightgbm"]', 'of = ["logistic", "later"]', "later"),
        ('of = ["logistic", "lightgbm"]', 'of = ["logistic"]', "two or more"),
        ('fallback = "sector_rate"', 'fallback = "logistic"', "baseline"),
        ('name = "random"', 'name = "logistic"', "named once"),
    ],
)
def test_a_wrong_key_or_value_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in SPECIFICATION
    with pytest.raises(BadInputError, match=message):
        seeded_specification(tmp_path, SPECIFICATION.replace(old, new, 1))


def test_a_missing_specification_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError):
        load_specification(tmp_path / "none.toml")


def test_features_are_chosen_by_name_pattern_and_theme(tmp_path: Path) -> None:
    choice = seeded_specification(
        tmp_path, SPECIFICATION.replace('include = ["*"]', 'include = ["past_*", "theme:seeded"]\nexclude = ["noise"]')
    ).features
    assert [feature.name for feature in chosen_features(FEATURES, choice)] == [
        feature.name for feature in FEATURES if feature.name != "noise"
    ]


@pytest.mark.parametrize("target", list(Target))
def test_the_specifications_in_models_name_features_their_target_may_use(repository: Path, target: Target) -> None:
    specification = load_specification(repository / "models" / f"{target}.toml")
    declared = [feature for family in load_families() for feature in family.features if feature.serves(target)]
    allowed = {feature.name for feature in chosen_features(declared, specification.features)}
    assert specification.target is target
    for candidate in specification.candidates:
        match candidate.parameters:
            case RuleParameters(features=names):
                assert set(names) <= allowed
            case LogisticParameters(features=names) | LightgbmParameters(features=names):
                assert {name for name in names if "*" not in name} <= allowed
            case BlendParameters():
                pass


def test_releases_name_every_target(repository: Path, tmp_path: Path) -> None:
    releases = load_releases(repository / "models" / "releases.toml")
    assert set(releases) == set(Target)
    broken = (repository / "models" / "releases.toml").read_text("utf-8").replace('"champion"', '"latest"', 1)
    # The first appearance is in the comment that explains the word.
    broken = broken.replace('serves = "champion"', 'serves = "latest"', 1)
    (tmp_path / "releases.toml").write_text(broken, "utf-8")
    with pytest.raises(BadInputError, match="latest"):
        load_releases(tmp_path / "releases.toml")
