"""The register at the end of one quarter, looked up once for all lines of its files."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from targeting.sources.synthetic.arrays import Ints
from targeting.sources.synthetic.filings import Accounts
from targeting.sources.synthetic.register import Register

__all__ = ["Entries", "entries_at"]


@dataclass(frozen=True)
class Entries:
    """Current values, one entry an establishment or enterprise."""

    register: Register
    q: int
    code: Ints
    municipality: Ints
    address: Ints
    owner: Ints
    employees: Ints  # of every establishment, 0 outside the workplaces
    enterprise_employees: Ints
    accounts_year: npt.NDArray[np.int64]  # of every enterprise, 0 if none is known
    audit_waived: npt.NDArray[np.bool_]


def entries_at(register: Register, accounts: Accounts, q: int) -> Entries:
    """Everything the lines of quarter `q` need."""
    employees = np.zeros(len(register.places.born), dtype=np.int64)
    employees[: register.places.workplaces] = register.count(q)
    newest, any_year = accounts.newest(q)
    year = np.zeros(len(register.enterprises.born), dtype=np.int64)
    year[accounts.enterprise] = np.where(any_year, 2014 + newest, 0)
    waived = np.zeros(len(year), dtype=bool)
    waived[accounts.enterprise] = accounts.audit_waived
    return Entries(
        register=register,
        q=q,
        code=register.code(q),
        municipality=register.municipality(q),
        address=register.address(q),
        owner=register.owner(q),
        employees=employees,
        enterprise_employees=register.enterprise_count(q),
        accounts_year=year,
        audit_waived=waived,
    )
