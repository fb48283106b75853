"""Which approval registers an industry must be in."""

from __future__ import annotations

from datetime import date, timedelta

from targeting.domain import IndustryCode, Scheme, Standard
from targeting.parameters.document import Dated, Parameter, in_force, read

__all__ = ["duties", "tells_from"]


class _SchemeRule(Dated):
    scheme: Scheme
    sn2007: tuple[str, ...]
    sn2025: tuple[str, ...]

    def covers(self, code: IndustryCode) -> bool:
        """Whether `code`, in its own standard, falls under the scheme."""
        return any(code.within(prefix) for prefix in (self.sn2007 if code.standard is Standard.SN2007 else self.sn2025))


class _Schemes(Parameter):
    title: str
    unit: str
    filling_days: int
    scheme: tuple[_SchemeRule, ...]


_SCHEMES = read("approval_schemes.toml", _Schemes)


def duties(code: IndustryCode, on: date) -> tuple[Scheme, ...]:
    """The registers that `code` must be in on `on`; empty when none.

    >>> duties(IndustryCode("78.200", Standard.SN2025), date(2024, 1, 1))
    (<Scheme.AGENCY: 'agency'>,)
    """
    return tuple(rule.scheme for rule in in_force(_SCHEMES.scheme, on) if rule.covers(code))


def tells_from(scheme: Scheme) -> date | None:
    """The day from which who is not in the register of `scheme` is missing from it; None without a mandatory industry.

    >>> tells_from(Scheme.AGENCY)
    datetime.date(2024, 12, 31)
    """
    begun = min((rule.from_ for rule in _SCHEMES.scheme if rule.scheme is scheme), default=None)
    return begun + timedelta(days=_SCHEMES.filling_days) if begun else None
