"""Figures of the list: how much of it is luck."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow.compute as pc
from matplotlib.figure import Figure

from pipelines.evaluation_report.drawing import BAND, OWN, RIVAL, Picture, percent_axis, picture, plain
from pipelines.evaluation_report.words import Said, count, said, share
from targeting.evaluation.evaluated import Evaluated
from targeting.evaluation.stability import Overlap, Stability

__all__ = ["list_pictures"]

_SURE: Final = 0.8


def list_pictures(found: Evaluated) -> list[Picture]:
    """The figures that the evidence allows."""
    made = [_stability(found), _listing(found)]
    return [picture for picture in made if picture is not None]


def _stability(found: Evaluated) -> Picture | None:
    stability, gates = found.evidence.stability, found.specification.gates
    if stability is None:
        return None
    kinds = _overlaps(stability)
    floors = {kind: getattr(gates, f"min_jaccard_{kind}") for kind in kinds}
    words = [said(f"plot.{key}") for key in (*kinds, "mean", "least", "floor", "shared")]

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        figure.subplots_adjust(left=0.24, right=0.94, top=0.84, bottom=0.24)
        rows = np.arange(len(kinds))[::-1]
        means, least = [one.mean for one in kinds.values()], [one.least for one in kinds.values()]
        axes.hlines(rows, least, means, OWN, linewidth=2)
        axes.plot(means, rows, "o", color=OWN, label=said("plot.mean").nb)
        axes.plot(least, rows, "|", color=OWN, markersize=9, label=said("plot.least").nb)
        axes.plot(list(floors.values()), rows, "d", color=RIVAL, markersize=5, label=said("plot.floor").nb)
        axes.set_yticks(rows, [said(f"plot.{kind}").nb for kind in kinds])
        axes.set(xlim=(0, 1.03), ylim=(-0.6, len(kinds) - 0.4), xlabel=said("plot.shared").nb)
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=3, borderaxespad=0)
        axes.grid(axis="x", color=BAND, linewidth=0.6)
        percent_axis(axes, "x")

    told = [said(f"plot.{kind}") for kind in kinds]
    means = [share(overlap.mean) for overlap in kinds.values()]
    pairs = list(zip(told, means, strict=True))
    told_all = Said(", ".join(f"{a.nb} {b.nb}" for a, b in pairs), ", ".join(f"{a.en} {b.en}" for a, b in pairs))
    return picture(found.target, "stability", 2.1, draw, words, said("figure.stability.finding", told=told_all))


def _overlaps(stability: Stability) -> dict[str, Overlap]:
    kinds = {"seeds": stability.seeds, "resamples": stability.resamples, "quarters": stability.quarters}
    return {kind: overlap for kind, overlap in kinds.items() if overlap is not None}


def _listing(found: Evaluated) -> Picture | None:
    """The places of the list by how often the same establishment gets one."""
    stability = found.evidence.stability
    if stability is None or stability.listing is None:
        return None
    chances = stability.listing["listing_probability"].to_numpy()
    words = [said("plot.listing"), said("plot.places")]

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        figure.subplots_adjust(left=0.16, right=0.95, top=0.96, bottom=0.2)
        axes.hist(chances, bins=np.linspace(0, 1, 11).tolist(), weights=chances, color=OWN, rwidth=0.9)
        axes.set(xlim=(0, 1), xlabel=said("plot.listing").nb, ylabel=said("plot.places").nb)
        plain(axes)
        percent_axis(axes, "x")

    sure = float(chances[chances >= _SURE - 1e-9].sum())
    finding = said("figure.listing.finding", sure=count(sure), k=count(float(pc.sum(stability.listing[1]).as_py())))
    return picture(found.target, "listing", 2.3, draw, words, finding)
