"""The gates a benchmark run ends with: what kept outcomes and assignments out of the features, and what did not.

The questions are those of gate TGT004 and are answered by the same code; here each has a code of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import pandas as pd

from targeting.evaluation.column_strength import SingleColumn, Strength, column_strengths
from targeting.evaluation.gates import Gate, GateResult
from targeting.evaluation.gates.leakage import parity_part, strength_part
from targeting.evaluation.open_format.cells import is_date, to_numbers, to_texts
from targeting.evaluation.open_format.dataset import Dataset
from targeting.evaluation.open_format.matrix import OpenMatrix
from targeting.evaluation.open_format.parity import check_parity
from targeting.evaluation.parity import Parity
from targeting.evaluation.splits import Split
from targeting.modelling.columns import numbers
from targeting.modelling.specification import Gates

__all__ = ["Columns", "leakage_gates", "look_at_columns"]

_ASSIGNMENT: Final = Gate("BEN001", "no assignment-time column is a feature", "block")
_SINGLE: Final = Gate("BEN002", "no single column says implausibly much", "block")
_PARITY: Final = Gate("BEN003", "a row's features do not depend on later data", "block")
_FORMAT: Final = Gate("BEN004", "the files are as the format says", "warn")
_HISTORY: Final = "own history"


class Columns(NamedTuple):
    """What was found about a data set's columns: the strength of the listed ones, and whether rebuilt rows agree."""

    strengths: tuple[Strength, ...]
    names: tuple[str, ...]
    parity: Parity


def look_at_columns(data: Dataset, matrix: OpenMatrix, splits: Sequence[Split]) -> Columns:
    """Columns are tested on the forward windows inside training, parity on rows of the test window.

    The establishment's own history is a rival of the listed columns and is not itself judged.
    """
    train = matrix.train
    columns = {name: _single(matrix.attributes[name][train], name, data) for name in data.settings.attributes}
    history = SingleColumn(numbers(matrix.frame, "own_rate_to_overall")[train], category=False, declared=True)
    establishments, labels = matrix.frame["establishment"].to_numpy()[train], numbers(matrix.frame, "label")[train]
    strengths = column_strengths({**columns, _HISTORY: history}, establishments, labels, splits)
    built = matrix.frame[[feature.name for feature in matrix.features]][matrix.test].reset_index(drop=True)
    parity = check_parity(data, built, matrix.rows[matrix.test], matrix.kinds)
    return Columns(strengths, tuple(columns), parity)


def leakage_gates(data: Dataset, matrix: OpenMatrix, columns: Columns, gates: Gates) -> tuple[GateResult, ...]:
    """All four. A column that `dataset.toml` lists both as nuisance and as a feature is refused, and said so."""
    single = strength_part(columns.strengths, columns.names, gates)
    parity = parity_part(columns.parity, None, gates)
    remarks = [*data.remarks, *_too_few(data, int(matrix.test.sum()))]
    return (
        _assignment(data),
        _SINGLE.judged(*single) if single else _SINGLE.not_applicable("no window to test columns on"),
        _PARITY.judged(*parity) if parity else _PARITY.not_applicable("no row to build twice"),
        _FORMAT.judged(not remarks, "; ".join(remarks) or "no remark"),
    )


def _assignment(data: Dataset) -> GateResult:
    refused = data.settings.refused
    if refused:
        detail = f"refused as features, because dataset.toml lists them as nuisance: {', '.join(refused)}"
    else:
        detail = f"fitted as nuisance only: {', '.join(data.settings.nuisance) or 'none listed'}"
    return _ASSIGNMENT.judged(not refused, detail)


def _single(values: pd.Series, name: str, data: Dataset) -> SingleColumn:
    """A listed column as the file has it: dates by their year, numbers as numbers, everything else as text."""
    category = name in {*data.settings.categorical, *data.settings.group}
    if is_date(values):
        return SingleColumn(
            to_texts(values.dt.year if hasattr(values, "dt") else values).to_numpy(), category, declared=False
        )
    if pd.api.types.is_numeric_dtype(values.dtype):
        return SingleColumn(to_numbers(values, name), category, declared=False)
    return SingleColumn(to_texts(values).to_numpy(), category, declared=False)


def _too_few(data: Dataset, test_rows: int) -> list[str]:
    if test_rows >= data.settings.k:
        return []
    return [f"k = {data.settings.k} is more than the {test_rows} test rows with an outcome, which are all taken"]
