"""What enterprises file: annual accounts, roles, approvals; and what of it is known when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from targeting.domain import Scheme
from targeting.sources.synthetic.arrays import NEVER, Flags, Ints, Reals
from targeting.sources.synthetic.assumptions import industries, rate
from targeting.sources.synthetic.changes import EXPOSED
from targeting.sources.synthetic.population import AS, NUF
from targeting.sources.synthetic.randomness import stream
from targeting.sources.synthetic.register import Register
from targeting.sources.synthetic.timeline import APPROVAL_OF_AGENCIES, QUARTERS

__all__ = [
    "ACCOUNT_YEARS",
    "APPROVED_INDUSTRIES",
    "Accounts",
    "Approval",
    "Roles",
    "build_accounts",
    "build_approvals",
    "build_roles",
]

ACCOUNT_YEARS: Final = range(2014, 2026)
APPROVED_INDUSTRIES: Final = {Scheme.CLEANING: "81.2", Scheme.CAR_CARE: "45.200", Scheme.AGENCY: "78.2"}
"""The SN2007 codes of those who must be in each register."""


@dataclass(frozen=True)
class Accounts:
    """Enterprises x years 2014 to 2025. `known` is the quarter in which a year's accounts became known, or `NEVER`."""

    enterprise: Ints  # index of each filer
    place: Ints  # for every enterprise its row here, -1 none
    known: npt.NDArray[np.int16]
    revenue: npt.NDArray[np.float32]
    margin: npt.NDArray[np.float32]
    payroll: npt.NDArray[np.float32]
    equity: npt.NDArray[np.float32]  # share of assets
    assets: npt.NDArray[np.float32]
    empty: npt.NDArray[np.bool_]
    usd: Flags
    payroll_line: Flags
    audit_waived: Flags

    def newest(self, q: int) -> tuple[Ints, Flags]:
        """For each filer the place of the newest year known at the end of quarter `q`, and whether there is one."""
        seen = (self.known <= q) & ~self.empty
        return seen.shape[1] - 1 - np.argmax(seen[:, ::-1], axis=1), np.asarray(seen.any(axis=1))


@dataclass(frozen=True)
class Roles:
    """Filers x years 2015 to 2026: counts as they stand on 31 December of the year."""

    board: Ints
    managers: npt.NDArray[np.int8]
    boards: npt.NDArray[np.int8]
    auditor: Flags
    accountant: Flags
    bankruptcies: npt.NDArray[np.int8]


@dataclass(frozen=True)
class Approval:
    """One register: the enterprises in it, since when, and whether they are approved."""

    scheme: Scheme
    since: int  # quarter the scheme came into force
    enterprise: Ints
    decided: Ints  # quarter
    status: Ints  # place in the scheme's words


def build_accounts(register: Register, seed: int) -> Accounts:
    """Accounts of companies with employees and of a fifth of the others; ENK and public bodies never file."""
    random = stream(seed, "accounts")
    enterprise = _filers(register, random)
    place = np.full(len(register.enterprises.born), -1, dtype=np.int64)
    place[enterprise] = np.arange(len(enterprise))
    shape = (len(enterprise), len(ACCOUNT_YEARS))
    employees = _year_end_employees(register, enterprise)
    output = np.exp(random.normal(14.2, 0.5, len(enterprise)))[:, None] * np.exp(random.normal(0, 0.12, shape))
    revenue = np.minimum(np.maximum(employees, 0.4) * output, 9.0e9)
    equity = _equity(random, register, enterprise)
    small = employees[:, 0] < 10
    return Accounts(
        enterprise=enterprise,
        place=place,
        known=_known(random, register, enterprise),
        revenue=revenue.astype(np.float32),
        margin=(random.normal(0.05, 0.08, shape) + 0.15 * (equity - 0.3)).astype(np.float32),
        payroll=(revenue * np.clip(random.normal(0.32, 0.1, shape), 0.02, 0.85)).astype(np.float32),
        equity=equity,
        assets=(revenue * np.exp(random.normal(-0.4, 0.3, shape))).astype(np.float32),
        empty=random.random(shape) < rate("accounts.empty"),
        usd=random.random(len(enterprise)) < rate("accounts.usd"),
        payroll_line=random.random(len(enterprise)) >= rate("accounts.no_payroll_line"),
        audit_waived=small & (random.random(len(enterprise)) < rate("accounts.audit_waived_small")),
    )


def _filers(register: Register, random: np.random.Generator) -> Ints:
    enterprises, places = register.enterprises, register.places
    idle = ~enterprises.group & (places.size[np.maximum(enterprises.only_child, 0)] == 0)
    files = (enterprises.form == AS) | ((enterprises.form == NUF) & (random.random(len(idle)) < 0.4))
    seen = ~idle | (random.random(len(idle)) < rate("accounts.idle_filers"))
    return np.flatnonzero(files & seen)


def _year_end_employees(register: Register, enterprise: Ints) -> Reals:
    columns = [register.enterprise_count(max(4 * (year - 2015) - 1, -1))[enterprise] for year in ACCOUNT_YEARS]
    return np.stack(columns, axis=1).astype(np.float64)


def _equity(random: np.random.Generator, register: Register, enterprise: Ints) -> npt.NDArray[np.float32]:
    """Equity ratio by year: slow, and falling in the two years before a bankruptcy."""
    keep = rate("accounts.equity_persistence")
    ratio = np.zeros((len(enterprise), len(ACCOUNT_YEARS)))
    now = random.normal(0, 0.28, len(enterprise))
    failed_in = 2016 + register.failures.bankrupt[enterprise] // 4
    for place, year in enumerate(ACCOUNT_YEARS):
        now = keep * now + random.normal(0, 0.28 * np.sqrt(1 - keep**2), len(enterprise))
        trouble = np.clip(year - failed_in + 3, 0, 2) * rate("accounts.trouble_before_bankruptcy")
        ratio[:, place] = np.clip(0.32 + now - trouble, -1.5, 0.95)
    return ratio.astype(np.float32)


def _known(random: np.random.Generator, register: Register, enterprise: Ints) -> npt.NDArray[np.int16]:
    """Third quarter of the next year, later when late, never when missing; and only while the enterprise lives."""
    late_filer = random.random(len(enterprise)) < 0.15
    shape = (len(enterprise), len(ACCOUNT_YEARS))
    due = (np.array(ACCOUNT_YEARS) - 2015) * 4 + 2
    early = random.random(shape) < 0.30
    late = random.random(shape) < rate("accounts.late") + 0.35 * late_filer[:, None]
    known = due - early + late * random.integers(1, 4, shape)
    missing = random.random(shape) < rate("accounts.missing_year") + 0.15 * late_filer[:, None]
    missing |= (random.random(len(enterprise)) < rate("accounts.never"))[:, None]
    born, died = register.enterprises.born[enterprise], register.enterprises.died[enterprise]
    year = np.array(ACCOUNT_YEARS)
    existed = (register.enterprises.registered_on[enterprise] // 365.25 + 1970)[:, None] <= year
    alive = (known < died[:, None]) & ((known > born[:, None]) | (born < 0)[:, None]) & existed
    known = np.where(alive & ~missing & (known < QUARTERS), np.maximum(known, -1), NEVER)
    return known.astype(np.int16)


def build_roles(register: Register, accounts: Accounts, seed: int) -> Roles:
    """Boards, managers, auditors and accountants of the filers; counts without persons."""
    random = stream(seed, "roles")
    count = len(accounts.enterprise)
    shape = (count, 12)
    unrest = random.gamma(0.6, 1 / 0.6, count)[:, None]
    exposed = np.isin(register.enterprises.section[accounts.enterprise], EXPOSED)
    failed = np.where(exposed, rate("roles.bankruptcies_exposed"), rate("roles.bankruptcies"))
    history = random.poisson(failed[:, None] * np.where(random.random(shape) < 0.9, 1.0, 2.0))
    steady = random.random(count)[:, None] < 0.85
    return Roles(
        board=1 + random.poisson(1.2, count),
        managers=random.poisson(rate("roles.manager_changes") * unrest, shape).astype(np.int8),
        boards=random.poisson(rate("roles.board_changes") * unrest, shape).astype(np.int8),
        auditor=~accounts.audit_waived,
        accountant=random.random(count) >= rate("roles.no_accountant"),
        bankruptcies=np.where(steady, history[:, :1], history).astype(np.int8),
    )


def build_approvals(register: Register, seed: int) -> tuple[Approval, ...]:
    """Who is in the approval registers: most that must be, with the date of the decision.

    Whoever runs an establishment of a scheme's industry must be, whatever its own main activity or legal form, from
    the day it begins or the scheme does.
    """
    random = stream(seed, "approvals")
    code = register.places.code[np.maximum(register.enterprises.only_child, 0)]
    child = np.where(register.enterprises.group, register.enterprises.code, code)
    schemes = (
        (Scheme.CLEANING, -1, rate("approvals.cleaning_unapproved")),
        (Scheme.CAR_CARE, 28, rate("approvals.car_care_unapproved")),
        (Scheme.AGENCY, APPROVAL_OF_AGENCIES, rate("approvals.agency_unapproved")),
    )
    entered = _entered(register, tuple(APPROVED_INDUSTRIES[scheme] for scheme, _, _ in schemes))
    built = []
    for (scheme, since, unapproved), first in zip(schemes, entered, strict=True):
        members = np.flatnonzero(first < NEVER)
        fate = random.random(len(members)) / unapproved
        absent, refused = fate < 0.6, (fate >= 0.6) & (fate < 1)
        decided = np.maximum(first[members], since) + random.integers(0, 3, len(members))
        status = np.where(refused, 2, random.integers(0, 2, len(members)))
        listed = ~absent
        built.append(Approval(scheme, since, members[listed], decided[listed], status[listed]))
    relieved = np.flatnonzero(
        (random.random(len(child)) < rate("approvals.dispensation")) & (industries().duty_before[child] > 0)
    )
    partial = random.random(len(relieved)) < rate("approvals.dispensation_partial")
    granted = random.integers(-1, QUARTERS, len(relieved))
    built.append(Approval(Scheme.BHT_DISPENSATION, -1, relieved, granted, partial.astype(np.int64)))
    return tuple(built)


def _entered(register: Register, prefixes: tuple[str, ...]) -> Ints:
    """Industries x enterprises: the first quarter in which one runs an establishment of the industry, or `NEVER`."""
    wanted = [industries().where(prefix) for prefix in prefixes]
    first = np.full((len(prefixes), len(register.enterprises.born)), NEVER, dtype=np.int64)
    for q in reversed(range(-1, QUARTERS)):
        code, owner, living = register.code(q), register.owner(q), register.living(q)
        for row, one in zip(first, wanted, strict=True):
            row[owner[one[code] & living]] = q
    return first
