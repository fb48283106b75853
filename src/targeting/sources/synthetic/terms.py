"""The register's own state of every workplace on a quarter's first day, as the terms that push its truth.

Every term is a function of what the files of earlier quarters show (known before that day); none of it is noise-free
knowledge that a reader of the files could not have. `TERMS` fixes their order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from targeting.sources.synthetic.arrays import NEVER, Flags, Ints, Reals
from targeting.sources.synthetic.assumptions import SECTIONS, geography, industries
from targeting.sources.synthetic.changes import EXPOSED
from targeting.sources.synthetic.filings import (
    APPROVED_INDUSTRIES,
    Accounts,
    Approval,
    Roles,
    build_accounts,
    build_approvals,
    build_roles,
)
from targeting.sources.synthetic.population import AS, ENK, NUF, PUBLIC_FORMS
from targeting.sources.synthetic.register import Register, build_register
from targeting.sources.synthetic.timeline import BAN_OF_HIRING, NEW_BHT_LIST, QUARTERS, RULES_2020, year_of
from targeting.sources.synthetic.workforce import Pay, build_pay

__all__ = ["TERMS", "State", "World", "build_world", "state_at"]

TERMS: Final = (
    "tiny",  # 1-4 employees
    "small",  # 5-9
    "large",  # 50 or more
    "large_care",  # 50 or more in education, health and social work
    "size_wave",  # a wave over log size: no straight line fits it
    "size_exposed",  # log size in exposed sections
    "young",  # younger than three years
    "young_small",  # younger than two years and fewer than ten employees
    "young_group",  # younger than two years, but of a chain
    "settled",  # fades in with age
    "old_single",  # twenty years or more, one establishment, fewer than 20 employees
    "boom",  # more than a quarter more employees than a year ago
    "bust",  # a fifth fewer
    "boom_thin",  # boom on thin equity
    "thin",  # equity below a tenth of assets in the newest accounts
    "thin_care",  # the same in education, health and social work
    "loss_exposed",  # loss in an exposed section
    "accounts_missing",  # an AS older than two years without accounts of the last two years
    "audit_waived_bulky",  # audit waived at ten or more employees
    "new_owner",  # within a year
    "moved",  # new address or name within a year
    "crowded",  # five or more companies at the address
    "crowded_no_accountant",  # and no accountant
    "chain",  # five or more siblings
    "chain_exposed",  # the same in an exposed section
    "sole_proprietor",
    "foreign",  # NUF
    "public",
    "public_remote",  # public in the north and the middle
    "manager_churn",  # two or more changes of board or manager in twelve months
    "churn_thin",  # churn on thin equity
    "past_bankruptcies",  # of role-holders' other companies
    "recently_inspected",  # within two years
    "unapproved",  # not in the register of its industry
    "underpaying",  # share of hours below the minimum rate, square root
    "cards_missing",  # fewer than half the HMS cards
    "phoenix",  # address and industry of a company that went bankrupt in the last two years
    "season",  # building in spring and summer, serving in summer
    "ban_building",  # building in the ban area since 2023-04-01
    "ground_removed",  # hirers after 2023-04-01, wearing off over two years
    "rules_2020",  # hirers since the middle of 2020
    "new_list",  # industries whose place on the BHT list of 2025-10-07 is new or less clear
)


@dataclass(frozen=True)
class World:
    """Everything that happens whether or not the Authority looks."""

    seed: int
    register: Register
    accounts: Accounts
    roles: Roles
    approvals: tuple[Approval, ...]
    pay: Pay


@dataclass(frozen=True)
class State:
    """One entry a workplace, on the first day of quarter `q`."""

    q: int
    employing: Flags  # in the register, with at least one employee, not bankrupt or being dissolved
    code: Ints
    section: Ints
    county: Ints
    group: Flags
    log_size: Reals
    employees: Reals
    terms: Reals  # workplaces x TERMS


def build_world(establishments: int, seed: int) -> World:
    """The country before anybody inspects it."""
    register = build_register(establishments, seed)
    accounts = build_accounts(register, seed)
    return World(
        seed=seed,
        register=register,
        accounts=accounts,
        roles=build_roles(register, accounts, seed),
        approvals=build_approvals(register, seed),
        pay=build_pay(register.places, seed),
    )


def state_at(world: World, q: int, last_inspected: Ints) -> State:
    """The state on the first day of quarter `q`; `last_inspected` is the quarter of each workplace's last header."""
    register, last = world.register, q - 1
    count = register.places.workplaces
    owner = register.owner(last)[:count]
    code = register.code(last)[:count]
    section = industries().section[code]
    county = geography().county[register.municipality(last)[:count]]
    group = register.enterprises.group[owner]
    employees = _shown_employees(register, last)
    log_size = np.log(np.maximum(employees, 1.0))
    named: dict[str, Reals | Flags] = {
        **_size_terms(employees, log_size, section),
        **_age_terms(register, q, employees, group),
        **_finance_terms(world, q, owner, section, employees, _growth(register, last, employees)),
        **_place_terms(world, last, owner, section, county, group),
        **_form_terms(register, owner, section, county),
        **_pay_terms(world, q, code, owner),
        **_law_terms(q, code, county),
        "recently_inspected": last_inspected >= q - 8,
    }
    failing = np.minimum(
        np.minimum(register.failures.bankrupt, register.failures.compulsory), register.failures.winding_up
    )
    return State(
        q=q,
        employing=register.living(last)[:count] & (register.count(last) > 0) & (failing[owner] > last),
        code=code,
        section=section,
        county=county,
        group=group,
        log_size=log_size,
        employees=employees,
        terms=np.stack([np.asarray(named[name], dtype=np.float64) for name in TERMS], axis=1),
    )


def _shown_employees(register: Register, q: int) -> Reals:
    """The count as far as the register shows it: 1-4 is censored (taken as 2.5), unknown is taken as 4."""
    count = register.count(q).astype(np.float64)
    shown = np.where(count >= 5, count, np.where(count > 0, 2.5, 0.0))
    return np.where(register.places.count_unknown[: len(count)] & (count > 0), 4.0, shown)


def _growth(register: Register, q: int, employees: Reals) -> Reals:
    """Log growth over four quarters where both counts are shown, else 0."""
    before = _shown_employees(register, max(q - 4, -1))
    both = (employees >= 5) & (before >= 5)
    return np.where(both, np.log(np.maximum(employees, 1) / np.maximum(before, 1)), 0.0)


def _size_terms(employees: Reals, log_size: Reals, section: Ints) -> dict[str, Reals | Flags]:
    return {
        "tiny": employees < 4.5,
        "small": (employees >= 5) & (employees < 10),
        "large": employees >= 50,
        "large_care": (employees >= 50) & _care(section),
        "size_wave": np.sin(2.1 * log_size),
        "size_exposed": (log_size - 1.8) * np.isin(section, EXPOSED),
    }


def _care(section: Ints) -> Flags:
    return np.isin(section, [SECTIONS.index("P"), SECTIONS.index("Q")])


def _age_terms(register: Register, q: int, employees: Reals, group: Flags) -> dict[str, Reals | Flags]:
    years = (register.starts[q] - register.places.registered_on[: len(employees)]) / 365.25
    return {
        "young": years < 3,
        "young_small": (years < 2) & (employees < 10),
        "young_group": (years < 2) & group,
        "settled": 1 - np.exp(-np.maximum(years, 0) / 6),
        "old_single": (years >= 20) & ~group & (employees < 20),
    }


def _finance_terms(
    world: World, q: int, owner: Ints, section: Ints, employees: Reals, growth: Reals
) -> dict[str, Reals | Flags]:
    accounts, roles = world.accounts, world.roles
    newest, any_year = accounts.newest(q - 1)
    filer = accounts.place[owner]
    files = filer >= 0
    rows = np.arange(len(newest))
    year = 2014 + newest
    fresh = any_year & (year >= year_of(q) - 3)
    low = fresh & (accounts.equity[rows, newest] < 0.1)
    loss = fresh & (accounts.margin[rows, newest] < 0)
    born = world.register.enterprises.registered_on[accounts.enterprise]
    missing = ~(any_year & (year >= year_of(q) - 2 - (q % 4 < 3))) & (world.register.starts[q] - born > 900)
    place = np.maximum(filer, 0)
    thin, roles_year = low[place] & files, year_of(q) - 1 - 2015
    listed = files & (world.register.enterprises.born[owner] < 4 * roles_year)  # in the file of the last 31 December
    unrest = (roles.managers[:, roles_year] + roles.boards[:, roles_year] >= 2)[place] & listed
    return {
        "boom": growth > 0.22,
        "bust": growth < -0.22,
        "boom_thin": (growth > 0.22) & thin,
        "thin": thin,
        "thin_care": thin & _care(section),
        "loss_exposed": loss[place] & files & np.isin(section, EXPOSED),
        "accounts_missing": missing[place] & files,
        "audit_waived_bulky": accounts.audit_waived[place] & files & (employees >= 10),
        "manager_churn": unrest,
        "churn_thin": unrest & thin,
        "past_bankruptcies": (roles.bankruptcies[:, roles_year] > 0)[place] & listed,
    }


def _place_terms(
    world: World, last: int, owner: Ints, section: Ints, county: Ints, group: Flags
) -> dict[str, Reals | Flags]:
    register, changes = world.register, world.register.changes
    count = register.places.workplaces
    key = register.address(last) * 1000 + register.municipality(last)
    _, where, many = np.unique(np.where(register.living(last), key, -1), return_inverse=True, return_counts=True)
    crowded = (many[where] >= 5)[:count]
    filer = world.accounts.place[owner]
    listed = register.enterprises.born[owner] < 4 * ((last + 1) // 4)
    unaided = (filer >= 0) & listed & ~world.roles.accountant[np.maximum(filer, 0)]
    siblings = np.bincount(owner[register.living(last)[:count]], minlength=len(register.enterprises.born))[owner] - 1
    chain = group & (register.enterprises.form[owner] == AS) & (siblings >= 5)
    recent = [
        ((when[:count] <= last) & (when[:count] > last - 4)) for when in (changes.ownership, changes.move, changes.name)
    ]
    return {
        "new_owner": recent[0],
        "moved": recent[1] | recent[2],
        "crowded": crowded,
        "crowded_no_accountant": crowded & unaided,
        "chain": chain,
        "chain_exposed": chain & np.isin(section, EXPOSED),
        "phoenix": _phoenix(register, last),
    }


def _phoenix(register: Register, last: int) -> Flags:
    count = register.places.workplaces
    twin = register.changes.twin[:count]
    fell = np.where(twin >= 0, register.failures.bankrupt[register.places.enterprise[np.maximum(twin, 0)]], NEVER)
    return (fell <= last) & (fell > last - 8) & (register.changes.move[:count] > last)


def _form_terms(register: Register, owner: Ints, section: Ints, county: Ints) -> dict[str, Reals | Flags]:
    form = register.enterprises.form[owner]
    public = np.isin(form, PUBLIC_FORMS)
    return {
        "sole_proprietor": form == ENK,
        "foreign": form == NUF,
        "public": public,
        "public_remote": public & (geography().region[county] >= 3),
    }


def _pay_terms(world: World, q: int, code: Ints, owner: Ints) -> dict[str, Reals | Flags]:
    """Pay facts of a quarter are known 45 days after it: on the first day of q that is quarter q - 2."""
    seen = q - 2
    year = max(seen, 0) // 4
    pay = world.pay
    reported = (seen >= 0) & (_shown_employees(world.register, max(seen, -1)) >= 5)
    share = pay.below_rate[:, min(year, QUARTERS // 4 - 1)].astype(np.float64)
    return {
        "underpaying": np.where(pay.with_rate & reported, np.sqrt(share), 0.0),
        "cards_missing": pay.with_cards & reported & (pay.card_ratio < 0.5),
        "unapproved": _unapproved(world, q, code, owner),
    }


def _unapproved(world: World, q: int, code: Ints, owner: Ints) -> Flags:
    """In an industry with a register for more than a year, and not approved in its last half-yearly list."""
    table = industries()
    shown = (q // 2) * 2 - 1  # lists are of 30 June and 31 December
    result = np.zeros(len(code), dtype=bool)
    for approval in world.approvals:
        prefix = APPROVED_INDUSTRIES.get(approval.scheme)
        if prefix is None or q < approval.since + 5:
            continue
        approved = np.zeros(len(world.register.enterprises.born), dtype=bool)
        approved[approval.enterprise[(approval.decided <= shown) & (approval.status < 2)]] = True
        result |= table.where(prefix)[code] & ~approved[owner]
    return result


def _law_terms(q: int, code: Ints, county: Ints) -> dict[str, Reals | Flags]:
    table = industries()
    building = table.where("41.2", "42", "43")[code]
    hirer = building | table.where("10", "25", "33", "52")[code]
    spring = q % 4 in (1, 2)
    wearing = np.exp(-(q - BAN_OF_HIRING) / 5) if q >= BAN_OF_HIRING else 0.0
    unclear = (table.duty_before != table.duty_now)[code]
    return {
        "season": (building & spring) | (table.where("55", "56")[code] & (q % 4 == 2)),
        "ban_building": building & geography().ban[county] & (q >= BAN_OF_HIRING),
        "ground_removed": hirer * wearing,
        "rules_2020": hirer & (q >= RULES_2020),
        "new_list": unclear & (q >= NEW_BHT_LIST),
    }
