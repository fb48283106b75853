"""What counts as found, by example: a label needs an answer, and says when it could be known."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from targeting.domain import AsOf, Target
from targeting.labels import DEFINITIONS, SEVERITY, label_rows
from targeting.snapshots import Store
from targeting.tables import Findings, Inspections, Reactions
from tests.lib.ascii_table import rows_of
from tests.lib.small_country import conforming, store_of

HEADERS = """
    inspection | establishment | occurred_on | known_on   | form     | origin | inspector | office | random_selection
    T1         | E1            | 2025-02-10  | 2025-02-10 | document | risk   | I01       | K1     | yes
"""


def store_with(home: Path, findings: str, reactions: str = "", inspections: str = HEADERS) -> Store:
    tables = {"inspections": conforming(Inspections, rows_of(inspections))}
    tables["findings"] = conforming(Findings, rows_of(findings))
    if reactions:
        tables["reactions"] = conforming(Reactions, rows_of(reactions))
    return store_of(tables, home)


def labels(store: Store, target: Target, until: date | None = None) -> list[tuple[object, ...]]:
    """(inspection, label, severity, known_on) of every label row."""
    table = label_rows(store, target, AsOf(until)) if until else label_rows(store, target)
    return [tuple(row[c] for c in ("inspection", "label", "severity", "known_on")) for row in table.to_pylist()]


MAY, JUNE, SEPTEMBER = date(2025, 5, 1), date(2025, 6, 1), date(2025, 9, 1)


def test_an_inspection_that_did_not_check_the_matter_has_no_label(tmp_path: Path) -> None:
    findings = """
        inspection | control_point | known_on   | answer
        T1         | HMS-01        | 2025-05-01 | breach
        T1         | BHT-01        | 2025-05-01 | not_checked
        T1         | BHT-02        | 2025-05-01 | not_relevant
    """
    store = store_with(tmp_path, findings)
    assert labels(store, Target.BHT_USE) == []
    assert labels(store, Target.WORKING_ENVIRONMENT) == [("T1", 0, 1, MAY)]


def test_an_inspection_without_answers_yet_has_no_label(tmp_path: Path) -> None:
    store = store_with(tmp_path, "inspection | control_point | known_on | answer")
    for target in Target:
        assert labels(store, target) == []


@pytest.mark.parametrize(
    ("target", "point"),
    [(Target.BHT_USE, "BHT-01"), (Target.UNLAWFUL_HIRING, "INN-03"), (Target.WORK_CRIME, "AKR-08")],
)
def test_any_breach_of_the_targets_own_control_points_is_found(target: Target, point: str, tmp_path: Path) -> None:
    findings = f"""
        inspection | control_point | known_on   | answer
        T1         | {point}       | 2025-05-01 | breach
        T1         | {point[:3]}-02 | 2025-04-01 | met
        T1         | HMS-01        | 2025-09-01 | breach
    """
    # known on the day of its own newest answer; the later answer on another topic does not count
    assert labels(store_with(tmp_path, findings), target) == [("T1", 1, 1, MAY)]


def test_met_everywhere_is_an_observed_no(tmp_path: Path) -> None:
    findings = """
        inspection | control_point | known_on   | answer
        T1         | BHT-01        | 2025-05-01 | met
        T1         | BHT-02        | 2025-06-01 | met
    """
    assert labels(store_with(tmp_path, findings), Target.BHT_USE) == [("T1", 0, 0, JUNE)]


CORRECTED = """
    inspection | control_point | known_on   | answer
    T1         | BHT-01        | 2025-05-01 | breach
    T1         | BHT-01        | 2025-09-01 | met
"""


@pytest.mark.parametrize(
    ("until", "expected"),
    [(MAY, []), (JUNE, [("T1", 1, 1, MAY)]), (date(2026, 1, 1), [("T1", 0, 0, SEPTEMBER)])],
)
def test_a_corrected_answer_counts_from_the_day_the_correction_was_known(
    until: date, expected: list[tuple[object, ...]], tmp_path: Path
) -> None:
    assert labels(store_with(tmp_path, CORRECTED), Target.BHT_USE, until) == expected


def hms(breaches: int) -> str:
    lines = "\n".join(f"T1 | HMS-{n:02d} | 2025-05-01 | {'breach' if n < breaches else 'met'}" for n in range(8))
    return f"inspection | control_point | known_on | answer\n{lines}"


@pytest.mark.parametrize(
    ("breaches", "reaction", "label", "severity"),
    [
        (0, "", 0, 0),
        (4, "", 0, 1),
        (5, "", 1, 2),
        (1, "order", 0, 1),
        (1, "guidance", 0, 1),
        (1, "coercive_fine", 1, 2),
        (1, "penalty", 1, 2),
        (1, "stop", 1, 3),
        (1, "police_report", 1, 3),
    ],
)
def test_a_serious_outcome(breaches: int, reaction: str, label: int, severity: int, tmp_path: Path) -> None:
    reactions = f"inspection | reference | known_on | kind\nT1 | r1 | 2025-04-01 | {reaction}" if reaction else ""
    store = store_with(tmp_path, hms(breaches), reactions)
    assert labels(store, Target.WORKING_ENVIRONMENT) == [("T1", label, severity, MAY)]


def test_a_serious_reaction_makes_the_label_known_later_and_a_mild_one_does_not(tmp_path: Path) -> None:
    for kind, label, known_on in (("stop", 1, SEPTEMBER), ("order", 0, MAY)):
        reactions = f"inspection | reference | known_on | kind\nT1 | r1 | 2025-09-01 | {kind}"
        store = store_with(tmp_path / kind, hms(1), reactions)
        ((_, found, _, known),) = labels(store, Target.WORKING_ENVIRONMENT)
        assert (found, known) == (label, known_on)


def test_a_reaction_under_the_work_crime_laws_is_found_too(tmp_path: Path) -> None:
    findings = "inspection | control_point | known_on | answer\nT1 | AKR-01 | 2025-05-01 | met"
    for place, basis, label in (("a", "allmenngjøringsloven § 11", 1), ("b", "aml § 18-6", 0)):
        reactions = f"inspection | reference | known_on | kind | legal_basis\nT1 | r1 | 2025-06-01 | order | {basis}"
        store = store_with(tmp_path / place, findings, reactions)
        assert labels(store, Target.WORK_CRIME)[0][1] == label


def test_why_it_was_inspected_stands_beside_the_label(tmp_path: Path) -> None:
    findings = "inspection | control_point | known_on | answer\nT1 | BHT-01 | 2025-05-01 | met"
    (row,) = label_rows(store_with(tmp_path, findings), Target.BHT_USE).to_pylist()
    assert [row[c] for c in ("form", "origin", "inspector", "office", "random_selection")] == [
        "document",
        "risk",
        "I01",
        "K1",
        True,
    ]


def test_every_target_has_one_definition_and_severity_four_steps() -> None:
    assert set(DEFINITIONS) == set(Target)
    assert list(SEVERITY) == [0, 1, 2, 3]
