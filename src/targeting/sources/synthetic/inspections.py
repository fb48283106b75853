"""What an inspection checks, what it finds, and when that is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from targeting.sources.synthetic.arrays import Flags, Ints, Reals
from targeting.sources.synthetic.assumptions import geography, industries, rate
from targeting.sources.synthetic.changes import EXPOSED
from targeting.sources.synthetic.drawing import sigmoid
from targeting.sources.synthetic.randomness import stream
from targeting.sources.synthetic.selection import Choice
from targeting.sources.synthetic.terms import State
from targeting.sources.synthetic.timeline import NEW_BHT_LIST
from targeting.sources.synthetic.truth import MINOR, OUTCOMES, form_push

__all__ = ["FORMS", "Inspections", "Staff", "build_staff", "draw_inspections", "joined_inspections"]

BHT, SERIOUS, HIRING, CRIME = range(4)
FORMS: Final = ("dokument", "meldt", "uanmeldt")
_FORM_PUSH: Final = ("document", "announced", "unannounced")


@dataclass(frozen=True)
class Staff:
    """Inspectors and offices (by county), with what each adds to the log-odds of a breach."""

    office: Ints  # of each inspector
    effect: Reals
    offices: int


@dataclass(frozen=True)
class Inspections:
    """One entry an inspection. Columns of the two-dimensional arrays are `OUTCOMES`."""

    workplace: Ints
    quarter: Ints
    day: Ints
    known: Ints  # day on which all answers and reactions become known
    form: Ints
    bht_only: Flags
    origin: Ints
    random_arm: Flags
    inspector: Ints
    aborted: Flags
    code: Ints
    checked: Flags  # which outcomes this inspection can show; `minor` only where no serious breach was found
    found: Flags
    logit: Reals  # at quality 0, with form and inspector
    loading: Reals
    breaches: Ints  # inspections x (BHT, HMS, INN, AKR)
    points: Ints  # control points, same columns
    reacted: Flags  # a serious reaction: stop, coercive fine, penalty or police report


class Setting(NamedTuple):
    """The circumstances of a quarter's inspections."""

    form: Ints
    bht_only: Flags
    checked: Flags


def build_staff(seed: int, yearly: float) -> Staff:
    """As many inspectors as the country's size pays for, spread over at most one office a county."""
    random = stream(seed, "staff")
    count = int(np.clip(round(rate("inspections.inspectors") * yearly / 14_380), 6, rate("inspections.inspectors")))
    offices = min(len(geography().counties), count // 2)
    office = np.arange(count) % offices
    office_effect = random.normal(0, rate("inspections.office_sd"), offices)
    effect = random.normal(0, rate("inspections.inspector_sd"), count) + office_effect[office]
    return Staff(office, effect - effect.mean(), offices)  # the neutral inspector is the mean of the staff


def draw_inspections(
    random: np.random.Generator,
    state: State,
    choice: Choice,
    staff: Staff,
    truth: tuple[Reals, Reals, Reals],
    days: tuple[int, int],
) -> Inspections:
    """The inspections of one quarter. `truth`: log-odds and loadings (workplaces x outcomes), and quality."""
    rows = np.flatnonzero(choice.chosen)
    count = len(rows)
    setting = _setting(random, state, rows, choice.random_arm[rows])
    inspector = _inspectors(random, staff, state.county[rows])
    push = np.array([form_push(name) for name in _FORM_PUSH])[setting.form]
    logit = truth[0][rows] + push + setting.bht_only[:, None] * form_push("bht_only") + staff.effect[inspector, None]
    loading = truth[1][rows]
    found = random.random(logit.shape) < sigmoid(logit + loading * truth[2][rows, None])
    points = _points(random, setting)
    breaches, found, checked, reacted = _counts(random, setting.checked, found, points)
    day = random.integers(*days, count)
    return Inspections(
        workplace=rows,
        quarter=np.full(count, state.q, dtype=np.int64),
        day=day,
        known=day + random.integers(int(rate("inspections.known_min")), int(rate("inspections.known_max")) + 1, count),
        form=setting.form,
        bht_only=setting.bht_only,
        origin=choice.origin[rows],
        random_arm=choice.random_arm[rows],
        inspector=inspector,
        aborted=random.random(count) < rate("inspections.aborted"),
        code=state.code[rows],
        checked=checked,
        found=found,
        logit=logit,
        loading=loading,
        breaches=breaches,
        points=points,
        reacted=reacted,
    )


def _setting(random: np.random.Generator, state: State, rows: Ints, random_arm: Flags) -> Setting:
    """Form and topics: from the industry, the place and the law of the quarter."""
    table, count = industries(), len(rows)
    code, section = state.code[rows], state.section[rows]
    duty = (table.duty_now if state.q > NEW_BHT_LIST else table.duty_before)[code]
    document = random.random(count) < rate("inspections.document") * np.where(random_arm, 2.5, 1.0)
    visit = np.where(random.random(count) < rate("inspections.unannounced"), 2, 1)
    form = np.where(document, 0, visit)
    bht_only = document & (duty > 0) & (random.random(count) < rate("inspections.bht_only") * 1.9)
    weight = np.select([duty == 1, duty == 2], [1.0, rate("inspections.bht_conditional")], 0.0)
    asks_bht = random.random(count) < weight * np.where(
        document, rate("inspections.bht_document"), rate("inspections.bht_on_site")
    )
    building = table.where("41.2", "42", "43")[code]
    hiring = np.select(
        [
            table.where("78.2")[code],
            building & geography().ban[state.county[rows]],
            building,
            table.where("10", "25", "33")[code],
        ],
        [rate(f"inspections.hire_{name}") for name in ("lender", "building_ban", "building", "industry")],
        0.0,
    )
    crime = np.where(
        np.isin(section, EXPOSED) | table.where("45.2", "96.02")[code],
        rate("inspections.crime_exposed"),
        rate("inspections.crime_other"),
    )
    crime = crime * np.where(form == 2, 1.6, np.where(form == 1, 0.6, 0.4))
    checked = np.ones((count, len(OUTCOMES)), dtype=bool)
    checked[:, BHT] = asks_bht | bht_only
    checked[:, HIRING] = (random.random(count) < hiring) & ~bht_only
    checked[:, CRIME] = (random.random(count) < crime) & ~bht_only
    return Setting(form, bht_only, checked)


def _inspectors(random: np.random.Generator, staff: Staff, county: Ints) -> Ints:
    office = county % staff.offices
    per_office = np.bincount(staff.office, minlength=staff.offices)
    return np.asarray(
        office + staff.offices * np.floor(random.random(len(county)) * per_office[office]).astype(np.int64)
    )


def _points(random: np.random.Generator, setting: Setting) -> Ints:
    """Control points of each family: about ten together."""
    count = len(setting.form)
    general = np.where(
        setting.bht_only, 2, np.where(setting.form == 0, random.integers(5, 9, count), random.integers(6, 12, count))
    )
    return np.stack(
        [
            setting.checked[:, BHT] * random.integers(3, 6, count),
            general,
            setting.checked[:, HIRING] * random.integers(4, 7, count),
            setting.checked[:, CRIME] * random.integers(4, 9, count),
        ],
        axis=1,
    )


def _counts(
    random: np.random.Generator, checked: Flags, found: Flags, points: Ints
) -> tuple[Ints, Flags, Flags, Flags]:
    """How many points are breached in each family, so that the total says the same as the outcomes drawn.

    A serious inspection has five breaches or more, or a serious reaction; one that is not has neither. Counts beyond
    the outcomes do not depend on the unobserved quality, so the outcomes carry all that the answers tell of it.
    """
    count = len(points)
    found = found & checked
    serious = found[:, SERIOUS]
    cap = np.where(serious[:, None], 9, np.array([2, 9, 1, 1]))
    extra = random.binomial(np.maximum(points - 1, 0), np.array([0.35, 0.0, 0.20, 0.25]))
    breaches = np.minimum(found[:, [BHT, SERIOUS, HIRING, CRIME]] * (1 + extra), cap)
    breaches[:, 1] = 0
    others = breaches.sum(axis=1)
    many = np.clip(5 + random.poisson(1.4, count) - others, 1, points[:, 1])
    few = np.minimum(1 + random.binomial(2, 0.4, count), np.minimum(4 - others, points[:, 1]))
    possible = ~serious & (others < 4)
    minor = found[:, MINOR] & possible
    breaches[:, 1] = np.where(serious, many, np.where(minor, few, 0))
    reacted = serious & ((random.random(count) < 0.36) | (breaches.sum(axis=1) < 5))
    checked, found = checked.copy(), found.copy()
    checked[:, MINOR], found[:, MINOR] = possible, minor
    return breaches, found, checked, reacted


def joined_inspections(parts: list[Inspections]) -> Inspections:
    """All quarters one after another."""
    return Inspections(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in vars(parts[0])})
