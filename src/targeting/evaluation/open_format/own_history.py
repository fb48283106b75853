"""What earlier visits to the same establishment found."""

from __future__ import annotations

import numpy as np

from targeting.evaluation.open_format.column import HALF_LIVES, WINDOWS, Column, declared
from targeting.evaluation.open_format.ledger import Asked, Ledger
from targeting.modelling.columns import Reals

__all__ = ["own_history", "severity_history"]

_THEME = "history"
_SOURCE = "inspections.breach"


def own_history(asked: Asked, results: Ledger, breaches: Ledger, visits: Ledger, overall: Reals) -> list[Column]:
    """Counts, shrunken rates, the latest results and the time since. `overall` is the running rate of everybody."""
    count, total = results.sums_before(asked)
    columns = [
        _own("own_inspections", count, "Tidligere kontroller med kjent utfall", "Earlier inspections with a result"),
        _own("own_breaches", total, "Tidligere brudd", "Earlier breaches"),
        _own("own_rate", (total + 1.0) / (count + 4.0), "Egen bruddandel, krympet", "Own breach rate, shrunken"),
        _own(
            "own_rate_to_overall",
            (total + 4.0 * overall) / (count + 4.0),
            "Egen bruddandel, krympet mot alle",
            "Own breach rate, shrunken toward everybody's",
        ),
    ]
    return [
        *columns,
        *_windows(asked, results),
        *_recency(asked, results, breaches, visits),
        *_decayed(asked, results, overall),
    ]


def _windows(asked: Asked, results: Ledger) -> list[Column]:
    columns = []
    for suffix in ("1y", "3y"):
        count, total = results.sums_before(asked, WINDOWS[suffix])
        columns.append(
            _own(f"own_inspections_{suffix}", count, f"Kontroller siste {suffix}", f"Inspections in {suffix}")
        )
        columns.append(_own(f"own_breaches_{suffix}", total, f"Brudd siste {suffix}", f"Breaches in {suffix}"))
    for number in (4, 8, 12):
        found = results.sums_of_last(asked, number)
        share = np.where(found.number > 0, found.total / np.maximum(found.number, 1.0), np.nan)
        columns.append(
            _own(f"own_rate_last_{number}", share, f"Bruddandel siste {number}", f"Breach rate in the last {number}")
        )
    return columns


def _recency(asked: Asked, results: Ledger, breaches: Ledger, visits: Ledger) -> list[Column]:
    last = [
        _own(f"own_last_{back}", results.value_of_last(asked, back), f"Utfall {back} siden", f"Result {back} back")
        for back in (1, 2, 3, 4)
    ]
    since = {
        "own_days_since_result": (results.days_since_last(asked), "Dager siden utfall", "Days since a result"),
        "own_days_since_result_2": (
            results.days_since_last(asked, 2),
            "Dager siden nest siste",
            "Days since the second last",
        ),
        "own_days_since_breach": (breaches.days_since_last(asked), "Dager siden brudd", "Days since a breach"),
        "own_days_since_visit": (visits.days_since_last(asked), "Dager siden besøk", "Days since a visit"),
        "own_days_known": (visits.days_since_first(asked), "Dager siden første besøk", "Days since the first visit"),
    }
    return [*last, *(_own(name, values, nb, en) for name, (values, nb, en) in since.items())]


def _decayed(asked: Asked, results: Ledger, overall: Reals) -> list[Column]:
    columns = []
    for half_life in HALF_LIVES:
        count, total = results.decayed(asked, half_life)
        columns.append(
            _own(
                f"own_rate_half_{half_life}d",
                (total + overall) / (count + 1.0),
                f"Bruddandel, halvert per {half_life} dager",
                f"Breach rate, halved every {half_life} days",
            )
        )
    return columns


def severity_history(asked: Asked, severities: Ledger, overall: Reals) -> list[Column]:
    """How severe earlier visits were. `overall` is the running mean severity of everybody."""
    count, total = severities.sums_before(asked)
    mean = np.where(count > 0, total / np.maximum(count, 1.0), np.nan)
    columns = [
        _severity("severity_mean", mean, "Middels alvor", "Mean severity"),
        _severity(
            "severity_shrunken", (total + 2.0 * overall) / (count + 2.0), "Middels alvor, krympet", "Mean, shrunken"
        ),
    ]
    lasts = [severities.value_of_last(asked, back) for back in (1, 2, 3, 4)]
    for back, values in enumerate(lasts[:3], 1):
        columns.append(_severity(f"severity_last_{back}", values, f"Alvor {back} siden", f"Severity {back} back"))
    for half_life in HALF_LIVES:
        weight, sums = severities.decayed(asked, half_life)
        shrunken = (sums + overall) / (weight + 1.0)
        columns.append(
            _severity(
                f"severity_half_{half_life}d", shrunken, f"Alvor, halvert {half_life} d", f"Halved each {half_life} d"
            )
        )
    for suffix, days in WINDOWS.items():
        count, total = severities.sums_before(asked, days)
        columns.append(
            _severity(f"severity_sum_{suffix}", total, f"Sum alvor {suffix}", f"Severity summed over {suffix}")
        )
        columns.append(_severity(f"severity_visits_{suffix}", count, f"Besøk {suffix}", f"Visits in {suffix}"))
    return [*columns, *_spread(lasts)]


def _spread(lasts: list[Reals]) -> list[Column]:
    """Least, greatest and spread of the last four; a spread needs two."""
    stacked = np.stack(lasts)
    known = (~np.isnan(stacked)).sum(axis=0)
    least = np.where(known > 0, np.nanmin(np.where(np.isnan(stacked), np.inf, stacked), axis=0), np.nan)
    most = np.where(known > 0, np.nanmax(np.where(np.isnan(stacked), -np.inf, stacked), axis=0), np.nan)
    centred = np.where(np.isnan(stacked), 0.0, stacked - np.nansum(stacked, axis=0) / np.maximum(known, 1))
    spread = np.where(known > 1, np.sqrt((centred**2).sum(axis=0) / np.maximum(known, 1)), np.nan)
    return [
        _severity("severity_least_of_4", least, "Minste alvor av fire", "Least severity of the last four"),
        _severity("severity_most_of_4", most, "Største alvor av fire", "Greatest severity of the last four"),
        _severity("severity_spread", spread, "Spredning i alvor", "Spread of the last four severities"),
    ]


def _own(name: str, values: Reals, nb: str, en: str) -> Column:
    return declared(name, values, title=(nb, en), theme=_THEME, source=_SOURCE)


def _severity(name: str, values: Reals, nb: str, en: str) -> Column:
    return declared(name, values, title=(nb, en), theme="severity", source="inspections.severity")
