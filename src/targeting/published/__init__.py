"""An immutable scored run on disk: what the quarter's scoring said, for everybody who reads it afterwards.

The web process and the planner reach scores through this package alone, so they cannot show one that was not
published. It knows pyarrow, orjson and the domain, and no model, feature or database.
"""

from targeting.published.bands import Band, BandTitle, band_of, band_titles
from targeting.published.checking import check_files
from targeting.published.lookup import (
    area_results_of,
    establishment_rows_of,
    holdings_of,
    known_as,
    score_rows_of,
    scored_in,
)
from targeting.published.mapped_list import MappedList
from targeting.published.order import ranked, tie_break
from targeting.published.ranked_rows import RANKED, ranked_batches, write_ranked_rows
from targeting.published.reading import PublishedRun, open_current, open_run, run_ids
from targeting.published.reduction import (
    Reduced,
    establishments_of,
    recover_runs,
    reduce_run,
    remove_from_run,
    settle_run,
)
from targeting.published.row_files import write_rows
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
from targeting.published.writing import publish_folder, write_run

__all__ = [
    "AGGREGATES",
    "AREA_RESULTS",
    "COARSE",
    "ESTABLISHMENTS",
    "HOLDINGS",
    "LEAST_SHOWN",
    "RANKED",
    "REASON",
    "SCORES",
    "SECTORS",
    "SIZE_CLASSES",
    "Band",
    "BandTitle",
    "FileSeal",
    "MappedList",
    "PublishedRun",
    "PublishedTables",
    "Reduced",
    "Run",
    "TargetRun",
    "area_results_of",
    "band_of",
    "band_titles",
    "check_files",
    "establishment_rows_of",
    "establishments_of",
    "holdings_of",
    "known_as",
    "open_current",
    "open_run",
    "publish_folder",
    "ranked",
    "ranked_batches",
    "recover_runs",
    "reduce_run",
    "remove_from_run",
    "run_ids",
    "score_rows_of",
    "scored_in",
    "settle_run",
    "tie_break",
    "write_ranked_rows",
    "write_rows",
    "write_run",
]
