"""A dozen of the same features in pandas: `merge_asof` for states, `groupby` for counts, as one would in a notebook."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Final, NamedTuple

import pandas as pd

from targeting.domain import AsOf
from targeting.snapshots import Store
from targeting.tables import Accounts, Enterprises, Establishments, Findings, Inspections, Table

__all__ = ["PandasFloor", "pandas_floor"]

_YEAR: Final = pd.DateOffset(years=1)
Frame = pd.DataFrame


class PandasFloor(NamedTuple):
    """How long the columns took, reading the files included, and how many there are."""

    seconds: float
    columns: int


def pandas_floor(store: Store, as_of: AsOf, members: Path) -> PandasFloor:
    """The columns for the establishments of `members` (a Parquet file with `establishment` and `enterprise`)."""
    begun = time.perf_counter()
    rows = pd.read_parquet(members, columns=["establishment", "enterprise"])
    rows["as_of"] = pd.Timestamp(as_of.day)
    found = pd.concat(
        [_workforce(store, rows), _history(store, rows), _accounts(store, rows)], axis="columns", join="inner"
    )
    return PandasFloor(time.perf_counter() - begun, found.shape[1])


def _read(store: Store, table: type[Table], columns: list[str]) -> Frame:
    """The columns of every file of a table, days as timestamps, in the order they became known."""
    parts = [pd.read_parquet(path, columns=[*columns, "known_on"]) for path in store.paths(table)]
    frame = pd.concat(parts, ignore_index=True)
    for name in [one for one in frame.columns if one.endswith("_on")]:
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[s]")
    return frame.sort_values("known_on", kind="stable")


def _state(rows: Frame, history: Frame, by: str, back: pd.DateOffset | None = None) -> Frame:
    """The newest row of each unit known before the day (or `back` before it), in the order of `rows`."""
    asked = rows[[by, "as_of"]].astype({"as_of": "datetime64[s]"})
    asked = asked.assign(as_of=asked["as_of"] - back if back is not None else asked["as_of"], place=range(len(asked)))
    known = history.drop_duplicates([by, "known_on"], keep="last")
    found = pd.merge_asof(
        asked.dropna(subset=[by]), known, left_on="as_of", right_on="known_on", by=by, allow_exact_matches=False
    )
    return found.set_index("place").reindex(range(len(rows)))


def _workforce(store: Store, rows: Frame) -> Frame:
    own = _read(store, Establishments, ["establishment", "employees", "industry_code", "municipality", "started_on"])
    owner = _read(store, Enterprises, ["enterprise", "employees", "form", "sector_code"])
    now, before = _state(rows, own, "establishment"), _state(rows, own, "establishment", _YEAR)
    above = _state(rows, owner, "enterprise")
    return pd.DataFrame(
        {
            "employees": now["employees"],
            "change": now["employees"] - before["employees"],
            "recoded": now["industry_code"] != before["industry_code"],
            "county": now["municipality"].str[:2],
            "age": (rows["as_of"].to_numpy() - now["started_on"]).dt.days,
            "owner_employees": above["employees"],
            "form": above["form"],
            "sector": above["sector_code"],
        }
    )


def _history(store: Store, rows: Frame) -> Frame:
    day = rows["as_of"].iloc[0]
    visits = _read(store, Inspections, ["inspection", "establishment", "occurred_on"])
    visits = visits[visits["known_on"] < day].drop_duplicates("inspection", keep="last")
    answers = _read(store, Findings, ["inspection", "control_point", "answer"])
    answers = answers[answers["known_on"] < day].drop_duplicates(["inspection", "control_point"], keep="last")
    breaches = (answers["answer"] == "breach").groupby(answers["inspection"]).sum().rename("breaches")
    told = visits.merge(breaches, left_on="inspection", right_index=True, how="left").sort_values("occurred_on")
    recent = told[told["occurred_on"] >= day - pd.DateOffset(years=3)]
    groups, last = told.groupby("establishment"), recent.groupby("establishment")
    columns: dict[str, Any] = {
        "inspections": groups.size(),
        "inspections_3y": last.size(),
        "days_since": (day - groups["occurred_on"].max()).dt.days,
        "last_breaches": groups["breaches"].last(),
        "breaches_3y": last["breaches"].sum(),
    }
    return pd.DataFrame(columns).reindex(rows["establishment"]).reset_index(drop=True)


def _accounts(store: Store, rows: Frame) -> Frame:
    names = ["enterprise", "year", "kind", "equity", "assets", "current_assets", "current_debt", "revenue"]
    filed = _read(store, Accounts, names)
    filed = filed[(filed["known_on"] < rows["as_of"].iloc[0]) & (filed["kind"] == "company")]
    newest = filed.sort_values(["year", "known_on"], kind="stable").groupby("enterprise").last()
    found = newest.reindex(rows["enterprise"]).reset_index(drop=True)
    ratios = {
        "solidity": found["equity"] / found["assets"],
        "liquidity": found["current_assets"] / found["current_debt"],
    }
    return pd.DataFrame(ratios | {"revenue": found["revenue"]})
