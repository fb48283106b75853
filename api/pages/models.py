"""`/modeller`: which model serves each ranking, how its scores may be read, whom it lists, how it moved, its card."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import Response

from api.answers import run_headers
from api.deps import CurrentRun, Home, Now
from api.identity.current import CurrentPerson
from api.identity.rules import rule
from api.pages.cards import Forward, card_of, forward_of
from api.pages.charts import Chart, Estimate, estimates
from api.pages.groups import Evaluated, evaluated
from api.pages.languages import Speech, speech_of
from api.pages.moved import Moved, moved, registers, run_before
from api.pages.targets import targets_in
from api.pages.templating import page
from api.published_runs import runs_until
from targeting.domain import Target
from targeting.planning.permissions import check_can_enter
from targeting.published import PublishedRun, TargetRun

__all__ = ["Serving", "router"]

router = APIRouter(include_in_schema=False)


class Serving(NamedTuple):
    """The model behind one ranking; `bands` draws what each of its bands found, null for probabilities.

    `groups` is null where this version was not evaluated, `moved` in the first run that had the list.
    """

    target: Target
    about: TargetRun
    bands: Chart | None
    forward: Forward | None
    groups: Evaluated | None
    moved: Moved | None
    card: Markup | None


@router.get("/modeller", dependencies=[rule(check_can_enter)])
def models_page(request: Request, run: CurrentRun, person: CurrentPerson, home: Home, now: Now) -> Response:
    """What the published runs say, and the forward test, the evaluation and the card where they are here."""
    said, published = speech_of(request), run.published
    before = run_before(runs_until(home, person, run))
    return page(
        request,
        "models.html",
        HTTPStatus.OK,
        run_headers(run),
        run=run,
        days=(now.date() - published.about.as_of.day).days,
        before=before,
        registers=registers(before, published),
        serving=[_serving(said, home, one, published, before) for one in targets_in(run)],
    )


def _serving(said: Speech, home: Path, target: Target, run: PublishedRun, before: PublishedRun | None) -> Serving:
    about = run.about.targets[target]
    return Serving(
        target=target,
        about=about,
        bands=_bands(said, about),
        forward=forward_of(home, target, about),
        groups=evaluated(home, target, about.release, said),
        moved=moved(before, run, target) if before else None,
        card=card_of(target),
    )


def _bands(said: Speech, about: TargetRun) -> Chart | None:
    if not about.bands:
        return None
    rows = [Estimate(said.told(one, "title"), one.rate, one.low, one.high) for one in about.bands]
    return estimates(said, said.text("Share of inspections with a breach in each band"), said.text("Band"), rows)
