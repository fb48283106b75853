"""Files that belong to a plan or a trial and lie beside the ledger: whole on disk before the act that names them ends.

A file is written inside the ledger's transaction, so an act that was kept never lacks its file. When the process dies
between the two, a file is left that no event names. It is harmless: the same act sent again writes it anew, and
`unkept_folders` finds what nobody sent again.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from typing import Final

__all__ = [
    "OUTCOMES",
    "PLANS",
    "plan_folder",
    "probabilities_file",
    "remove_draft",
    "trial_folder",
    "unkept_folders",
    "upload_name",
    "working_drafts",
]

PLANS: Final = "plans"
OUTCOMES: Final = "outcomes"
"""Where uploaded files lie in the folder of their plan or trial."""

_TRIALS: Final = "trials"
_PROBABILITIES: Final = ".probabilities.parquet"
_BEGINNING: Final = 12
_NAME: Final = re.compile(rf"[0-9a-f]{{{_BEGINNING}}}")


def plan_folder(home: Path, plan: str) -> Path:
    """Where what belongs to the plan lies beside the ledger."""
    return home / PLANS / plan[:_BEGINNING]


def trial_folder(home: Path, trial: str) -> Path:
    """Where what belongs to the trial lies beside the ledger."""
    return home / _TRIALS / trial[:_BEGINNING]


def upload_name(sha256: str, kind: str) -> str:
    """What an uploaded file is called once it is kept: the sender's own name may name a person."""
    return f"{sha256[:16]}.{kind}"


def probabilities_file(draft: Path) -> Path:
    """Where a draft's table of everybody's probabilities stands: beside it.

    >>> probabilities_file(Path("plans/bht_use.json")).name
    'bht_use.probabilities.parquet'
    """
    return draft.with_name(f"{draft.stem}{_PROBABILITIES}")


def working_drafts(home: Path) -> tuple[Path, ...]:
    """The drafts that `plan` wrote under `home` and that have such a table. No ledger knows them."""
    tables = sorted((home / PLANS).glob(f"*{_PROBABILITIES}"))
    return tuple(table.with_name(f"{table.name.removesuffix(_PROBABILITIES)}.json") for table in tables)


def remove_draft(draft: Path) -> None:
    """Delete a draft, which can be drawn again, and its table, by which it is found: that goes last."""
    draft.unlink(missing_ok=True)
    probabilities_file(draft).unlink()


def unkept_folders(home: Path, plans: Collection[str]) -> tuple[Path, ...]:
    """Folders of plans that are none of `plans` (whole ids): drafts whose transaction never ended.

    A folder that holds more than a drawing frame is left out: its plan was kept, if perhaps in another ledger.
    """
    known = {plan[:_BEGINNING] for plan in plans}
    folders = (one for one in sorted((home / PLANS).glob("*")) if _NAME.fullmatch(one.name))
    return tuple(one for one in folders if one.name not in known and _only_a_frame(one))


def _only_a_frame(folder: Path) -> bool:
    return all(path.suffix in (".parquet", ".partial") for path in folder.iterdir())
