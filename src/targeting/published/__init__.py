"""An immutable scored run on disk: what the quarter's scoring said, for everybody who reads it afterwards.

The web process and the planner reach scores through this package alone, so they cannot show one that was not
published. It knows pyarrow and the domain, and no model, feature or database.
"""

from targeting.published.order import ranked, tie_break
from targeting.published.reading import PublishedRun, open_current, open_run, run_ids
from targeting.published.run import FileSeal, PublishedTables, Run, TargetRun
from targeting.published.schemas import ESTABLISHMENTS, REASON, SCORES, SECTORS, SIZE_CLASSES
from targeting.published.writing import write_run

__all__ = [
    "ESTABLISHMENTS",
    "REASON",
    "SCORES",
    "SECTORS",
    "SIZE_CLASSES",
    "FileSeal",
    "PublishedRun",
    "PublishedTables",
    "Run",
    "TargetRun",
    "open_current",
    "open_run",
    "ranked",
    "run_ids",
    "tie_break",
    "write_run",
]
