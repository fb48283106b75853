"""`/modeller`: which model serves each ranking, how its scores may be read and why, and its card."""

from __future__ import annotations

from http import HTTPStatus
from typing import NamedTuple

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import Response

from api.answers import run_headers
from api.deps import CurrentRun, Home
from api.identity.rules import rule
from api.pages.cards import Forward, card_of, forward_of
from api.pages.charts import Chart, Estimate, estimates
from api.pages.languages import Speech, speech_of
from api.pages.targets import targets_in
from api.pages.templating import page
from targeting.domain import Target
from targeting.planning.permissions import check_can_enter
from targeting.published import TargetRun

__all__ = ["Serving", "router"]

router = APIRouter(include_in_schema=False)


class Serving(NamedTuple):
    """The model behind one ranking; `bands` draws what each of its bands found, null for probabilities."""

    target: Target
    about: TargetRun
    bands: Chart | None
    forward: Forward | None
    card: Markup | None


@router.get("/modeller", dependencies=[rule(check_can_enter)])
def models_page(request: Request, run: CurrentRun, home: Home) -> Response:
    """What the published run says, and the forward test and the card where they are here."""
    said = speech_of(request)
    about = run.published.about.targets
    serving = [
        Serving(one, about[one], _bands(said, about[one]), forward_of(home, one, about[one]), card_of(one))
        for one in targets_in(run)
    ]
    return page(request, "models.html", HTTPStatus.OK, run_headers(run), run=run, serving=serving)


def _bands(said: Speech, about: TargetRun) -> Chart | None:
    if not about.bands:
        return None
    rows = [Estimate(said.told(one, "title"), one.rate, one.low, one.high) for one in about.bands]
    return estimates(said, said.text("Share of inspections with a breach in each band"), said.text("Band"), rows)
