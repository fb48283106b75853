"""How a row's group (its industry, region, owner) has fared so far, with and without its own establishment."""

from __future__ import annotations

import numpy as np

from targeting.evaluation.open_format.column import Column, declared
from targeting.evaluation.open_format.ledger import Asked, Ledger, Sums
from targeting.modelling.columns import Reals

__all__ = ["group_rates", "group_severity"]

_PRIOR = 20.0
_YEAR = 365
_ENOUGH = 1000.0


def group_rates(name: str, asked: Asked, results: Ledger, own: Sums, overall: Reals) -> list[Column]:
    """Running breach rates of the group, shrunken toward `overall` with twenty pseudo-inspections."""
    count, total = results.sums_before(asked)
    # An establishment may have changed group: then not all of its own results are among the group's.
    others = Sums(np.maximum(count - own.number, 0.0), np.maximum(total - own.total, 0.0))
    rate = (total + _PRIOR * overall) / (count + _PRIOR)
    year = results.sums_before(asked, _YEAR)
    return [
        _group(f"group_{name}_rate", rate, name, "bruddandel hittil", "breach rate so far"),
        # Beyond a thousand the count tells the calendar, not how well the rate is known.
        _group(
            f"group_{name}_inspections", np.minimum(count, _ENOUGH), name, "kontroller hittil", "inspections so far"
        ),
        _group(
            f"group_{name}_others",
            (others.total + _PRIOR * overall) / (others.number + _PRIOR),
            name,
            "bruddandel hos de andre",
            "breach rate of the others",
        ),
        _group(
            f"group_{name}_rate_1y",
            (year.total + _PRIOR * rate) / (year.number + _PRIOR),
            name,
            "bruddandel siste år",
            "breach rate of the last year",
        ),
    ]


def group_severity(name: str, asked: Asked, severities: Ledger, overall: Reals) -> Column:
    """Running mean severity of the group, shrunken toward everybody's."""
    count, total = severities.sums_before(asked)
    mean = (total + _PRIOR * overall) / (count + _PRIOR)
    return _group(f"group_{name}_severity", mean, name, "middels alvor hittil", "mean severity so far")


def _group(name: str, values: Reals, group: str, nb: str, en: str) -> Column:
    return declared(name, values, title=(f"{group}: {nb}", f"{group}: {en}"), theme="groups", source=f"group {group}")
