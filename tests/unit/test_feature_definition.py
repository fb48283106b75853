"""The strict door of features: what is declared is complete, what is denied is refused, what comes back is checked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from targeting.domain import BadInputError, RefusedError, Target, TargetingError
from targeting.features import Family, FeatureKind, compute, features_for, load_families, load_family

FAMILIES = load_families()
FEATURES = [feature for family in FAMILIES for feature in family.features]
TOML = """
[family]
name = "sample"
title_nb = "Prøve"
title_en = "Sample"

[[feature]]
name = "employees"
kind = "integer"
unit = "persons"
title_nb = "Ansatte"
title_en = "Employees"
phrase_nb = "Virksomheten har {value} ansatte"
phrase_en = "The establishment has {value} employees"
theme = "workforce"
source = "establishments.employees"
null = "unknown"
legal_basis = "aml. § 18-1"
personal = false
monotone = 0
"""
SQL = "SELECT establishment, as_of, 5 AS employees FROM cohort"


@dataclass(frozen=True)
class View:
    connection: duckdb.DuckDBPyConnection


@pytest.fixture
def view() -> View:
    connection = duckdb.connect()
    connection.execute("""
        CREATE TABLE cohort AS
        FROM (VALUES ('B', 'X', DATE '2025-01-01'), ('A', 'X', DATE '2025-01-01'), ('A', 'X', DATE '2024-01-01'))
            t(establishment, enterprise, as_of)""")
    return View(connection)


def family(folder: Path, toml: str = TOML, sql: str = SQL) -> Family:
    (folder / "sample.sql").write_text(sql, encoding="utf-8")
    (folder / "sample.toml").write_text(toml, encoding="utf-8")
    return load_family(folder / "sample.toml")


def test_there_are_eight_families_and_at_least_sixty_features() -> None:
    assert [each.name for each in FAMILIES] == [
        "accounts",
        "approvals",
        "enterprise",
        "industry",
        "inspection_history",
        "neighbourhood",
        "work_crime_flags",
        "workforce",
    ]
    assert len(FEATURES) >= 60


def test_every_flag_of_the_scorecard_is_there_and_serves_work_crime_only() -> None:
    flags = [each for each in FEATURES if each.name.startswith("flag_")]
    numbers = [int(re.match(r"Flag (\d+):", each.title_en).group(1)) for each in flags]  # type: ignore[union-attr]
    assert numbers == list(range(1, 16 + 1))
    assert {each.targets for each in flags} == {(Target.WORK_CRIME,)}
    assert [n for n, each in zip(numbers, flags, strict=True) if each.personal] == [1, 2, 13]


def test_personal_features_are_off_unless_asked_for_by_a_target_that_names_them() -> None:
    personal = {each.name for each in FEATURES if each.personal}
    names = {each.name for each in features_for(Target.WORK_CRIME, FAMILIES)}
    asked = {each.name for each in features_for(Target.WORK_CRIME, FAMILIES, include_personal=True)}
    other = {each.name for each in features_for(Target.BHT_USE, FAMILIES, include_personal=True)}
    assert personal and not names & personal and personal <= asked and not other & personal


def test_purpose_bound_features_stay_with_their_target() -> None:
    names = {each.theme for each in features_for(Target.BHT_USE, FAMILIES)}
    assert "work_crime" not in names


@pytest.mark.parametrize("each", FAMILIES, ids=lambda each: each.name)
def test_sql_reads_as_of_relations_only(each: Family) -> None:
    """Not the raw store, and nothing but what the view promises: a new relation is a decision, not a slip."""
    sql = re.sub(r"--[^\n]*|DISTINCT FROM", "", each.sql)
    allowed = re.compile(r"cohort|as_ofs|\w+_asof|bht_duties|approval_duties|hiring_ban_counties")
    named = set(re.findall(r"(?:WITH|,)\s+(\w+) AS (?:MATERIALIZED )?\(", sql))
    read = set(re.findall(r"\b(?:FROM|JOIN)\s+([a-z_][\w.]*)", sql))
    assert "store." not in sql
    assert not [name for name in read - named if not allowed.fullmatch(name)]


@pytest.mark.parametrize("each", FEATURES, ids=lambda each: each.name)
def test_phrases_are_sentences_in_two_languages(each: object) -> None:
    for phrase in (each.phrase_nb, each.phrase_en):  # type: ignore[attr-defined]
        assert phrase[0].isupper() or phrase.startswith("{value}")
        assert not phrase.endswith(".")


def test_a_sample_family_loads(tmp_path: Path) -> None:
    (only,) = family(tmp_path).features
    assert (only.name, only.kind, only.targets) == ("employees", FeatureKind.INTEGER, ())


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("monotone = 0", "monotone = 0\ncolour = 1", "colour"),
        ('legal_basis = "aml. § 18-1"\n', "", "legal_basis"),
        ('legal_basis = "aml. § 18-1"', 'legal_basis = " "', "legal_basis"),
        ("monotone = 0", "monotone = 2", "monotone"),
        ("monotone = 0", "monotone = true", "monotone"),
        ('kind = "integer"', 'kind = "number"', "kind"),
        ("personal = false", 'personal = "no"', "personal"),
        ("{value} ansatte", "mange ansatte", "{value}"),
        ("monotone = 0", 'monotone = 0\ntargets = ["fraud"]', "targets"),
        ('name = "employees"', 'name = "Employees"', "lower_snake_case"),
        ("monotone = 0", "monotone = ", "TOML"),
        ('name = "sample"', 'name = "other"', "sample"),
    ],
)
def test_a_bad_declaration_is_refused_with_its_place(tmp_path: Path, old: str, new: str, says: str) -> None:
    with pytest.raises(BadInputError) as refusal:
        family(tmp_path, TOML.replace(old, new))
    assert says in str(refusal.value) and "sample.toml" in str(refusal.value)


def test_a_personal_feature_must_name_its_targets(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="targets"):
        family(tmp_path, TOML.replace("personal = false", "personal = true"))


def test_a_feature_is_declared_once(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="employees twice"):
        family(tmp_path, TOML + TOML[TOML.index("[[feature]]") :])


def test_sql_without_a_declaration_is_refused(tmp_path: Path) -> None:
    (tmp_path / "loose.sql").write_text(SQL, encoding="utf-8")
    with pytest.raises(RefusedError, match="loose"):
        load_families(tmp_path)


def test_a_declaration_without_sql_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sample.toml").write_text(TOML, encoding="utf-8")
    with pytest.raises(BadInputError, match=r"sample\.sql"):
        load_families(tmp_path)


@pytest.mark.parametrize(
    "name",
    [
        "share_foreign_born",
        "manager_nationality",
        "citizenship",
        "employee_mean_age",
        "board_sex",
        "sick_leave_rate",
        "sykefravaer",
        "union_members",
        "religion",
        "language",
        "d_number_share",
        "fnr",
        "owner_wealth",
        "postcode_income",
        "demographics",
        "birth_country",
        "marital_status",
        "name_origin",
        "inspector_leniency",
    ],
)
def test_denied_subjects_are_refused_by_name_and_by_source(tmp_path: Path, name: str) -> None:
    with pytest.raises(RefusedError, match=r"sample\.toml"):
        family(tmp_path, TOML.replace('name = "employees"', f'name = "{name}"'))
    with pytest.raises(RefusedError, match="employees"):
        family(tmp_path, TOML.replace("establishments.employees", f"people.{name}"))


@pytest.mark.parametrize(
    "name", ["enterprise_age_months", "industry_rate", "solidity", "address_units", "unit_average"]
)
def test_lawful_names_are_not_caught(tmp_path: Path, name: str) -> None:
    assert family(tmp_path, TOML.replace('name = "employees"', f'name = "{name}"')).features[0].name == name


@pytest.mark.parametrize(
    ("sql", "error"),
    [
        ("SELECT * FROM store.establishments", RefusedError),
        ("SELECT establishment, as_of, inspector AS employees FROM inspections_asof", RefusedError),
        (SQL + ";", BadInputError),
        ("SELECT $strength", BadInputError),
        ("", BadInputError),
    ],
)
def test_sql_that_may_not_run_is_refused(tmp_path: Path, sql: str, error: type[TargetingError]) -> None:
    with pytest.raises(error, match="sample"):
        family(tmp_path, sql=sql)


def test_an_unused_constant_is_refused(tmp_path: Path) -> None:
    constant = '[family.constants.strength]\nvalue = 4\nmeaning = "pseudo-inspections"\n\n[[feature]]'
    with pytest.raises(BadInputError, match="strength only in the TOML"):
        family(tmp_path, TOML.replace("[[feature]]", constant))


def test_compute_is_sorted_by_day_and_establishment(view: View, tmp_path: Path) -> None:
    table = compute(view, [family(tmp_path)])
    assert table.column_names == ["establishment", "as_of", "employees"]
    assert [(str(r["as_of"])[:4], r["establishment"]) for r in table.to_pylist()] == [
        ("2024", "A"),
        ("2025", "A"),
        ("2025", "B"),
    ]


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        (SQL + " LIMIT 2", "2 rows for 3"),
        (SQL + " UNION ALL " + SQL, "6 rows for 3"),
        ("SELECT 'A' AS establishment, as_of, 5 AS employees FROM cohort", "one row per cohort row"),
        ("SELECT establishment, as_of FROM cohort", "the declared column employees"),
        (SQL.replace("FROM", ", 1 AS extra FROM"), "the column extra"),
        (SQL.replace("5", "5.5::DOUBLE"), "of kind integer"),
        (SQL.replace("5", "'five'"), "of kind integer"),
    ],
)
def test_compute_refuses_a_family_that_breaks_its_promise(view: View, tmp_path: Path, sql: str, says: str) -> None:
    with pytest.raises(RefusedError, match="feature family sample") as refusal:
        compute(view, [family(tmp_path, sql=sql)])
    assert says in str(refusal.value)


def test_a_real_that_is_not_finite_is_refused(view: View, tmp_path: Path) -> None:
    sample = family(tmp_path, TOML.replace('"integer"', '"real"'), SQL.replace("5", "'inf'::DOUBLE"))
    with pytest.raises(RefusedError, match="finite"):
        compute(view, [sample])
