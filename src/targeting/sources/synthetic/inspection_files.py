"""The Authority's own files: inspections, answers, reactions, incidents and employment counts."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from targeting.sources.synthetic.arrays import Flags, Ints
from targeting.sources.synthetic.arrow_text import (
    Texts,
    choice,
    days,
    flags,
    joined,
    numbers,
    pick,
    text_bytes,
    when,
    write_text,
)
from targeting.sources.synthetic.assumptions import geography, industries
from targeting.sources.synthetic.company_files import csv_lines
from targeting.sources.synthetic.control_points import ANSWERS, LEGAL_BASIS, POINTS, draw_answers
from targeting.sources.synthetic.country import Country
from targeting.sources.synthetic.incidents import Incidents
from targeting.sources.synthetic.inspections import CRIME, FORMS, HIRING, Inspections
from targeting.sources.synthetic.randomness import stream
from targeting.sources.synthetic.register import Register
from targeting.sources.synthetic.register_events import SWITCH_DAY
from targeting.sources.synthetic.selection import ORIGINS
from targeting.sources.synthetic.timeline import QUARTERS, first_days, year_of
from targeting.sources.synthetic.workforce import Pay

__all__ = ["write_employment", "write_incidents", "write_inspections"]

_TILSYN: Final = (
    "internTilsynsid,tildaenhet,tilsynutfoertav,startdato,uanmeldttilsyn,tilsynsstatus,tilsynsform,tilsynsutvelgelse,"
    "tilsynstema,kampanjenavn,kommunenummer,naeringskode,naeringsstandard,antallKontrollpunkter,tilfeldig_utvalg,"
    "kontor,inspektoer,kjent_dato\n"
)
_ANSWER: Final = "internTilsynsid,kontrollpunktId,hjemmel,svar,kjent_dato\n"
_REACTION: Final = (
    "internTilsynsid,bruddOgReaksjonsreferanse,lovparagraf,reaksjonstype,reaksjonsdato,belop,frist,status,kjent_dato\n"
)
_TOPICS: Final = ("Arbeidsmiljø", "Bedriftshelsetjeneste", "Innleie", "Seriøsitet")
_INCIDENTS: Final = ("ulykke", "tips", "bekymring")
_SERIOUS: Final = ("stansing", "overtredelsesgebyr", "tvangsmulkt", "politianmeldelse")
_SERIOUS_SHARE: Final = (0.58, 0.27, 0.14, 0.01)
"""1 420 stops and 798 penalties in 12 808 inspections of 2023 [AR23]; the rest (A)."""


class _Reactions(NamedTuple):
    inspection: Ints  # place among the rows
    family: Ints
    kind: Texts
    amount: Ints  # 0 none
    ordered: Flags


def write_inspections(country: Country, folder: Path) -> None:
    """`tilsyn_`, `kontrollpunkt_` and `reaksjon_YYYY.csv.gz`, by the year the inspection started.

    Answers not known by the end of 2026 are not there yet: those inspections are still open.
    """
    inspections = country.inspections
    end = _end()
    for year in range(2016, 2016 + QUARTERS // 4):
        rows = np.flatnonzero(inspections.quarter // 4 == year - 2016)
        rows = rows[np.lexsort((inspections.workplace[rows], inspections.day[rows]))]
        ids = joined(f"T{year}-", numbers(100_000 + np.arange(len(rows))))
        random = stream(country.world.seed, f"answers {year}")
        answered = np.flatnonzero((inspections.known[rows] < end) & ~inspections.aborted[rows])
        _write(folder / f"tilsyn_{year}.csv.gz", _TILSYN, _headers(country, rows, ids, inspections.known[rows] < end))
        _write(folder / f"kontrollpunkt_{year}.csv.gz", _ANSWER, _answers(random, inspections, rows, answered, ids))
        _write(folder / f"reaksjon_{year}.csv.gz", _REACTION, _reaction_lines(random, inspections, rows, answered, ids))


def _end() -> int:
    """The day after the last that the files know of."""
    return int(first_days()[QUARTERS])


def _write(path: Path, header: str, lines: Texts) -> None:
    write_text(path, [header.encode(), text_bytes(lines)])


def _headers(country: Country, rows: Ints, ids: Texts, closed: Flags) -> Texts:
    register, inspections = country.world.register, country.inspections
    form, day, code = inspections.form[rows], inspections.day[rows], inspections.code[rows]
    new_codes = day >= SWITCH_DAY
    campaign = inspections.origin[rows] == ORIGINS.index("kampanje")
    topic = np.select(
        [inspections.bht_only[rows], inspections.checked[rows, HIRING], inspections.checked[rows, CRIME]], [1, 2, 3], 0
    )
    inspector = inspections.inspector[rows]
    return csv_lines(
        ids,
        numbers(register.number[inspections.workplace[rows]]),
        numbers(np.full(len(rows), register.authority_number[0])),
        days(day),
        choice(form == 2, "ja", "nei"),
        choice(inspections.aborted[rows], "avbrutt", choice(closed, "lukket", "aapen")),
        pick(FORMS, form),
        pick(ORIGINS, inspections.origin[rows]),
        pick(_TOPICS, topic),
        when(campaign, "Kampanje ", numbers(2016 + inspections.quarter[rows] // 4), " ", _sections(code)),
        pick(geography().number, _towns(register, inspections, rows)),
        choice(new_codes, pick(industries().sn2025, code), pick(industries().sn2007, code)),
        choice(new_codes, "SN2025", "SN2007"),
        numbers(inspections.points[rows].sum(axis=1)),
        flags(inspections.random_arm[rows]),
        joined("K-", pick([f"{n:02d}" for n in range(1, 100)], country.offices[inspector])),
        joined("I-", pick([f"{n:03d}" for n in range(1, 1000)], inspector)),
        days(day),
    )


def _sections(code: Ints) -> Texts:
    return pick(tuple("ABCDEFGHIJKLMNOPQRS"), industries().section[code])


def _towns(register: Register, inspections: Inspections, rows: Ints) -> Ints:
    """Municipality at the start of the inspection's quarter."""
    workplace, quarter = inspections.workplace[rows], inspections.quarter[rows]
    moved = register.changes.move[workplace] < quarter
    return np.where(moved, register.changes.new_municipality[workplace], register.places.municipality[workplace])


def _answers(random: np.random.Generator, inspections: Inspections, rows: Ints, answered: Ints, ids: Texts) -> Texts:
    answers = draw_answers(random, inspections, rows[answered])
    place = answered[answers.inspection]
    return csv_lines(
        ids.take(place),
        pick(POINTS, answers.point),
        pick(LEGAL_BASIS, answers.point),
        pick(ANSWERS, answers.answer),
        days(inspections.known[rows[place]]),
    )


def _reaction_lines(
    random: np.random.Generator, inspections: Inspections, rows: Ints, answered: Ints, ids: Texts
) -> Texts:
    """One reaction a family with breaches, and the serious one where there was one."""
    reactions = _reactions(random, inspections, rows[answered])
    place = answered[reactions.inspection]
    order = np.lexsort((reactions.family, place))
    place, family = place[order], reactions.family[order]
    day, known = inspections.day[rows[place]], inspections.known[rows[place]]
    first = np.searchsorted(place, place)
    ordered = reactions.ordered[order]
    return csv_lines(
        ids.take(place),
        numbers(1 + np.arange(len(place)) - first),
        pick([LEGAL_BASIS[0], LEGAL_BASIS[6], LEGAL_BASIS[25], LEGAL_BASIS[31]], family % 4),
        reactions.kind.take(order),
        days(day + (known - day) * 6 // 10),
        when(reactions.amount[order] > 0, numbers(reactions.amount[order])),
        when(ordered, days(known + 30)),
        choice(ordered, "vedtatt", "avsluttet"),
        days(known),
    )


def _reactions(random: np.random.Generator, inspections: Inspections, rows: Ints) -> _Reactions:
    mild, family = np.nonzero(inspections.breaches[rows] > 0)
    order = random.random(len(mild)) < 0.7
    grave = np.flatnonzero(inspections.reacted[rows])
    # a grave reaction follows the gravest family that was breached: pay, then the working environment in general
    about = np.where(inspections.breaches[rows[grave], CRIME] > 0, 4 + CRIME, 4 + 1)
    word = np.searchsorted(np.cumsum(_SERIOUS_SHARE)[:-1], random.random(len(grave)))
    fined = (word == 1) | (word == 2)
    amount = np.where(fined, 5_000 * random.integers(1, 40, len(grave)), 0)
    return _Reactions(
        inspection=np.concatenate([mild, grave]),
        family=np.concatenate([family, about]),
        kind=pa.concat_arrays([choice(order, "paalegg", "veiledning"), pick(_SERIOUS, word)]),
        amount=np.concatenate([np.zeros(len(mild), dtype=np.int64), amount]),
        ordered=np.concatenate([order, np.zeros(len(grave), dtype=bool)]),
    )


def write_incidents(country: Country, folder: Path) -> None:
    """`hendelser_YYYY.csv.gz`, by the day it happened; without what is not known by the end of 2026."""
    incidents: Incidents = country.incidents
    register = country.world.register
    for year in range(2016, 2016 + QUARTERS // 4):
        first, last = register.starts[4 * (year - 2016)], register.starts[4 * (year - 2015)]
        rows = np.flatnonzero((incidents.day >= first) & (incidents.day < last) & (incidents.known < _end()))
        lines = csv_lines(
            joined(f"H{year}-", numbers(100_000 + np.arange(len(rows)))),
            numbers(register.number[incidents.workplace[rows]]),
            days(incidents.day[rows]),
            pick(_INCIDENTS, incidents.kind[rows]),
            flags(incidents.serious[rows]),
            days(incidents.known[rows]),
        )
        header = "hendelse,organisasjonsnummer,dato,type,alvorlig,kjent_dato\n"
        _write(folder / f"hendelser_{year}.csv.gz", header, lines)


def write_employment(register: Register, pay: Pay, folder: Path) -> None:
    """`sysselsetting_YYYY.csv.gz`: workplaces in card or rate industries, known 45 days after the quarter."""
    header = "organisasjonsnummer,kvartal_start,hms_kort,andel_under_minstelonn,kjent_dato\n"
    for year in range(2016, 2016 + QUARTERS // 4):
        quarters = [
            _employment(register, pay, q) for q in range(4 * (year - 2016), 4 * (year - 2015)) if q < QUARTERS - 1
        ]
        write_text(folder / f"sysselsetting_{year}.csv.gz", [header.encode(), *quarters])


def _employment(register: Register, pay: Pay, q: int) -> bytes:
    count, workplaces = register.count(q), register.places.workplaces
    there = register.living(q)[:workplaces] & (count > 0) & (pay.with_cards | pay.with_rate)
    rows = np.flatnonzero(there)
    share = np.round(pay.below_rate[rows, year_of(q) - 2016].astype(np.float64) * 1000).astype(np.int64)
    reported = pay.with_rate[rows] & (count[rows] >= 5) & ~register.places.count_unknown[rows]
    cards = np.round(pay.card_ratio[rows] * count[rows]).astype(np.int64)
    return text_bytes(
        csv_lines(
            numbers(register.number[rows]),
            days(np.full(len(rows), register.starts[q])),
            when(pay.with_cards[rows], numbers(cards)),
            when(reported, pick([f"{n / 1000:.3f}" for n in range(1001)], share)),
            days(np.full(len(rows), register.starts[q + 1] + 44)),
        )
    )
