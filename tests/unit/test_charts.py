"""Charts: the drawing says what the table says, escapes what it is given, and needs no style of its own."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from api.pages.charts import Bar, Chart, Estimate, Push, bars, diverging, estimates, tile_map, whisker
from api.pages.languages import speech
from targeting.parameters.counties import counties

NB = speech("nb")
UNKIND = 'Bakeri <script> & "sønner"'


def every_kind(label: str) -> list[Chart]:
    return [
        estimates(NB, label, "Næring", [Estimate(label, 0.5, 0.25, 0.75), Estimate("b", 0.1, 0.0, 0.2)]),
        bars(NB, label, ("Næring", "Tilsyn"), [Bar(label, 12), Bar("b", 0)]),
        diverging(NB, label, [Push(label, 0.5), Push("b", -0.25)]),
        tile_map(NB, label, "Tilsyn", {"03": 12}),
    ]


def empty_ones() -> list[Chart]:
    return [
        estimates(NB, "t", "o", []),
        bars(NB, "t", ("a", "b"), []),
        diverging(NB, "t", []),
        tile_map(NB, "t", "c", {}),
    ]


@pytest.mark.parametrize("chart", [*every_kind(UNKIND), *empty_ones()])
def test_a_drawing_is_an_image_with_a_name_and_a_description_and_nothing_that_the_policy_forbids(chart: Chart) -> None:
    root = ElementTree.fromstring(chart.svg)  # not well-formed: raises
    assert root.get("role") == "img"
    assert [one.tag for one in root][:2] == ["title", "desc"]
    assert root[0].text == chart.title
    assert "style=" not in chart.svg
    assert "<script" not in chart.svg
    assert all(len(row) == len(chart.heads) for row in chart.rows)


def test_everything_stays_inside_the_drawing() -> None:
    chart = estimates(NB, "t", "o", [Estimate("a", 0.9, 0.0, 1.0), Estimate("b", 0.0, 0.0, 0.0)])
    places = [float(one) for one in re.findall(r'(?:x|x1|x2|cx)="(-?[\d.]+)%"', chart.svg)]
    assert min(places) >= 0
    assert max(places) <= 100
    written = re.findall(r'<text x="([\d.]+)%"([^>]*)>', chart.svg)
    assert [rest for x, rest in written if float(x) > 90 and 'text-anchor="end"' not in rest] == []


@pytest.mark.parametrize(
    ("label", "lines"),
    [("Bygg", 1), ("Seriøsitet i transport", 2), ("Muskel, skjelett og psykisk helse: overnatting og servering", 3)],
)
def test_figures_stand_behind_a_short_label_and_below_a_long_one(label: str, lines: int) -> None:
    chart = estimates(NB, "t", "o", [Estimate(label, 0.5, 0.4, 0.6)])
    drawn = re.findall(r'<text x="0%" y="[\d.]+em" class="label">(.*?)</text>', chart.svg)
    assert len(drawn) == lines
    assert re.sub(r"<[^>]+>", "", drawn[-1]).endswith("50\xa0% (40–60\xa0%)")


def test_lengths_are_in_proportion() -> None:
    chart = bars(NB, "t", ("a", "b"), [Bar("a", 40), Bar("b", 10)])
    first, second = (float(one) for one in re.findall(r'<rect[^>]*width="([\d.]+)%"', chart.svg))
    assert first / second == pytest.approx(40 / 10, rel=0.01)


def test_what_raises_goes_right_and_what_lowers_goes_left_of_the_middle() -> None:
    chart = diverging(NB, "t", [Push("a", 0.5), Push("b", -0.25)])
    up, down = re.findall(r'<rect x="([\d.]+)%"[^>]*width="([\d.]+)%"[^>]*class="(\w+)"', chart.svg)
    assert up == ("50", "50", "up")
    assert down == ("25", "25", "down")
    assert [row[1:] for row in chart.rows] == [("trekker opp", "0,50"), ("trekker ned", "-0,25")]


def test_a_long_label_is_broken_where_a_narrow_screen_ends() -> None:
    chart = bars(NB, "t", ("a", "b"), [Bar("Muskel, skjelett og psykisk helse: overnatting og servering", 1)])
    lines = re.findall(r'class="label">(?:<tspan>)?([^<]+)<', chart.svg)
    assert lines == ["Muskel, skjelett og psykisk helse:", "overnatting og servering"]


def test_the_map_has_every_county_once_and_the_most_is_darkest() -> None:
    chart = tile_map(NB, "t", "Tilsyn", {"03": 12, "46": 3})
    assert [row for row in chart.rows if row[1] != "0"] == [("Oslo", "12"), ("Vestland", "3")]
    assert len(chart.rows) == len(counties()) == 15
    tiles = re.findall(r'class="shade-(\d)"', chart.svg)
    assert sorted(tiles) == sorted(["0"] * 13 + ["1", "4"])


def test_a_whisker_beside_its_figures_is_silent() -> None:
    assert 'aria-hidden="true"' in whisker(0.5, 0.4, 0.6)
