"""A ledger answers what was known strictly before a day, and each answer is a sum a reader can check."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from targeting.evaluation.open_format.ledger import Asked, ledger_of

ENTRIES = st.lists(st.tuples(st.integers(0, 2), st.integers(-400, 400), st.floats(-5, 5, width=16)), max_size=30)


def test_by_hand() -> None:
    ledger = ledger_of(np.array([1, 1, 1, 2]), np.array([10, 20, 30, 5]), np.array([1.0, 2.0, 4.0, 8.0]))
    asked = Asked(np.array([1, 1, 2, 3]), np.array([30, 31, 5, 99]))
    assert ledger.sums_before(asked).total.tolist() == [1 + 2, 1 + 2 + 4, 0, 0]
    assert ledger.sums_before(asked, 10).total.tolist() == [2, 4, 0, 0]
    assert ledger.sums_of_last(asked, 2).total.tolist() == [1 + 2, 2 + 4, 0, 0]
    assert ledger.value_of_last(asked).tolist()[:2] == [2, 4]
    assert ledger.days_since_last(asked, 2).tolist()[:2] == [30 - 10, 31 - 20]
    assert ledger.days_since_first(asked).tolist()[:2] == [30 - 10, 31 - 10]
    assert np.isnan(ledger.value_of_last(asked)[2:]).all()
    assert ledger.decayed(asked, 10.0).total.tolist()[0] == pytest.approx(1 / 4 + 2 / 2)


def test_an_empty_ledger_knows_nothing() -> None:
    ledger = ledger_of(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0))
    asked = Asked(np.array([0]), np.array([0]))
    assert ledger.sums_before(asked).number.tolist() == [0]
    assert ledger.decayed(asked, 10.0).total.tolist() == [0]
    assert np.isnan(ledger.days_since_last(asked)).all()


@settings(deadline=None, max_examples=60)
@given(entries=ENTRIES, day=st.integers(-400, 400), later=ENTRIES)
def test_an_answer_is_the_plain_sum_and_no_other_entry_moves_it(
    entries: list[tuple[int, int, float]], day: int, later: list[tuple[int, int, float]]
) -> None:
    noise = [(key, day + abs(at), value) for key, at, value in later] + [(9, at, value) for _, at, value in later]
    both = [*entries, *noise]
    asked = Asked(np.array([0]), np.array([day]))
    own = [(at, value) for key, at, value in entries if key == 0 and at < day]
    small, large = (
        ledger_of(*(np.array(column) for column in zip(*rows, strict=True))) if rows else None
        for rows in (entries, both)
    )
    if small is None or large is None:
        return
    assert large.sums_before(asked).number.tolist() == [len(own)]
    assert large.sums_before(asked).total[0] == pytest.approx(sum(value for _, value in own), abs=1e-3)
    expected = sum(value * 2 ** (-(day - at) / 50) for at, value in own)
    assert large.decayed(asked, 50.0).total[0] == pytest.approx(expected, abs=1e-9)
    assert large.sums_before(asked).total.tolist() == small.sums_before(asked).total.tolist()
    assert large.decayed(asked, 50.0).total.tolist() == small.decayed(asked, 50.0).total.tolist()
