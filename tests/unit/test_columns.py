"""A frame that is read once says what the frame says, and nobody can change it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from targeting.domain import BadInputError
from targeting.modelling.columns import ReadOnce, numbers, rows_between, texts

FRAME = pd.DataFrame(
    {
        "whole": pd.array([1, None, 3], "Int64"),
        "real": [0.5, np.nan, -2.0],
        "flag": pd.array([True, None, False], "boolean"),
        "text": ["41.200", None, "Ål"],
    }
)


def test_every_column_reads_as_it_does_from_the_frame() -> None:
    once = ReadOnce(FRAME)
    assert len(once) == len(FRAME)
    for name in ("whole", "real", "flag"):
        for _ in range(2):
            np.testing.assert_array_equal(numbers(once, name), numbers(FRAME, name))
    assert texts(once, "text").tolist() == texts(FRAME, "text").tolist() == ["41.200", "", "Ål"]


def test_what_models_share_none_of_them_can_change() -> None:
    once = ReadOnce(FRAME)
    for read, name in ((numbers, "real"), (texts, "text")):
        with pytest.raises(ValueError, match="read-only"):
            read(once, name)[0] = read(once, name)[1]
    assert FRAME["real"][0] == 0.5


def test_an_absent_column_is_named() -> None:
    with pytest.raises(BadInputError, match="a column height"):
        numbers(ReadOnce(FRAME), "height")


def test_some_rows_of_either_are_those_of_the_frame() -> None:
    once = ReadOnce(FRAME)
    assert rows_between(once, 0, 9) is once
    for frame in (FRAME, once):
        assert numbers(rows_between(frame, 1, 3), "real").tolist()[1:] == [-2.0]
        assert len(rows_between(frame, 1, 3)) == 2
