"""The parts of the synthetic country that have a right answer of their own."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from targeting.domain import BadInputError, is_organisation_number
from targeting.sources.synthetic import build_country
from targeting.sources.synthetic.assumptions import geography, industries
from targeting.sources.synthetic.control_points import POINTS
from targeting.sources.synthetic.drawing import first_event
from targeting.sources.synthetic.incidents import ACCIDENT, TIP, Incidents, Reports, known_share, tilt
from targeting.sources.synthetic.inspections import Inspections
from targeting.sources.synthetic.latent import chain, walk
from targeting.sources.synthetic.numbers import organisation_numbers
from targeting.sources.synthetic.oracles import Evidence, Reader
from targeting.sources.synthetic.randomness import stream
from targeting.sources.synthetic.register import build_register
from targeting.sources.synthetic.register_events import enterprise_events, place_events
from targeting.sources.synthetic.timeline import QUARTERS, first_days


def test_numbers_are_valid_distinct_and_never_real() -> None:
    drawn = [str(number) for number in organisation_numbers(5_000, stream(3, "numbers"))]
    assert len(set(drawn)) == 5_000
    assert all(is_organisation_number(number) and number[0] in "23" for number in drawn)


@pytest.mark.parametrize("establishments", [0, 1_999, 950_001])
def test_a_size_that_is_not_supported_is_refused(establishments: int) -> None:
    with pytest.raises(BadInputError, match="2000 to 950000 establishments"):
        build_country(establishments, seed=1)


def test_every_county_of_2024_has_municipalities_of_its_own() -> None:
    towns = geography()
    assert len(towns.counties) == 15
    assert all(number[:2] == towns.counties[place] for number, place in zip(towns.number, towns.county, strict=True))
    assert towns.share.sum() == pytest.approx(1)


def test_every_industry_has_a_code_in_both_standards() -> None:
    table = industries()
    assert len(set(table.sn2007)) == len(table.sn2007)
    assert all(len(code) == 6 and code[2] == "." for code in (*table.sn2007, *table.sn2025))


def test_the_control_points_are_those_of_the_contract() -> None:
    families = [point.split("-")[0] for point in POINTS]
    assert {name: families.count(name) for name in families} == {"BHT": 5, "HMS": 20, "INN": 6, "AKR": 8}


def test_a_first_event_comes_at_its_rate() -> None:
    when = first_event(stream(1, "test"), np.full(200_000, 0.1))
    assert (when < 4).mean() == pytest.approx(1 - 0.975**4, abs=0.003)


class TestTheUnobservedQuality:
    def test_it_starts_and_stays_in_its_long_run_distribution(self) -> None:
        path = walk(5, np.full(100_000, 999))
        for q in (0, QUARTERS):
            shares = np.bincount(path[:, q], minlength=len(chain().level)) / len(path)
            assert shares == pytest.approx(chain().stationary, abs=0.006)

    def test_it_persists_and_is_mostly_lost_with_the_owner(self) -> None:
        kept, sold = walk(5, np.full(50_000, 999)), walk(5, np.full(50_000, 0))
        level = chain().level
        assert np.corrcoef(level[kept[:, 0]], level[kept[:, 4]])[0, 1] > 0.8
        assert np.corrcoef(level[sold[:, 0]], level[sold[:, 1]])[0, 1] < 0.5


def _evidence(q: int, *, tips: int, found: bool, known: int) -> Evidence:
    """One workplace with one inspection on the quarter's first day and `tips` tips known the same day."""
    start, end = (int(day) for day in first_days()[q : q + 2])
    one = np.array([0])
    flags = np.array([[True, False, False, False, False]])
    inspection = Inspections(
        **{field.name: one for field in dataclasses.fields(Inspections)}
        | {
            "aborted": np.array([False]),
            "known": np.array([known]),
            "checked": flags,
            "found": flags & found,
            "logit": np.full((1, 5), -0.3),
            "loading": np.full((1, 5), 0.8),
        }
    )
    incidents = Incidents(
        np.zeros(tips, int), np.full(tips, TIP), np.full(tips, start), np.full(tips, start), np.zeros(tips, bool)
    )
    return Evidence(start, end, Reports(np.array([0.1]), np.array([0.2])), incidents, inspection)


def test_the_readers_belief_is_bayes_rule_summed_over_every_path() -> None:
    """An independent oracle: enumerate the paths of three quarters, weigh each by what was known on the day."""
    links, starts = chain(), first_days()
    late = int(starts[2]) + 5  # the second answer is not known on the first day of quarter 2
    evidence = [
        _evidence(0, tips=1, found=True, known=int(starts[1]) + 3),
        _evidence(1, tips=0, found=False, known=late),
    ]
    reader = Reader(np.array([999]))
    for q, part in enumerate(evidence):
        reader.add(q, part)

    def reports(expected: float, kind: int, share: float, seen: int) -> np.ndarray:
        return np.exp(seen * tilt(kind) - expected * share * np.exp(tilt(kind)))

    answer = 1 / (1 + np.exp(-(-0.3 + 0.8 * links.level)))
    first = reports(0.1, ACCIDENT, 1.0, 0) * reports(0.2, TIP, 1.0, 1) * answer
    share = {kind: known_share(kind, int(starts[1]), int(starts[2])) for kind in (ACCIDENT, TIP)}
    second = reports(0.1, ACCIDENT, share[ACCIDENT], 0) * reports(0.2, TIP, share[TIP], 0)
    joint = np.einsum("a,a,ab,b,bc->c", links.stationary, first, links.step, second, links.step)
    assert reader.belief(2, int(starts[2]))[0] == pytest.approx(joint / joint.sum())


class TestTheFeed:
    def test_a_unit_is_named_at_most_once_a_quarter_and_in_order_of_days(self) -> None:
        register = build_register(2_000, seed=4)
        for q in range(QUARTERS):
            for events in (place_events(register, q), enterprise_events(register, q)):
                assert len(np.unique(events.rows)) == len(events.rows)
                assert (np.diff(events.day) >= 0).all()
                assert (events.day >= register.starts[q]).all() and (events.day < register.starts[q + 1]).all()

    def test_every_living_unit_is_recoded_in_september_2025_and_only_then(self) -> None:
        register = build_register(2_000, seed=4)
        named = [len(place_events(register, q).rows) for q in (37, 38, 39)]
        assert named[1] > 0.9 * register.living(38).sum() > 5 * max(named[0], named[2])
