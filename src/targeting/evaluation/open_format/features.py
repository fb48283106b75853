"""Every as-of feature of the open format, for any rows: training, test and the parity check use this one path."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from targeting.evaluation.open_format.attributes import attribute_columns, attributes_of
from targeting.evaluation.open_format.cells import to_texts
from targeting.evaluation.open_format.column import Column, declared
from targeting.evaluation.open_format.dataset import Dataset, day_number
from targeting.evaluation.open_format.event_history import MOST_KINDS, EventKind, event_history
from targeting.evaluation.open_format.group_rates import group_rates, group_severity
from targeting.evaluation.open_format.ledger import Asked, Keys, Ledger, ledger_of
from targeting.evaluation.open_format.own_history import own_history, severity_history
from targeting.features.family import Feature
from targeting.modelling.columns import Reals

__all__ = ["Built", "build_features", "event_kinds"]

_PRIOR_ROWS, _PRIOR_BREACHES = 20.0, 2.0


class Built(NamedTuple):
    """Features by name, one row per asked inspection, and their declarations; attributes as in the files."""

    frame: pd.DataFrame
    features: tuple[Feature, ...]
    attributes: pd.DataFrame


class _Visits(NamedTuple):
    """All inspections as arrays: establishment key, day, day known, result, and the attributes on the day."""

    keys: Keys
    days: np.ndarray
    known: np.ndarray
    breach: Reals
    severity: Reals | None
    attributes: pd.DataFrame


def event_kinds(data: Dataset) -> tuple[EventKind, ...]:
    """The kinds with columns of their own: a vocabulary, frozen when training ends."""
    known = data.events[data.events["known"] < day_number(data.settings.train.end)]
    about = known.groupby("kind")["value"].agg(["size", "nunique"])
    kinds = [(int(row["size"]), EventKind(str(name), bool(row["nunique"] > 1))) for name, row in about.iterrows()]
    most = sorted(kinds, key=lambda kind: (-kind[0], kind[1].name))[:MOST_KINDS]
    return tuple(sorted(kind for _, kind in most))


def build_features(data: Dataset, rows: np.ndarray, kinds: tuple[EventKind, ...]) -> Built:
    """Features of the inspections at the places `rows`, each from what was known strictly before its own day."""
    visits, event_keys = _visits(data)
    asked = Asked(visits.keys[rows], visits.days[rows])
    everybody = _running_rate(visits, asked.days)
    columns = [
        *_own(visits, asked, everybody),
        *_events(data, event_keys, asked, kinds),
        *_groups(data, visits, rows, asked, everybody),
        *attribute_columns(data, visits.attributes.iloc[rows].reset_index(drop=True), asked.days),
        *_calendar(asked.days, visits, everybody),
    ]
    frame = pd.DataFrame({column.feature.name: column.values for column in columns})
    return Built(
        frame, tuple(column.feature for column in columns), visits.attributes.iloc[rows].reset_index(drop=True)
    )


def _visits(data: Dataset) -> tuple[_Visits, Keys]:
    table, tables = data.inspections, (data.inspections, data.establishments, data.events)
    keys, _ = pd.factorize(pd.concat([one["establishment"] for one in tables], ignore_index=True))
    ends = np.cumsum([len(one) for one in tables])
    own, states, events = np.split(keys.astype(np.int64), ends[:-1])
    asked = Asked(own, table["day"].to_numpy())
    names = tuple(dict.fromkeys((*data.settings.attributes, *data.settings.nuisance)))
    attributes = attributes_of(data, asked, states, names)
    severity = table["severity"].to_numpy(dtype=np.float64) if "severity" in table else None
    breach = table["breach"].to_numpy(dtype=np.float64)
    return _Visits(own, asked.days, table["known"].to_numpy(), breach, severity, attributes), events


def _ledger(keys: Keys, days: np.ndarray, values: Reals) -> Ledger:
    there = ~np.isnan(values)
    return ledger_of(keys[there], days[there], values[there])


def _running_rate(visits: _Visits, days: np.ndarray) -> Reals:
    """Everybody's breach rate so far; a tenth before anything is known."""
    nobody = np.zeros(len(visits.keys), dtype=np.int64)
    count, total = _ledger(nobody, visits.known, visits.breach).sums_before(Asked(np.zeros(len(days), np.int64), days))
    return (total + _PRIOR_BREACHES) / (count + _PRIOR_ROWS)


def _running_severity(visits: _Visits, severity: Reals, days: np.ndarray) -> Reals:
    nobody = np.zeros(len(visits.keys), dtype=np.int64)
    count, total = _ledger(nobody, visits.known, severity).sums_before(Asked(np.zeros(len(days), np.int64), days))
    return total / np.maximum(count, 1.0)


def _own(visits: _Visits, asked: Asked, everybody: Reals) -> list[Column]:
    results = _ledger(visits.keys, visits.known, visits.breach)
    found = visits.breach == 1.0
    breaches = ledger_of(visits.keys[found], visits.known[found], visits.breach[found])
    seen = ledger_of(visits.keys, visits.known, np.ones(len(visits.keys)))
    columns = own_history(asked, results, breaches, seen, everybody)
    if visits.severity is None:
        return columns
    severities = _ledger(visits.keys, visits.known, visits.severity)
    return [*columns, *severity_history(asked, severities, _running_severity(visits, visits.severity, asked.days))]


def _events(data: Dataset, keys: Keys, asked: Asked, kinds: tuple[EventKind, ...]) -> list[Column]:
    columns = []
    known, values = data.events["known"].to_numpy(), data.events["value"].to_numpy(dtype=np.float64)
    named = data.events["kind"].to_numpy()
    for kind in kinds:
        own = named == kind.name
        columns.extend(event_history(asked, kind, ledger_of(keys[own], known[own].astype(np.int64), values[own])))
    return columns


def _groups(data: Dataset, visits: _Visits, rows: np.ndarray, asked: Asked, everybody: Reals) -> list[Column]:
    columns = []
    own = _ledger(visits.keys, visits.known, visits.breach).sums_before(asked)
    usual = None if visits.severity is None else _running_severity(visits, visits.severity, asked.days)
    for name in dict.fromkeys((*data.settings.group, *data.settings.categorical)):
        # An attribute that is not known makes no group: as in a group nobody has visited, everybody's rate holds.
        texts = to_texts(visits.attributes[name])
        codes = pd.factorize(texts.where(texts != ""))[0].astype(np.int64)
        of_group, grouped = Asked(codes[rows], asked.days), codes >= 0
        results = _ledger(codes, visits.known, np.where(grouped, visits.breach, np.nan))
        columns.extend(group_rates(name, of_group, results, own, everybody))
        if visits.severity is not None and usual is not None:
            severities = _ledger(codes, visits.known, np.where(grouped, visits.severity, np.nan))
            columns.append(group_severity(name, of_group, severities, usual))
    return columns


def _calendar(days: np.ndarray, visits: _Visits, everybody: Reals) -> list[Column]:
    nobody = np.zeros(len(visits.keys), dtype=np.int64)
    results = _ledger(nobody, visits.known, visits.breach)
    count, total = results.sums_before(Asked(np.zeros(len(days), np.int64), days), 365)
    moment = pd.to_datetime(days, unit="D")
    angle = 2.0 * np.pi * moment.day_of_year.to_numpy() / 365.25
    found = {
        "calendar_month": (moment.month.to_numpy(dtype=np.float64), "Måned", "Month"),
        "calendar_sine": (np.sin(angle), "Årstid, sinus", "Season, sine"),
        "calendar_cosine": (np.cos(angle), "Årstid, cosinus", "Season, cosine"),
        "calendar_weekday": (moment.day_of_week.to_numpy(dtype=np.float64), "Ukedag", "Weekday"),
        "overall_rate_1y": (
            (total + 20.0 * everybody) / (count + 20.0),
            "Alles bruddandel siste år",
            "Everybody's rate, 1y",
        ),
    }
    return [
        declared(name, values, title=(nb, en), theme="calendar", source="inspections.occurred_on")
        for name, (values, nb, en) in found.items()
    ]
