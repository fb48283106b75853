"""The hidden truth as one Parquet file, for tests and benchmarks; never inside the folder of the register files.

One row per (establishment, quarter_start, target), for living employing workplaces and 2024Q1 to 2027Q1:
`probability` is the full truth (register state and unobserved quality; neutral inspector, document inspection),
`probability_observable` what a perfect reader of the registers could know (see `oracles`), `propensity` the chance of
being inspected that quarter. The probability of every target is given for every workplace; whether a target applies
(duty, industry) is for the reader to say.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from targeting.domain import BadInputError, Target
from targeting.sources.synthetic.arrow_text import numbers
from targeting.sources.synthetic.country import Country, TruthRows
from targeting.sources.synthetic.register import Register

__all__ = ["TRUTH_SCHEMA", "check_apart", "write_truth"]

TRUTH_SCHEMA: Final = pa.schema(
    [
        ("establishment", pa.string()),
        ("quarter_start", pa.date32()),
        ("target", pa.dictionary(pa.int8(), pa.string())),
        ("probability", pa.float64()),
        ("probability_observable", pa.float64()),
        ("propensity", pa.float64()),
    ]
)


def check_apart(truth: Path, folder: Path) -> None:
    """Raise `BadInputError` when the truth would lie inside the folder that the adapters read."""
    if truth.resolve().is_relative_to(folder.resolve()):
        raise BadInputError(
            expected="a truth file outside the output folder",
            got="one inside it",
            where=truth.name,
            do="choose a path that no register file shares: the pipeline must not be able to reach the truth",
        )


def write_truth(country: Country, path: Path) -> None:
    """Write the file, one row group a quarter and target."""
    with pq.ParquetWriter(path, TRUTH_SCHEMA, compression="zstd") as writer:
        for part in country.truth:
            for table in _tables(country.world.register, part):
                writer.write_table(table)


def _tables(register: Register, part: TruthRows) -> Iterable[pa.Table]:
    count = len(part.workplace)
    for place in range(len(Target)):
        yield pa.table(
            [
                numbers(register.number[part.workplace]),
                pa.array(np.full(count, register.starts[part.q], dtype=np.int32)).cast(pa.date32()),
                pa.DictionaryArray.from_arrays(np.full(count, place, dtype=np.int8), list(Target)),
                pa.array(np.round(part.probability[:, place], 6)),
                pa.array(np.round(part.observable[:, place], 6)),
                pa.array(np.round(part.propensity, 6)),
            ],
            schema=TRUTH_SCHEMA,
        )
