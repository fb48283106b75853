"""The synthetic country is no straw man: rates as in DOMAIN 5.6, a biased selection, a truth that is not simple."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from targeting.domain import IndustryCode, Scheme, Standard, Target
from targeting.parameters.approval_schemes import duties
from targeting.sources.synthetic import Country, build_country, write_truth
from targeting.sources.synthetic.assumptions import SECTIONS, geography, industries
from targeting.sources.synthetic.country import TruthRows
from targeting.sources.synthetic.filings import APPROVED_INDUSTRIES
from targeting.sources.synthetic.inspections import BHT, CRIME, HIRING, Inspections
from targeting.sources.synthetic.terms import build_world, state_at
from targeting.sources.synthetic.timeline import BAN_OF_HIRING

LAST = -1


@pytest.fixture(scope="module")
def country() -> Country:
    return build_country(20_000, seed=2026)


@pytest.fixture(scope="module")
def done(country: Country) -> npt.NDArray[np.bool_]:
    return ~country.inspections.aborted


def _duty(country: Country, rows: TruthRows) -> npt.NDArray[np.bool_]:
    code = country.world.register.code(rows.q - 1)[rows.workplace]
    return industries().duty_now[code] > 0


def _banned(code: npt.NDArray[np.int64], municipality: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    county = geography().county[municipality]
    return np.asarray(industries().where("41.2", "42", "43")[code] & geography().ban[county])


def _breached(inspections: Inspections) -> npt.NDArray[np.int64]:
    return inspections.breaches.sum(axis=1)


def test_a_fifth_of_the_registered_establishments_employ(country: Country) -> None:
    register = country.world.register
    for q in (-1, 20, 43):
        assert register.living(q).sum() == pytest.approx(20_000, rel=0.1)
        assert (register.count(q) > 0).sum() / register.living(q).sum() == pytest.approx(0.235, abs=0.025)


def test_size_mix_of_the_employing_is_that_of_the_statistics(country: Country) -> None:
    count = country.world.register.count(-1)
    shares = np.histogram(count[count > 0], [1, 5, 10, 20, 50, 100, 250, 10_000])[0] / (count > 0).sum()
    assert shares == pytest.approx([0.496, 0.194, 0.149, 0.107, 0.034, 0.015, 0.005], abs=0.02)


def test_about_seven_per_cent_of_the_employing_are_inspected_a_year(country: Country) -> None:
    employing = np.mean([(country.world.register.count(q) > 0).sum() for q in range(44)])
    assert len(country.inspections.day) / 11 / employing == pytest.approx(0.069, abs=0.004)


def test_rates_found_are_those_of_the_domain(country: Country, done: npt.NDArray[np.bool_]) -> None:
    found = country.inspections
    asked = done & found.checked[:, BHT]
    assert asked.sum() / done.sum() == pytest.approx(0.315, abs=0.03)
    assert found.found[asked, BHT].mean() == pytest.approx(0.45, abs=0.05)
    assert found.found[asked & (found.form == 0), BHT].mean() == pytest.approx(0.55, abs=0.08)
    assert (_breached(found)[done] > 0).mean() == pytest.approx(0.73, abs=0.04)
    assert (_breached(found)[done] >= 5).mean() == pytest.approx(0.26, abs=0.045)
    assert found.points[done].sum(axis=1).mean() == pytest.approx(10, abs=1)
    assert (found.form == 0).mean() == pytest.approx(0.13, abs=0.02)


def test_unlawful_hiring_is_rare_except_where_building_is_banned_from_it() -> None:
    """What is found, over three countries: one alone has too few such inspections for a rate."""
    general: list[bool] = []
    banned: list[bool] = []
    for seed in (1, 2, 3):
        inspections, register = (built := build_country(12_000, seed)).inspections, built.world.register
        asked = ~inspections.aborted & inspections.checked[:, HIRING]
        banned_there = _banned(inspections.code, register.municipality(43)[inspections.workplace])
        after = inspections.quarter >= BAN_OF_HIRING
        general += list(inspections.found[asked & ~after, HIRING])
        banned += list(inspections.found[asked & after & banned_there, HIRING])
    assert 0.03 <= np.mean(general) <= 0.12
    assert 0.15 <= np.mean(banned) <= 0.25
    assert np.mean(banned) > 1.5 * np.mean(general)


@pytest.mark.parametrize("seed", [1, 2, 3, 5])
def test_every_country_has_the_rate_of_the_domain_where_hiring_is_banned(seed: int) -> None:
    """The truth of those who would be inspected, from 2024 to the coming quarter; not only the mean of countries."""
    built = build_country(20_000, seed)
    probability: list[np.float64] = []
    chance: list[np.float64] = []
    for rows in built.truth:
        register, before = built.world.register, rows.q - 1
        code, municipality = register.code(before)[rows.workplace], register.municipality(before)[rows.workplace]
        banned = _banned(code, municipality)
        probability += list(rows.probability[banned, HIRING])
        chance += list(rows.propensity[banned])
    assert 0.15 <= np.average(probability, weights=chance) <= 0.25


def test_the_registers_are_for_the_industries_that_the_rules_name() -> None:
    for code in industries().sn2007:
        must = set(duties(IndustryCode(code, Standard.SN2007), date(2026, 12, 31)))
        assert must == {scheme for scheme, prefix in APPROVED_INDUSTRIES.items() if code.startswith(prefix)}


@pytest.mark.parametrize(
    ("scheme", "missing"), [(Scheme.AGENCY, 0.05), (Scheme.CLEANING, 0.08), (Scheme.CAR_CARE, 0.25)]
)
def test_who_must_be_approved_mostly_is_whoever_the_owner(scheme: Scheme, missing: float) -> None:
    """Chains, sold and re-coded establishments too. Who still waits for an approval counts as approved."""
    world = build_world(100_000, seed=3)
    register, last = world.register, 43
    (list_,) = (one for one in world.approvals if one.scheme is scheme)
    approved = list_.enterprise[list_.status < 2]
    running = register.living(last) & industries().where(APPROVED_INDUSTRIES[scheme])[register.code(last)]
    owners = register.owner(last)[running]
    assert len(owners) > 400
    assert 1 - np.isin(owners, approved).mean() == pytest.approx(missing, abs=0.02)


def test_a_serious_outcome_is_five_breaches_or_a_serious_reaction(country: Country) -> None:
    found = country.inspections
    assert (found.found[:, 1] == ((_breached(found) >= 5) | found.reacted)).all()
    assert ((found.breaches <= found.points) & (found.breaches >= 0)).all()
    for column, outcome in ((0, BHT), (2, HIRING), (3, CRIME)):
        assert ((found.breaches[:, column] > 0) == (found.found[:, outcome] & found.checked[:, outcome])).all()


def test_the_inspected_are_worse_than_everybody(country: Country) -> None:
    duty = np.concatenate([_duty(country, rows) for rows in country.truth])
    truth = np.concatenate([rows.probability for rows in country.truth])
    chance = np.concatenate([rows.propensity for rows in country.truth])
    for column, scope in ((0, duty), (1, np.ones(len(duty), dtype=bool))):
        assert np.average(truth[scope, column], weights=chance[scope]) > truth[scope, column].mean() + 0.01
    assert chance.max() > 10 * np.median(chance)


def test_a_small_random_arm_is_marked(country: Country) -> None:
    assert country.inspections.random_arm.mean() == pytest.approx(0.02, abs=0.01)


def test_campaigns_tips_accidents_and_follow_ups_all_occur(country: Country) -> None:
    assert (np.bincount(country.inspections.origin, minlength=6) > 0).all()


def test_the_truth_spreads_and_the_registers_tell_much_but_not_all(country: Country) -> None:
    rows = country.truth[LAST]
    duty = _duty(country, rows)
    full, seen = rows.probability[duty, 0], rows.observable[duty, 0]
    assert 0.85 <= np.log(seen / (1 - seen)).std() <= 1.2
    assert np.log(full / (1 - full)).std() > np.log(seen / (1 - seen)).std() + 0.1
    assert 0.75 < np.corrcoef(full, seen)[0, 1] < 0.95
    top = 150
    lists = [full[np.argsort(-by)[:top]].mean() for by in (full, seen, np.random.default_rng(1).random(len(full)))]
    assert lists[0] > lists[1] + 0.02
    assert lists[1] > 1.4 * lists[2]


def test_what_the_registers_tell_is_calibrated(country: Country) -> None:
    """E[p | observable] = observable: in each tenth of the observable the full truth has the same mean."""
    seen = np.concatenate([rows.observable[:, 0] for rows in country.truth])
    full = np.concatenate([rows.probability[:, 0] for rows in country.truth])
    tenths = pd.qcut(seen, 10, labels=False)
    for tenth in range(10):
        assert full[tenths == tenth].mean() == pytest.approx(seen[tenths == tenth].mean(), abs=0.025)


def test_past_answers_carry_news(country: Country) -> None:
    """Those last found in breach are known to be worse than those last found in order."""
    rows, found = country.truth[0], country.inspections
    recent = np.flatnonzero(
        (found.quarter >= rows.q - 8) & (found.quarter < rows.q - 2) & found.checked[:, BHT] & ~found.aborted
    )
    answer = pd.Series(found.found[recent, BHT], index=found.workplace[recent]).groupby(level=0).last()
    merged = pd.DataFrame({"seen": rows.observable[:, 0], "full": rows.probability[:, 0]}, index=rows.workplace).join(
        answer.rename("breach"), how="inner"
    )
    assert merged.groupby("breach")["seen"].mean().diff().iloc[-1] > 0.1


def test_no_straight_line_over_obvious_covariates_reproduces_the_truth(country: Country) -> None:
    rows = country.truth[LAST]
    state = state_at(country.world, rows.q, np.full(country.world.register.places.workplaces, -1000))
    at = rows.workplace
    section = np.eye(len(SECTIONS))[state.section[at]]
    county = np.eye(len(geography().counties))[state.county[at]]
    age = (country.world.register.starts[rows.q] - country.world.register.places.registered_on[at]) / 365.25
    design = np.column_stack(
        [np.ones(len(at)), section, county, state.log_size[at], age, state.group[at], state.terms[at]]
    )
    for column in range(len(Target)):
        for truth in (rows.probability[:, column], rows.observable[:, column]):
            logit = np.log(truth / (1 - truth))
            fitted = design @ np.linalg.lstsq(design, logit, rcond=None)[0]
            assert 1 - ((logit - fitted) ** 2).sum() / ((logit - logit.mean()) ** 2).sum() < 0.9
        correlations = [
            abs(np.corrcoef(rows.probability[:, column], one)[0, 1]) for one in design[:, 1:].T if one.std() > 0
        ]
        assert max(correlations) < 0.6, "one feature equals the truth"


def test_the_truth_file_covers_2024_to_the_coming_quarter(country: Country, tmp_path: Path) -> None:
    write_truth(country, tmp_path / "truth.parquet")
    truth = pd.read_parquet(tmp_path / "truth.parquet")
    assert list(truth.columns) == [
        "establishment",
        "quarter_start",
        "target",
        "probability",
        "probability_observable",
        "propensity",
    ]
    assert truth.isna().sum().sum() == 0
    assert str(truth["quarter_start"].min()) == "2024-01-01" and str(truth["quarter_start"].max()) == "2027-01-01"
    assert set(truth["target"]) == {target.value for target in Target}
    assert not truth.duplicated(["establishment", "quarter_start", "target"]).any()
    assert truth[["probability", "probability_observable", "propensity"]].stack().between(0, 1).all()
