"""What was scored: every run's score of an establishment with its reasons, newest first, and the published facts."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from importlib import resources
from typing import Any, Final

from targeting.domain import Target
from targeting.feedback.access.answer import Fact, Holding, ReasonTold, ScoreTold, Words
from targeting.feedback.access.saying import said
from targeting.parameters.access import withheld
from targeting.parameters.counties import counties
from targeting.parameters.purposes import purpose_of
from targeting.published import PublishedRun, band_of, score_rows_of, scored_in

__all__ = ["facts_of", "scores_of"]

_FACTS: Final[Mapping[str, Mapping[str, Any]]] = tomllib.loads(
    resources.files(__package__).joinpath("facts.toml").read_text(encoding="utf-8")
)


def facts_of(rows: Sequence[Mapping[str, Any]], holdings: Sequence[Holding]) -> tuple[Fact, ...]:
    """The published facts of each establishment row, in the order of `facts.toml`."""
    newest = {(one.number, one.table): one.last_known_on for one in holdings}
    return tuple(
        Fact(
            row["establishment"],
            field,
            Words(about["nb"], about["en"]),
            row[field],
            said(row[field], _codes(field, about)),
            about["table"],
            newest.get((row["establishment"], about["table"])) or newest.get((row["enterprise"], about["table"])),
        )
        for row in rows
        for field, about in _FACTS.items()
    )


def _codes(field: str, about: Mapping[str, Any]) -> Mapping[str, Sequence[str]]:
    if field == "county":
        return {one.code: (one.name, one.name) for one in counties()}
    codes: Mapping[str, Sequence[str]] = about.get("values", {})
    return codes


def scores_of(runs: Sequence[PublishedRun], establishments: Sequence[str], on: date) -> tuple[ScoreTold, ...]:
    """Every score of `establishments` in `runs`, newest run first. Reasons that are withheld are left out or unsaid."""
    hidden = {feature: Words(one.instead_nb, one.instead_en) for one in withheld(on) for feature in one.features}
    told = [
        _told(run, target, row, hidden)
        for run in runs
        for target in sorted(run.about.targets)
        for row in score_rows_of(run, target, establishments)
    ]
    return tuple(sorted(told, key=lambda one: (-one.as_of.toordinal(), one.run, one.establishment, one.target)))


def _told(run: PublishedRun, target: Target, row: Mapping[str, Any], hidden: Mapping[str, Words]) -> ScoreTold:
    about, purpose = run.about.targets[target], purpose_of(target)
    band = band_of(about.bands, row["band"])
    return ScoreTold(
        establishment=row["establishment"],
        run=run.about.named_for(target),
        as_of=run.about.as_of.day,
        target=target.value,
        title=Words(purpose.title_nb, purpose.title_en),
        asks=Words(purpose.asks_nb, purpose.asks_en),
        basis=Words(purpose.basis_nb, purpose.basis_en),
        score=row["score"],
        low=row["low"],
        high=row["high"],
        band=None if band is None else Words(band.title_nb, band.title_en),
        rank=row["rank"],
        among=None if run.reduced else scored_in(run, target),
        listing_probability=row["listing_probability"],
        release=about.release,
        trained_until=about.trained_until,
        reasons=tuple(_reasons(row["reasons"], hidden)),
    )


def _reasons(reasons: Sequence[Mapping[str, Any]], hidden: Mapping[str, Words]) -> Iterator[ReasonTold]:
    for one in reasons:
        text = hidden.get(one["feature"], Words(one["text_nb"], one["text_en"]))
        if text.nb:
            yield ReasonTold(text, one["contribution"] > 0, one["contribution"])
