"""Units as Enhetsregisteret's v2 JSON, and as the reduced objects it gives for deleted and removed ones."""

from __future__ import annotations

from typing import Final

import numpy as np

from targeting.sources.synthetic.arrays import Flags, Ints
from targeting.sources.synthetic.arrow_text import Texts, choice, days, flags, joined, numbers, pick, when
from targeting.sources.synthetic.assumptions import industries
from targeting.sources.synthetic.names import company_names, place_json, unit_names
from targeting.sources.synthetic.population import AS, ENK, FLI, FORMS, NUF, STI
from targeting.sources.synthetic.register import Register
from targeting.sources.synthetic.register_events import event_days
from targeting.sources.synthetic.register_state import Entries

__all__ = ["enterprise_json", "gone_json", "place_json_of"]

_FORM_NAMES: Final = (
    "Aksjeselskap",
    "Enkeltpersonforetak",
    "Norskregistrert utenlandsk foretak",
    "Forening/lag/innretning",
    "Stiftelse",
    "Kommune",
    "Organisasjonsledd",
)
_FORM: Final = [f'{{"kode":"{kode}","beskrivelse":"{text}"}}' for kode, text in zip(FORMS, _FORM_NAMES, strict=True)]
_UNIT_FORM: Final = ['{"kode":"BEDR","beskrivelse":"Bedrift"}', '{"kode":"AAFY","beskrivelse":"Ikke-næringsdrivende"}']
_ENDINGS: Final = (" AS", "", " NUF", "", " STIFTELSE", " KOMMUNE", " ETAT")
_SECTOR: Final = ("2100", "8200", "2100", "7000", "7000", "6500", "6100")
_GROUNDS: Final = ("ManglendeDagligLeder", "ManglendeRevisor", "ManglendeRegnskap", "MangelfulltStyre")
_RENAMED: Final = 7_000_000  # a new name is that of another id


def _names(register: Register, rows: Ints, q: int, own: Ints) -> Texts:
    """Names of enterprises `rows`; `own` is the only establishment, or -1 for a group."""
    enterprises = register.enterprises
    count = len(register.places.born)
    renamed = (own >= 0) & (register.changes.name[np.maximum(own, 0)] <= q)
    ids = np.where(own >= 0, own, count + rows) + _RENAMED * renamed
    form = enterprises.form[rows]
    return company_names(ids, enterprises.section[rows], form == ENK, pick(_ENDINGS, form))


def _place_names(register: Register, rows: Ints, q: int) -> Texts:
    first = register.places.enterprise[rows]
    group = register.enterprises.group[first]
    base = _names(register, first, q, np.where(group, -1, rows))
    return unit_names(base, rows + _RENAMED * (group & (register.changes.name[rows] <= q)), group)


def _unit_forms(rows: Ints, form: Ints) -> Texts:
    """AAFY for some establishments of associations and foundations that run no business."""
    return pick(_UNIT_FORM, (np.isin(form, (FLI, STI)) & (rows % 3 == 0)).astype(np.int64))


def _industry(code: Ints, absent: Flags, not_stated: Flags, new_codes: bool) -> Texts:
    table = industries()
    words = pick(table.sn2025 if new_codes else table.sn2007, code)
    return when(~absent, '"naeringskode1":{"kode":"', choice(not_stated, "00.000", words), '"},')


def _count(count: Ints, unknown: Flags) -> Texts:
    """`antallAnsatte` only from five; the flag alone below; neither where the register has no report."""
    number = when((count >= 5) & ~unknown, '"antallAnsatte":', numbers(count), ",")
    return joined(number, when(~unknown, '"harRegistrertAntallAnsatte":', flags(count > 0), ","))


def place_json_of(entries: Entries, rows: Ints) -> Texts:
    """Establishments `rows` as they stand."""
    register, q = entries.register, entries.q
    places, changes = register.places, register.changes
    form = register.enterprises.form[entries.owner[rows]]
    sold = changes.ownership[rows] <= q
    sold_on = _changed_on(register, rows, np.where(sold, changes.ownership[rows], 0))
    started = places.started_on[rows]
    return joined(
        '{"organisasjonsnummer":"',
        numbers(register.number[rows]),
        '","navn":"',
        _place_names(register, rows, q),
        '","organisasjonsform":',
        _unit_forms(rows, form),
        ',"registreringsdatoEnhetsregisteret":"',
        days(places.registered_on[rows]),
        '","registrertIMvaregisteret":',
        flags(_in_vat(rows, form)),
        ",",
        _industry(entries.code[rows], places.no_code[rows], places.code_not_stated[rows], register.in_sn2025(q)),
        _count(entries.employees[rows], places.count_unknown[rows]),
        '"overordnetEnhet":"',
        numbers(register.enterprise_number[entries.owner[rows]]),
        '",',
        when(started >= 0, '"oppstartsdato":"', days(np.maximum(started, 0)), '",'),
        when(sold, '"datoEierskifte":"', days(sold_on), '",'),
        '"beliggenhetsadresse":',
        place_json(entries.address[rows], entries.municipality[rows]),
        "}",
    )


def _changed_on(register: Register, places: Ints, q: Ints) -> Ints:
    """The day before the feed told of a change in each unit's own quarter `q`."""
    result = np.zeros(len(places), dtype=np.int64)
    for each in np.unique(q):
        members = q == each
        result[members] = event_days(register, places[members], int(each)) - 1
    return result


def _in_vat(rows: Ints, form: Ints) -> Flags:
    """Nine of ten businesses, hardly anybody else (A)."""
    return np.asarray(np.where(form <= NUF, rows % 10 != 7, rows % 10 == 7))


def enterprise_json(entries: Entries, rows: Ints) -> Texts:
    """Enterprises `rows` as they stand."""
    register, q = entries.register, entries.q
    enterprises, places = register.enterprises, register.places
    child, group, form = enterprises.only_child[rows], enterprises.group[rows], enterprises.form[rows]
    own = np.maximum(child, 0)
    registered_on = enterprises.registered_on[rows]
    count = len(places.born)
    town = np.where(group, enterprises.municipality[rows], entries.municipality[own])
    address = np.where(group, 3 * count + rows, entries.address[own])
    code = np.where(group, enterprises.code[rows], entries.code[own])
    year = entries.accounts_year[rows]
    return joined(
        '{"organisasjonsnummer":"',
        numbers(register.enterprise_number[rows]),
        '","navn":"',
        _names(register, rows, q, child),
        '","organisasjonsform":',
        pick(_FORM, form),
        ',"registreringsdatoEnhetsregisteret":"',
        days(registered_on),
        '","registrertIMvaregisteret":',
        flags(_in_vat(own, form)),
        ",",
        _industry(code, places.no_code[own] & ~group, places.code_not_stated[own] & ~group, register.in_sn2025(q)),
        _count(entries.enterprise_employees[rows], places.count_unknown[own] & ~group),
        '"forretningsadresse":',
        place_json(address, town),
        when(form != ENK, ',"stiftelsesdato":"', days(registered_on - 5 - own % 50), '"'),
        ',"institusjonellSektorkode":{"kode":"',
        pick(_SECTOR, form),
        '"},"registrertIForetaksregisteret":',
        flags(np.isin(form, (AS, NUF, STI))),
        ',"registrertIStiftelsesregisteret":',
        flags(form == STI),
        ',"registrertIFrivillighetsregisteret":',
        flags((form == FLI) & (own % 2 == 0)),
        when(year > 0, ',"sisteInnsendteAarsregnskap":"', numbers(year), '"'),
        _proceedings(register, rows, own, q),
        when(group, ',"erIKonsern":', flags(form == AS)),
        when(entries.audit_waived[rows], ',"fravalgRevisjonDato":"', days(registered_on + 30), '"'),
        ',"maalform":"Bokmål","paategninger":[],"respons_klasse":"Enhet"}',
    )


def _proceedings(register: Register, rows: Ints, own: Ints, q: int) -> Texts:
    """Bankruptcy, winding-up and compulsory dissolution, with the days they were opened."""
    failures = register.failures
    opened = [quarters[rows] for quarters in (failures.bankrupt, failures.winding_up, failures.compulsory)]
    known = [quarters <= q for quarters in opened]
    on = [
        days(_changed_on(register, own, np.where(flag, quarters, 0)))
        for flag, quarters in zip(known, opened, strict=True)
    ]
    ground = pick([f',"tvangsopplostPga{name}Dato":"' for name in _GROUNDS], own % len(_GROUNDS))
    return joined(
        ',"konkurs":',
        flags(known[0]),
        when(known[0], ',"konkursdato":"', on[0], '"'),
        ',"underAvvikling":',
        flags(known[1]),
        when(known[1], ',"underAvviklingDato":"', on[1], '"'),
        ',"underTvangsavviklingEllerTvangsopplosning":',
        flags(known[2]),
        when(known[2], ground, on[2], '"'),
    )


def gone_json(register: Register, rows: Ints, day: Ints, q: int, removed: Flags, enterprise: bool) -> Texts:
    """Deleted units as `SlettetEnhet`; removed ones as the body of HTTP 410."""
    if enterprise:
        number, child = register.enterprise_number[rows], register.enterprises.only_child[rows]
        name, form = _names(register, rows, q, child), pick(_FORM, register.enterprises.form[rows])
        ceased: str | Texts = ""
    else:
        number, name = register.number[rows], _place_names(register, rows, q)
        form = _unit_forms(rows, register.enterprises.form[register.places.enterprise[rows]])
        ceased = joined('","nedleggelsesdato":"', days(day - 1))
    start = joined('{"organisasjonsnummer":"', numbers(number))
    full = joined(
        start,
        '","navn":"',
        name,
        '","organisasjonsform":',
        form,
        ',"slettedato":"',
        days(day - 1),
        ceased,
        '","respons_klasse":"SlettetEnhet"}',
    )
    return choice(removed, joined(start, '","slettedato":"', days(day - 1), '"}'), full)
