"""Applying released models to a quarter's cohorts, and putting together what is published about it."""

from targeting.scoring.establishments import establishments_table
from targeting.scoring.ranking import score
from targeting.scoring.sectors import sectors_table

__all__ = ["establishments_table", "score", "sectors_table"]
