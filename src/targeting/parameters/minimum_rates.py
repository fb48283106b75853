"""Generally applied minimum hourly rates by sector and category."""

from __future__ import annotations

from datetime import date

from targeting.parameters.document import Dated, Parameter, in_force, read

__all__ = ["rates"]


class _RateTable(Dated):
    sectors: dict[str, dict[str, float]]


class _Rates(Parameter):
    title: str
    unit: str
    rates: tuple[_RateTable, ...]


_RATES = read("minimum_rates.toml", _Rates)


def rates(sector: str, on: date) -> dict[str, float]:
    """NOK per hour by category for `sector` on `on`; empty when no rate is known for that day.

    >>> rates("road_freight", date(2025, 6, 15)), rates("road_freight", date(2025, 6, 14))
    ({'adult': 229.0}, {})
    """
    tables = in_force(_RATES.rates, on)
    return dict(max(tables, key=lambda one: one.from_).sectors.get(sector, {})) if tables else {}
