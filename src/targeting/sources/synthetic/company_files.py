"""What enterprises file, as files: accounts, roles and approval registers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from targeting.domain import Scheme
from targeting.sources.synthetic.arrays import Flags, Ints
from targeting.sources.synthetic.arrow_text import (
    Texts,
    choice,
    days,
    flags,
    joined,
    json_array,
    numbers,
    pick,
    text_bytes,
    when,
    write_text,
)
from targeting.sources.synthetic.filings import ACCOUNT_YEARS, Accounts, Approval, Roles
from targeting.sources.synthetic.population import FORMS
from targeting.sources.synthetic.register import Register
from targeting.sources.synthetic.timeline import BULK_DAY, QUARTERS, iso, year_of

__all__ = ["write_accounts", "write_approvals", "write_roles"]

_BLOCK: Final = 50_000
_LARGEST: Final = 9_900_000_000  # ten digits: eleven in a row would look like a national identity number
_FILES: Final = ((-1, (12, 31)), (0, (3, 31)), (1, (6, 30)), (2, (7, 31)), (2, (9, 30)), (3, (12, 31)))
_WORDS: Final = {
    Scheme.CLEANING: ("renhold", ("Godkjent med ansatte", "Godkjent uten ansatte", "Ikke godkjent")),
    Scheme.CAR_CARE: ("bilpleie", ("GODKJENT_MED_ANSATTE", "GODKJENT_UTEN_ANSATTE", "IKKE_GODKJENT")),
    Scheme.AGENCY: ("bemanning", ("Godkjent", "Godkjent", "Ikke godkjent")),
    Scheme.BHT_DISPENSATION: ("bht_dispensasjon", ("Full", "Delvis")),
}


def write_accounts(register: Register, accounts: Accounts, folder: Path) -> None:
    """`regnskap_YYYY-MM-DD.json.gz`: what became known since the file before; two files in the summer."""
    autumn = (accounts.enterprise * 31 % 7) < 3
    for q in range(-1, QUARTERS):
        for of_year, (month, day) in _FILES:
            if of_year != (q % 4 if q >= 0 else -1):
                continue
            due = accounts.known == q
            if of_year == 2:
                due = due & (autumn == (month == 9))[:, None]
            rows, years = np.nonzero(due)
            if len(rows):
                path = folder / f"regnskap_{year_of(q)}-{month:02d}-{day:02d}.json.gz"
                write_text(path, json_array(_account_blocks(register, accounts, rows, years)))


def _account_blocks(register: Register, accounts: Accounts, rows: Ints, years: Ints) -> Iterator[bytes]:
    for start in range(0, len(rows), _BLOCK):
        part = slice(start, start + _BLOCK)
        yield text_bytes(joined(_account_json(register, accounts, rows[part], years[part]), ",\n"))


def _amount(values: npt.NDArray[np.floating]) -> Texts:
    return numbers(np.clip(np.round(values), -_LARGEST, _LARGEST).astype(np.int64))


def _account_json(register: Register, accounts: Accounts, rows: Ints, years: Ints) -> Texts:
    """One object of the open key figures; an empty one has the frame and no amounts."""
    enterprise = accounts.enterprise[rows]
    year = numbers(np.array(ACCOUNT_YEARS)[years])
    form = register.enterprises.form[enterprise]
    usd = accounts.usd[rows]
    head = joined(
        '{"id":',
        numbers(1 + rows * len(ACCOUNT_YEARS) + years),
        ',"journalnr":"',
        year,
        numbers(100_000 + rows % 900_000),
        '","regnskapstype":"SELSKAP","virksomhet":{"organisasjonsnummer":"',
        numbers(register.enterprise_number[enterprise]),
        '","organisasjonsform":"',
        pick(FORMS, form),
        '","morselskap":',
        flags(register.enterprises.group[enterprise]),
        '},"regnskapsperiode":{"fraDato":"',
        year,
        '-01-01","tilDato":"',
        year,
        '-12-31"},"valuta":"',
        choice(usd, "USD", "NOK"),
        '","avviklingsregnskap":false,"oppstillingsplan":"smaa","revisjon":{"ikkeRevidertAarsregnskap":',
        flags(accounts.audit_waived[rows]),
        ',"fravalgRevisjon":',
        flags(accounts.audit_waived[rows]),
        '},"regnkapsprinsipper":{"smaaForetak":true,"regnskapsregler":"regnskapslovenAlminneligRegler"},',
    )
    empty = '"egenkapitalGjeld":{},"eiendeler":{},"resultatregnskapResultat":{"driftsresultat":{"driftsinntekter":{}}}}'
    return joined(head, choice(accounts.empty[rows, years], empty, _figures(accounts, rows, years, usd)))


def _figures(accounts: Accounts, rows: Ints, years: Ints, usd: Flags) -> Texts:
    unit = np.where(usd, 0.1, 1.0)
    revenue = accounts.revenue[rows, years].astype(np.float64) * unit
    assets = accounts.assets[rows, years].astype(np.float64) * unit
    equity = assets * accounts.equity[rows, years]
    result = revenue * accounts.margin[rows, years]
    payroll = accounts.payroll[rows, years] * unit
    liquid = 0.35 + 0.5 * ((accounts.enterprise[rows] * 13 + years * 7) % 100) / 100
    return joined(
        '"egenkapitalGjeld":{"sumEgenkapitalGjeld":',
        _amount(assets),
        ',"egenkapital":{"sumEgenkapital":',
        _amount(equity),
        '},"gjeldOversikt":{"sumGjeld":',
        _amount(assets - equity),
        ',"kortsiktigGjeld":{"sumKortsiktigGjeld":',
        _amount((assets - equity) * 0.6),
        '},"langsiktigGjeld":{"sumLangsiktigGjeld":',
        _amount((assets - equity) * 0.4),
        '}}},"eiendeler":{"sumEiendeler":',
        _amount(assets),
        ',"omloepsmidler":{"sumOmloepsmidler":',
        _amount(assets * liquid),
        '},"anleggsmidler":{"sumAnleggsmidler":',
        _amount(assets * (1 - liquid)),
        '}},"resultatregnskapResultat":{"ordinaertResultatFoerSkattekostnad":',
        _amount(result),
        ',"aarsresultat":',
        _amount(result * 0.78),
        ',"totalresultat":',
        _amount(result * 0.78),
        ',"driftsresultat":{"driftsresultat":',
        _amount(result),
        ',"driftsinntekter":{"sumDriftsinntekter":',
        _amount(revenue),
        '},"driftskostnad":{',
        when(accounts.payroll_line[rows], '"loennskostnad":', _amount(payroll), ","),
        '"sumDriftskostnad":',
        _amount(revenue - result),
        "}}}}",
    )


def write_roles(register: Register, accounts: Accounts, roles: Roles, folder: Path) -> None:
    """`roller_YYYY-12-31.csv.gz` for 2015 to 2026: the living filers, counts only."""
    header = (
        "organisasjonsnummer,styremedlemmer,daglig_leder_endringer_12m,styreendringer_12m,"
        "har_revisor,har_regnskapsforer,rolleinnehaver_konkurser\n"
    )
    for place in range(12):
        living = register.enterprise_living(4 * place - 1)[accounts.enterprise]
        rows = np.flatnonzero(living)
        columns = (
            numbers(register.enterprise_number[accounts.enterprise[rows]]),
            numbers(roles.board[rows]),
            numbers(roles.managers[rows, place]),
            numbers(roles.boards[rows, place]),
            flags(roles.auditor[rows]),
            flags(roles.accountant[rows]),
            numbers(roles.bankruptcies[rows, place]),
        )
        write_text(folder / f"roller_{2015 + place}-12-31.csv.gz", [header.encode(), text_bytes(csv_lines(*columns))])


def csv_lines(*columns: Texts) -> Texts:
    r"""Comma-separated lines; no value of the synthetic country needs quotes.

    >>> csv_lines(numbers(np.array([1, 2])), flags(np.array([True, False]))).to_pylist()
    ['1,true\n', '2,false\n']
    """
    parts: list[str | Texts] = []
    for column in columns:
        parts += [column, ","]
    return joined(*parts[:-1], "\n")


def write_approvals(register: Register, approvals: tuple[Approval, ...], folder: Path) -> None:
    """Each register as it stood on 31 December 2015 and every half-year after; from the day its scheme began."""
    for approval in approvals:
        name, words = _WORDS[approval.scheme]
        for q in range(-1, QUARTERS, 2):
            if q < approval.since:
                continue
            rows = np.flatnonzero((approval.decided <= q) & register.enterprise_living(q)[approval.enterprise])
            decided = approval.decided[rows]
            day = register.starts[np.maximum(decided, 0)] + approval.enterprise[rows] % 80
            day = np.where(decided < 0, BULK_DAY - 1 - approval.enterprise[rows] % 900, day)
            lines = csv_lines(
                numbers(register.enterprise_number[approval.enterprise[rows]]),
                pick(words, approval.status[rows]),
                days(day),
            )
            last_day = iso(int(register.starts[q + 1]) - 1)
            content = b"organisasjonsnummer,status,status_endret\n" + text_bytes(lines)
            write_text(folder / f"{name}_{last_day}.csv", [content])
