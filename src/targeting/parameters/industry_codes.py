"""Which five-digit codes each industry standard has."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from targeting.domain import Standard
from targeting.parameters.document import Dated, read

__all__ = ["CODES"]


class _Codes(Dated):
    title: str
    unit: str
    sn2007: dict[str, str]
    sn2025: dict[str, str]


def _of(divisions: Mapping[str, str]) -> frozenset[str]:
    return frozenset(f"{division}.{rest}" for division, all_rests in divisions.items() for rest in all_rests.split())


_FILE = read("industry_codes.toml", _Codes)

CODES: Mapping[Standard, frozenset[str]] = MappingProxyType(
    {Standard.SN2007: _of(_FILE.sn2007), Standard.SN2025: _of(_FILE.sn2025)}
)
"""Every code by standard.

>>> [("88.911" in codes, "88.991" in codes) for codes in CODES.values()]
[(True, True), (False, True)]
"""
