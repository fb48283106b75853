"""A data set of the open format: three Parquet files and their settings, checked at the door."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from targeting.domain import BadInputError
from targeting.evaluation.open_format.cells import ALWAYS, to_days, to_numbers, to_texts
from targeting.evaluation.open_format.settings import Settings, read_settings

__all__ = ["Dataset", "day_number", "read_dataset"]

_INSPECTIONS: Final = ("inspection", "establishment", "occurred_on", "breach")
_EVENTS: Final = ("establishment", "occurred_on", "kind")


@dataclass(frozen=True)
class Dataset:
    """Checked tables. `day` and `known` are whole days since 1970-01-01; `known` is never before `day`.

    `establishments`: one row per (establishment, known): `establishment`, `known` and attributes as in the file.
    `inspections`: one row per inspection, oldest first: `inspection`, `establishment`, `day`, `known`, `breach`
    (1, 0, NaN unknown), `severity` (only where the file has it) and attributes. `events`: `establishment`, `day`,
    `known`, `kind`, `value` (1 when null). `remarks` are departures from the format that could be lived with.
    """

    settings: Settings
    establishments: pd.DataFrame
    inspections: pd.DataFrame
    events: pd.DataFrame
    remarks: tuple[str, ...]

    def before(self, day: int) -> Dataset:
        """The data set as it was known at the start of `day`; inspections of that day remain, without outcome."""
        visits = self.inspections
        todays = visits[(visits["day"] == day) | ((visits["day"] < day) & (visits["known"] >= day))]
        blank = todays.assign(
            breach=np.nan, known=ALWAYS * -1, **({"severity": np.nan} if "severity" in visits else {})
        )
        return replace(
            self,
            establishments=self.establishments[self.establishments["known"] < day],
            inspections=pd.concat([visits[visits["known"] < day], blank], ignore_index=True),
            events=self.events[self.events["known"] < day],
        )


def day_number(day: object) -> int:
    """A date as whole days since 1970-01-01."""
    return int(np.datetime64(str(day), "D").astype(np.int64))


def read_dataset(folder: Path) -> Dataset:
    """The data set in `folder`; `BadInputError` says which file, column or value is not as the format says."""
    settings = read_settings(folder)
    establishments = _establishments(_table(folder, "establishments", ("establishment",)))
    inspections = _inspections(_table(folder, "inspections", _INSPECTIONS))
    _check_columns(settings, establishments, inspections)
    remarks = (*settings.remarks, *_remarks(establishments, inspections))
    return Dataset(settings, establishments, inspections, _events(folder), remarks)


def _table(folder: Path, name: str, required: tuple[str, ...]) -> pd.DataFrame:
    path = folder / f"{name}.parquet"
    if not path.is_file():
        raise BadInputError(expected=f"a file {path.name}", got="no such file", where=folder.name)
    try:
        table = pd.read_parquet(path)
    except (OSError, ValueError) as cause:
        raise BadInputError(expected="a Parquet file", got=str(cause), where=path.name) from cause
    if absent := [column for column in required if column not in table]:
        raise BadInputError(
            expected=f"a column {absent[0]}", got=f"the columns {', '.join(map(str, table))}", where=path.name
        )
    return table.reset_index(drop=True)


def _establishments(table: pd.DataFrame) -> pd.DataFrame:
    """`known_on` null, or no such column: known from the start."""
    known = np.full(len(table), ALWAYS)
    if "known_on" in table:
        known = to_days(table["known_on"], "establishments.parquet: known_on", ALWAYS)
    kept = table.drop(columns=["known_on"], errors="ignore")
    return kept.assign(establishment=to_texts(table["establishment"]), known=known)


def _inspections(table: pd.DataFrame) -> pd.DataFrame:
    dated = _dated(table, "inspections.parquet")
    breach = to_numbers(table["breach"], "inspections.parquet: breach")
    if not np.isin(breach[~np.isnan(breach)], (0.0, 1.0)).all():
        odd = sorted(set(breach[~np.isnan(breach)].tolist()) - {0.0, 1.0})[0]
        raise BadInputError(expected="0, 1 or null", got=repr(odd), where="inspections.parquet: breach")
    checked = dated.assign(inspection=to_texts(table["inspection"]), breach=breach)
    if "severity" in table:
        checked = checked.assign(severity=to_numbers(table["severity"], "inspections.parquet: severity"))
    # A fixed order makes "the one before" mean the same whatever the order of the file.
    return checked.sort_values(["known", "day", "inspection"], kind="stable", ignore_index=True)


def _events(folder: Path) -> pd.DataFrame:
    if not (folder / "events.parquet").exists():
        return pd.DataFrame({"establishment": [], "day": [], "known": [], "kind": [], "value": []})
    table = _table(folder, "events", _EVENTS)
    value = to_numbers(table["value"], "events.parquet: value") if "value" in table else np.full(len(table), np.nan)
    checked = _dated(table, "events.parquet").assign(
        kind=to_texts(table["kind"]), value=np.where(np.isnan(value), 1.0, value)
    )
    return checked.sort_values(["known", "day", "kind", "value"], kind="stable", ignore_index=True)


def _dated(table: pd.DataFrame, file: str) -> pd.DataFrame:
    """With `day` and `known`. Null `known_on` is the same day, and nothing is known before it happened."""
    day = to_days(table["occurred_on"], f"{file}: occurred_on")
    known = day if "known_on" not in table else to_days(table["known_on"], f"{file}: known_on", ALWAYS)
    kept = table.drop(columns=["known_on", "occurred_on"], errors="ignore")
    return kept.assign(establishment=to_texts(table["establishment"]), day=day, known=np.maximum(known, day))


def _check_columns(settings: Settings, establishments: pd.DataFrame, inspections: pd.DataFrame) -> None:
    reserved = {"establishment", "inspection", "day", "known", "known_on", "occurred_on", "breach", "severity"}
    have = (set(establishments) | set(inspections)) - reserved
    for name in (*settings.attributes, *settings.nuisance):
        if name not in have:
            raise BadInputError(
                expected=f"a column {name} (named in dataset.toml)",
                got=f"the columns {', '.join(sorted(map(str, have))) or 'of the format only'}",
                where="establishments.parquet and inspections.parquet",
                do="correct the list, or add the column",
            )


def _remarks(establishments: pd.DataFrame, inspections: pd.DataFrame) -> tuple[str, ...]:
    found = {
        "inspection ids occur more than once": inspections["inspection"].duplicated(),
        "rows of establishments.parquet repeat (establishment, known_on); the last counts": establishments.duplicated(
            ["establishment", "known"]
        ),
        "inspections are of establishments that establishments.parquet lacks": ~inspections["establishment"].isin(
            set(establishments["establishment"])
        ),
    }
    return tuple(f"{int(rows.sum())} {what}" for what, rows in found.items() if rows.any())
