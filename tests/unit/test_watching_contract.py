"""The contract of a matrix partition: what is declared holds, or the column and the rows are named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd
import pytest

from targeting.domain import RefusedError, Target
from targeting.features import Feature, FeatureKind, features_for, load_families
from targeting.watching import check_contract
from tests.lib.small_country import number

_EVERY = features_for(Target.BHT_USE, load_families())


def _of_kind(kind: FeatureKind) -> Feature:
    return next(one for one in _EVERY if one.kind is kind and one.name not in ("industry", "county", "size_class"))


WHOLE, REAL, FLAG, CATEGORY = (_of_kind(kind) for kind in FeatureKind)
FEATURES = (WHOLE, REAL, FLAG, CATEGORY)


def frame(count: int = 6) -> pd.DataFrame:
    text = {name: pd.Series(["x"] * count, dtype="str") for name in ("industry", "county", "size_class", "legal_form")}
    return pd.DataFrame(
        {
            "establishment": pd.Series([number(place) for place in range(count)], dtype="str"),
            "enterprise": pd.Series([number(900)] * count, dtype="str"),
            "as_of": [date(2027, 1, 1)] * count,
            **text,
            WHOLE.name: [3.0, np.nan, *[7.0] * (count - 2)],
            REAL.name: [0.5, np.nan, *[-7.25] * (count - 2)],
            FLAG.name: [0.0, np.nan, *[1.0] * (count - 2)],
            CATEGORY.name: pd.Series([None, *["a"] * (count - 1)], dtype="str"),
        }
    )


def test_what_is_declared_passes_with_nulls_in_every_feature() -> None:
    check_contract(frame(), FEATURES)
    check_contract(frame().head(0), FEATURES)


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (lambda one: one.assign(**{WHOLE.name: 1.5}), f"{WHOLE.name}: a whole number broken in 6 of 6 rows"),
        (lambda one: one.assign(**{FLAG.name: [0.0, 1.0, 2.0, np.nan, -1.0, 1.0]}), f"{FLAG.name}: 0 or 1 broken in 2"),
        (lambda one: one.assign(**{REAL.name: np.inf}), f"{REAL.name}: a finite number broken in 6 of 6"),
        (lambda one: one.assign(**{WHOLE.name: 3}), WHOLE.name),
        (lambda one: one.assign(**{CATEGORY.name: 3.0}), CATEGORY.name),
        (lambda one: one.drop(columns=REAL.name), f"{REAL.name}: the column is there broken"),
        (
            lambda one: one.assign(enterprise=pd.Series([None] * 6, dtype="str")),
            "enterprise: no nulls broken in 6 of 6",
        ),
        (lambda one: one.assign(establishment=number(1), enterprise=number(2)), "unique keys broken"),
    ],
)
def test_what_breaks_it_is_named_with_its_rows(broken: Callable[[pd.DataFrame], pd.DataFrame], says: str) -> None:
    with pytest.raises(RefusedError) as refused:
        check_contract(broken(frame()), FEATURES, "partition 7")
    assert says in str(refused.value)
    assert "partition 7" in str(refused.value)


def test_many_broken_columns_are_counted() -> None:
    with pytest.raises(RefusedError, match=r"and \d+ more"):
        check_contract(
            frame().drop(columns=["industry", "county", "legal_form", WHOLE.name, REAL.name, FLAG.name]), FEATURES
        )
