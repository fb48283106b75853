"""Applying released models to a quarter's cohorts, and putting together what is published about it."""

from targeting.scoring.area_results import area_results_table
from targeting.scoring.comparison import Comparison, compare
from targeting.scoring.establishments import establishments_table
from targeting.scoring.ranking import published_bands, score, score_silently
from targeting.scoring.sectors import sectors_table

__all__ = [
    "Comparison",
    "area_results_table",
    "compare",
    "establishments_table",
    "published_bands",
    "score",
    "score_silently",
    "sectors_table",
]
