"""Two trainings of a learned model from the same inputs and seed: the same bytes, the same list, the same chances."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from pipelines import train
from pipelines.progress import Progress
from targeting.domain import AsOf
from targeting.matrix import Matrix
from targeting.modelling.artifact import dumps, loads
from targeting.modelling.refits import REFITS
from targeting.modelling.registry import ReleasedModel
from tests.lib.scored import scored
from tests.lib.seeded_matrix import FEATURES, seeded_frame, seeded_specification

UNTIL = AsOf(date(2025, 1, 1))


def test_the_same_inputs_and_seed_give_the_same_model_bytes_and_the_same_list(tmp_path: Path) -> None:
    specification, frame = seeded_specification(tmp_path), seeded_frame(1500)
    matrix = Matrix(frame, FEATURES, specification.target)
    trained = [train.train_on(matrix, specification, UNTIL, Progress("test", visible=False)).model for _ in range(2)]
    first, second = (dumps(one) for one in trained)
    assert first == second
    assert trained[0].kind != "rule"
    assert len(trained[0].refits.models) == REFITS

    cohort = seeded_frame(900, seed=3).drop_duplicates("establishment")
    tables = [
        scored(Matrix(cohort, FEATURES, specification.target), ReleasedModel("v0", "0" * 64, {}, loads(one)), seed=7)
        for one in (first, second)
    ]
    assert tables[0].equals(tables[1])
    assert tables[0].column("listing_probability").null_count == 0
