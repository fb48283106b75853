"""No assignment-time column is ranked by in a benchmark; with the inspector among the features its gates speak."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from pipelines.benchmark import benchmark
from pipelines.progress import Progress
from tests.lib.open_format_set import SETTINGS, Tables, tables, write_set

QUIET: Final = Progress("benchmark", visible=False)
BEFORE_TEST: Final = np.datetime64(str(SETTINGS["test_from"]))


def _run(folder: Path, found: Tables, settings: dict[str, Any]) -> dict[str, Any]:
    out = folder / "result.json"
    benchmark(write_set(folder / "set", found, settings), out, QUIET)
    document: dict[str, Any] = json.loads(out.read_text())
    return document


def _outcome(document: dict[str, Any], code: str) -> str:
    (gate,) = (gate for gate in document["gates"] if gate["code"] == code)
    return f"{gate['severity']} {gate['outcome']}: {gate['detail']}"


@pytest.fixture(scope="module")
def found() -> Tables:
    return tables(600, 120)


@pytest.fixture(scope="module")
def honest(found: Tables, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return _run(tmp_path_factory.mktemp("honest"), found, SETTINGS)


def test_who_is_sent_to_the_tested_visits_changes_no_figure(
    honest: dict[str, Any], found: Tables, tmp_path: Path
) -> None:
    visits = found["inspections"]
    tested = visits["occurred_on"].to_numpy() >= BEFORE_TEST
    other = visits["inspector"].to_numpy(dtype=object).copy()
    other[tested] = np.random.default_rng(1).permutation(other[tested])
    assert (other != visits["inspector"].to_numpy()).any()
    again = _run(tmp_path, found | {"inspections": visits.assign(inspector=other)}, SETTINGS)
    assert again["models"] == honest["models"]


def test_the_leakage_gates_pass_where_the_inspector_is_nuisance(honest: dict[str, Any]) -> None:
    for code in ("BEN001", "BEN002", "BEN003", "TGT004"):
        assert _outcome(honest, code).startswith("block pass")


def test_the_inspector_as_a_feature_makes_the_leakage_gate_speak(found: Tables, tmp_path: Path) -> None:
    mistaken = SETTINGS | {"categorical": ["kind", "inspector"], "nuisance": []}
    document = _run(tmp_path, found, mistaken)
    for code in ("BEN002", "TGT004"):
        assert _outcome(document, code).startswith("block fail")
        assert "look at inspector" in _outcome(document, code)
