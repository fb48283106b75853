"""The figures of the monitor page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from matplotlib.figure import Figure

from pipelines.evaluation_report.drawing import BAND, GREY, OWN, RIVAL, Picture, drawn, percent_axis, plain
from pipelines.evaluation_report.words import Said, count, decimal
from targeting.domain import Target
from targeting.parameters.watching import Limit
from targeting.watching import Calibration, Drift, Light
from targeting.watching.words import named

__all__ = ["calibration_picture", "drift_picture", "shift_pictures"]

_SHOWN: Final = 12
_SHIFTS: Final = 6
_NOW: Final = Said("nå", "now")
_BEFORE: Final = Said("referansen", "the reference")
_COLOURS: Final = {Light.GREEN: GREY, Light.YELLOW: "#b97a00", Light.RED: RIVAL}


def drift_picture(target: Target, found: Sequence[Drift], limit: Limit) -> Picture:
    """The features that drifted most, beside the limits."""
    shown = list(found)[:_SHOWN][::-1]
    axis = Said("PSI mot referansen", "PSI against the reference")

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        figure.subplots_adjust(left=0.5, right=0.97, top=0.98, bottom=0.14)
        axes.barh(range(len(shown)), [one.psi for one in shown], color=[_COLOURS[one.light] for one in shown])
        axes.set_yticks(range(len(shown)), [one.feature for one in shown])
        for value in (limit.yellow, limit.red):
            axes.axvline(value, color=GREY, linewidth=0.8, linestyle="--")
        axes.set(xlabel=axis.nb, xlim=(0, max(limit.red * 1.2, *(one.psi for one in shown))))
        axes.xaxis.set_major_formatter(lambda value, _: decimal(value, 2).nb)
        axes.grid(axis="x", color=BAND, linewidth=0.6)
        axes.set_axisbelow(True)

    ticks = [decimal(tick / 100, 2) for tick in range(0, 2000, 5)]
    svg = drawn(f"{target}-drift", 0.9 + 0.26 * len(shown), draw, [axis, *ticks])
    title, most = Said(*named("target", target)), found[0]
    finding = Said(
        f"Mest flyttet: {most.title_nb} (PSI {decimal(most.psi).nb}).",
        f"Moved most: {most.title_en} (PSI {decimal(most.psi).en}).",
    )
    reading = Said(
        "Stiplet: grensene for gult og rødt. Grå stolper er innenfor, eller innenfor det tilfeldigheter gir.",
        "Dashed: the limits of yellow and red. Grey bars are within them, or within what chance gives.",
    )
    return Picture(f"{target}-drift", svg, title, reading, finding)


def shift_pictures(target: Target, found: Sequence[Drift]) -> list[Picture]:
    """Where each drifted feature went: the shares of its bins, now and in the reference."""
    return [_shift(one) for one in found if one.light is not Light.GREEN][:_SHIFTS]


def _shift(one: Drift) -> Picture:
    empty, share = Said("tomt", "empty"), Said("andel", "share")
    names = [*one.bins, empty.nb]

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        figure.subplots_adjust(left=0.16, right=0.98, top=0.9, bottom=0.36)
        places = np.arange(len(names))
        axes.bar(places - 0.2, one.before, 0.4, color=BAND, edgecolor=GREY, linewidth=0.5, label=_BEFORE.nb)
        axes.bar(places + 0.2, one.now, 0.4, color=OWN, label=_NOW.nb)
        axes.set_xticks(places, [name[:14] for name in names], rotation=60, ha="right", rotation_mode="anchor")
        axes.set_ylabel(share.nb)
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderaxespad=0.1)
        plain(axes)
        percent_axis(axes)

    name = f"{one.target}-{one.feature}-shift"
    svg = drawn(name, 2.6, draw, [_NOW, _BEFORE, empty, share])
    rows, before = count(one.rows), count(one.rows_before)
    reading = Said(
        f"{rows.nb} virksomheter nå, {before.nb} rader bak referansen.",
        f"{rows.en} establishments now, {before.en} rows behind the reference.",
    )
    psi = decimal(one.psi)
    finding = Said(f"PSI {psi.nb}: {one.shift_nb}.", f"PSI {psi.en}: {one.shift_en}.")
    return Picture(name, svg, Said(one.title_nb, one.title_en), reading, finding)


def calibration_picture(found: Sequence[Calibration]) -> Picture | None:
    """Expected against found, a mark a run and target; null where too little is known of all of them."""
    told = [one for one in found if one.expected is not None]
    if not told:
        return None
    expected, share = Said("ventet", "expected"), Said("funnet", "found")
    targets = sorted({one.target for one in told})
    titles = {target: Said(*named("target", target)) for target in targets}

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        figure.subplots_adjust(left=0.16, right=0.97, top=0.8, bottom=0.14)
        axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.9, linestyle="--")
        for place, target in enumerate(targets):
            own = [one for one in told if one.target == target]
            x = [one.expected or 0.0 for one in own]
            colour = (OWN, RIVAL, "#3d7a3d", "#6b3fa0")[place]
            axes.vlines(x, [one.low or 0.0 for one in own], [one.high or 0.0 for one in own], colour, linewidth=1.2)
            axes.plot(x, [one.found or 0.0 for one in own], "o", color=colour, label=titles[target].nb)
        axes.set(xlim=(0, 1), ylim=(0, 1), xlabel=expected.nb, ylabel=share.nb)
        axes.legend(loc="lower left", bbox_to_anchor=(-0.05, 1.0), ncols=1, borderaxespad=0.2, labelspacing=0.2)
        plain(axes)
        percent_axis(axes)
        percent_axis(axes, "x")

    svg = drawn("calibration", 3.6, draw, [expected, share, *titles.values()])
    return Picture(
        "calibration",
        svg,
        Said("Ventet og funnet", "Expected and found"),
        Said(
            "Hvert merke er én kjøring og ett mål, med 95 %-intervall. På den stiplede linjen er ventet lik funnet.",
            "Each mark is one run and target, with its 95% interval. On the dashed line expected equals found.",
        ),
        Said("Blant de kontrollerte, ikke blant alle.", "Among the inspected, not among everybody."),
    )
