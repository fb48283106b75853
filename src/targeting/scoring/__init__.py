"""Applying released models to a quarter's cohorts, and putting together what is published about it."""

from targeting.scoring.area_results import area_results_table
from targeting.scoring.bands import published_bands
from targeting.scoring.comparison import Comparison, compare
from targeting.scoring.establishments import write_establishments
from targeting.scoring.partition import SCORED, score_rows
from targeting.scoring.scores import ranked_reader, write_scores
from targeting.scoring.sectors import sectors_table

__all__ = [
    "SCORED",
    "Comparison",
    "area_results_table",
    "compare",
    "published_bands",
    "ranked_reader",
    "score_rows",
    "sectors_table",
    "write_establishments",
    "write_scores",
]
