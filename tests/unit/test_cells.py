from __future__ import annotations

import pytest

from targeting.sources.cells import (
    AMOUNT,
    COUNT,
    FLAG,
    INDUSTRY,
    MUNICIPALITY,
    SHARE,
    Cell,
    CellError,
    check_impersonal,
)
from targeting.sources.reading import RowError


@pytest.mark.parametrize(
    ("cell", "text", "value"),
    [
        (FLAG, "TRUE", True),
        (FLAG, "Ja", True),
        (FLAG, "1", True),
        (FLAG, "false", False),
        (FLAG, "nei", False),
        (FLAG, "0", False),
        (COUNT, "0", 0),
        (AMOUNT, "-12,5", -12.5),
        (SHARE, "0.25", 0.25),
        (INDUSTRY, "01.110", "01.110"),
        (INDUSTRY, "00.000", None),
        (MUNICIPALITY, "0301", "0301"),
    ],
)
def test_a_cell_is_read_as_its_kind(cell: Cell, text: str, value: object) -> None:
    assert cell.read(text) == value


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (FLAG, "kanskje"),
        (COUNT, "-1"),
        (COUNT, "1.0"),
        (COUNT, "٣"),
        (AMOUNT, "1e9"),
        (AMOUNT, "nan"),
        (SHARE, "1.01"),
        (INDUSTRY, "1110"),
        (MUNICIPALITY, "301"),
    ],
)
def test_anything_else_is_refused(cell: Cell, text: str) -> None:
    with pytest.raises(CellError):
        cell.read(text)


def test_a_uuid_is_no_person_but_digits_beside_it_are() -> None:
    digits = "0101" + "9012345"
    uuid = f"1f0e146c-e8aa-4b56-baf1-a{digits}"

    check_impersonal("id", uuid)
    with pytest.raises(RowError):
        check_impersonal("id", f"{uuid} {digits}")
    with pytest.raises(RowError):
        check_impersonal("id", f"sak-{digits}")
