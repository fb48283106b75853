"""An immutable scored run on disk: what the quarter's scoring said, for everybody who reads it afterwards.

The web process and the planner reach scores through this package alone, so they cannot show one that was not
published. It knows pyarrow and the domain, and no model, feature or database.
"""

from targeting.published.bands import Band, BandTitle, band_of, band_titles
from targeting.published.lookup import area_results_of, holdings_of, known_as, score_rows_of, scored_in
from targeting.published.order import ranked, tie_break
from targeting.published.reading import PublishedRun, open_current, open_run, run_ids
from targeting.published.reduction import Reduced, recover_runs, reduce_run, settle_run
from targeting.published.run import FileSeal, PublishedTables, Run, TargetRun
from targeting.published.schemas import (
    AGGREGATES,
    AREA_RESULTS,
    COARSE,
    ESTABLISHMENTS,
    HOLDINGS,
    LEAST_SHOWN,
    REASON,
    SCORES,
    SECTORS,
    SIZE_CLASSES,
)
from targeting.published.writing import write_run

__all__ = [
    "AGGREGATES",
    "AREA_RESULTS",
    "COARSE",
    "ESTABLISHMENTS",
    "HOLDINGS",
    "LEAST_SHOWN",
    "REASON",
    "SCORES",
    "SECTORS",
    "SIZE_CLASSES",
    "Band",
    "BandTitle",
    "FileSeal",
    "PublishedRun",
    "PublishedTables",
    "Reduced",
    "Run",
    "TargetRun",
    "area_results_of",
    "band_of",
    "band_titles",
    "holdings_of",
    "known_as",
    "open_current",
    "open_run",
    "ranked",
    "recover_runs",
    "reduce_run",
    "run_ids",
    "score_rows_of",
    "scored_in",
    "settle_run",
    "tie_break",
    "write_run",
]
