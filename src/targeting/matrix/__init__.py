"""Cohort x features x labels on (establishment, as_of): rows to learn from, to score, and to know who is inspected."""

from targeting.matrix.labelled import (
    NUISANCE,
    OBSERVED,
    scoring_matrices,
    scoring_matrix,
    training_matrices,
    training_matrix,
)
from targeting.matrix.observation import INSPECTED, observation_matrices, observation_matrix
from targeting.matrix.partitions import PARTITION_ROWS, Part, Partitions, write_partitions
from targeting.matrix.rows import GROUPS, KEYS, Matrix

__all__ = [
    "GROUPS",
    "INSPECTED",
    "KEYS",
    "NUISANCE",
    "OBSERVED",
    "PARTITION_ROWS",
    "Matrix",
    "Part",
    "Partitions",
    "observation_matrices",
    "observation_matrix",
    "scoring_matrices",
    "scoring_matrix",
    "training_matrices",
    "training_matrix",
    "write_partitions",
]
