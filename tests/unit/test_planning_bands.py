"""Bands cost the plan nothing that its rules do not force: inside a band the published rank decides."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from targeting.domain import BadInputError
from targeting.planning import make_plan, problem_from_mapping, read_candidates
from targeting.planning.candidates import tie_numbers, ties
from targeting.published import tie_break

RATES = np.array([0.2, 0.35, 0.45, 0.5, 0.62])


def country(size: int, seed: int) -> tuple[pa.Table, pa.Table]:
    """The same candidates twice: with the model's own probabilities, and with the rates of five bands and the rank."""
    rng = np.random.default_rng(seed)
    probability = rng.permutation(np.linspace(0.1, 0.7, size))
    rank = np.empty(size, dtype=np.int64)
    rank[np.argsort(-probability)] = np.arange(1, size + 1)
    band = np.searchsorted(np.quantile(probability, [0.2, 0.4, 0.6, 0.8]), probability)
    facts = pa.table(
        {
            "establishment": [f"{number:09d}" for number in rng.permutation(size)],
            "enterprise": [f"e{number}" for number in rng.integers(0, size // 2, size)],
            "county": rng.choice(["03", "11", "46"], size),
        }
    )
    digits = facts.append_column("score", pa.array(probability))
    return digits, facts.append_column("score", pa.array(RATES[band])).append_column("rank", pa.array(rank))


@pytest.mark.parametrize("size", [400, 6000])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_best_ranked_are_planned_as_if_there_were_no_bands(size: int, seed: int) -> None:
    # One grouping and a capacity are a matroid: the greedy list is best for every score in the same order.
    document: dict[str, Any] = {
        "capacity": 60,
        "seed": seed,
        "at_most_per": [{"column": "enterprise", "count": 1}],
        "standby": [{"per": "county", "count": 5}],
    }
    digits, banded = (make_plan(problem_from_mapping(document), table) for table in country(size, seed))
    assert [slot.establishment for slot in banded.slots] == [slot.establishment for slot in digits.slots]
    assert [one.establishments for one in banded.standby] == [one.establishments for one in digits.standby]
    assert banded.gap == 0.0


def test_the_numbers_of_the_seed_are_dealt_in_rank_order() -> None:
    _, table = country(50, 3)
    rows = read_candidates(table)
    dealt, rank = tie_numbers(9, rows), rows.numbers("rank")
    assert sorted(dealt) == sorted(ties(9, rows.names))
    assert np.all(np.diff(dealt[np.argsort(rank)]) > 0.0)


def test_without_a_rank_and_among_equal_ranks_the_recorded_draw_decides() -> None:
    _, table = country(50, 3)
    drawn = sorted(table.column("establishment").to_pylist(), key=lambda name: tie_break(9, name))
    same = table.set_column(table.column_names.index("rank"), "rank", pa.array([1] * 50))
    for rows in (read_candidates(table.drop_columns(["rank"])), read_candidates(same)):
        assert [rows.names[place] for place in np.argsort(tie_numbers(9, rows))] == drawn


def test_a_rank_that_is_missing_somewhere_is_refused() -> None:
    _, table = country(50, 3)
    holed = table.set_column(table.column_names.index("rank"), "rank", pa.array([None, *range(49)]))
    with pytest.raises(BadInputError, match="rank"):
        make_plan(problem_from_mapping({"capacity": 5}), holed)
