"""Role by route, all of them, for bearer tokens and sessions alike.

A route of the application that is not in the table fails: who may is decided when the route is made, not found out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import iter_route_contexts
from starlette.testclient import TestClient

from api.identity.rules import check_every_route_has_a_rule, public
from api.main import create_app
from api.plans import draw_plan, save_draft
from api.trial_service import TrialWanted, design_over
from targeting.domain import RefusedError, Target
from targeting.planning import Problem
from targeting.planning.life import By
from targeting.planning.permissions import Person, Role
from targeting.planning.trial import freeze
from tests.lib.issuer import BASE, Issuer, log_in_at_issuer, running_issuer, trusting
from tests.lib.published_run import publish
from tests.lib.small_country import number

WHO = ("nobody", "no_role", "planner", "approver", "data_scientist", "akrim_analyst", "auditor", "administrator")

TABLE = """
route                                         asked with            nobody  no_role  planner  approver  data_scientist  akrim_analyst  auditor  administrator
GET  /healthz/live                            -                     200     200      200      200       200             200            200      200
GET  /healthz/ready                           -                     200     200      200      200       200             200            200      200
GET  /metrics                                 -                     200     200      200      200       200             200            200      200
GET  /openapi/v1.json                         -                     200     200      200      200       200             200            200      200
GET  /static                                  /page.css             200     200      200      200       200             200            200      200
GET  /login                                   -                     302     302      302      302       302             302            302      302
GET  /login/callback                          -                     401     401      401      401       401             401            401      401
POST /login                                   name=x                404     404      404      404       404             404            404      404
GET  /logged-out                              -                     200     200      200      200       200             200            200      200
GET  /                                        -                     303     403      200      200       200             200            200      200
GET  /kandidater                              -                     303     403      200      200       200             200            200      403
GET  /kandidater                              ?target=work_crime    303     403      403      403       403             200            403      403
GET  /kandidater.csv                          -                     303     403      200      200       403             200            403      403
GET  /kandidater.csv                          ?target=work_crime    303     403      403      403       403             200            403      403
GET  /planer                                  -                     303     403      200      200       200             200            200      403
GET  /planer/ny                               -                     303     403      200      403       403             403            403      403
GET  /planer/ny                               ?target=work_crime    303     403      403      403       403             403            403      403
POST /planer/ny                               -                     401     403      422      403       403             403            403      403
GET  /planer/{plan}                           PLAN                  303     403      200      200       200             200            200      403
GET  /planer/{plan}                           CLOSED_PLAN           303     403      404      404       404             200            404      403
GET  /planer/{plan}/resultat                  PLAN                  303     403      200      200       200             200            200      403
GET  /planer/{plan}/liste                     PLAN                  303     403      200      200       403             200            403      403
GET  /planer/{plan}/plasser/{slot}            PLAN                  303     403      422      403       403             403            403      403
POST /planer/{plan}/plasser/{slot}            PLAN                  401     403      422      403       403             403            403      403
POST /planer/{plan}/plasser                   PLAN                  401     403      422      403       403             403            403      403
POST /planer/{plan}/forslag                   PLAN                  401     403      422      403       403             403            403      403
POST /planer/{plan}/start                     PLAN                  401     403      422      403       403             403            403      403
POST /planer/{plan}/avslutning                PLAN                  401     403      422      403       403             403            403      403
POST /planer/{plan}/trekking                  PLAN                  401     403      422      403       403             403            403      403
POST /planer/{plan}/godkjenning               PLAN                  401     403      403      422       403             403            403      403
POST /planer/{plan}/retur                     PLAN                  401     403      403      422       403             403            403      403
POST /planer/{plan}/godkjenning               CLOSED_PLAN           401     403      404      404       404             403            404      403
POST /planer/{plan}/utfall                    PLAN                  401     403      415      403       403             403            403      403
GET  /virksomheter/{number}                   ESTABLISHMENT         303     403      200      200       200             200            200      403
GET  /naeringer                               -                     303     403      200      200       200             200            200      200
GET  /naeringer                               ?target=work_crime    303     403      403      403       403             200            403      403
GET  /modeller                                -                     303     403      200      200       200             200            200      200
GET  /revisjon                                -                     303     403      403      403       403             403            200      403
GET  /v1/rankings/{target}                    bht_use               401     403      200      200       200             200            200      403
GET  /v1/rankings/{target}                    work_crime            401     403      403      403       403             200            403      403
GET  /v1/establishments/{number}              ESTABLISHMENT         401     403      200      200       200             200            200      403
GET  /v1/sectors                              -                     401     403      200      200       200             200            200      200
GET  /v1/models                               -                     401     403      200      200       200             200            200      200
GET  /v1/areas                                ?target=bht_use       401     403      200      200       200             200            200      403
GET  /v1/areas                                ?target=work_crime    401     403      403      403       403             200            403      403
GET  /v1/runs                                 -                     401     403      200      200       200             200            200      200
GET  /v1/runs/current                         -                     401     403      200      200       200             200            200      200
GET  /v1/monitoring                           -                     401     403      200      200       200             200            200      200
GET  /v1/plans                                -                     401     403      200      200       200             200            200      403
POST /v1/plans                                ?target=bht_use       401     403      422      403       403             403            403      403
POST /v1/plans/preview                        ?target=bht_use       401     403      422      403       403             403            403      403
POST /v1/plans/dial                           ?target=bht_use       401     403      422      403       403             403            403      403
GET  /v1/plans/{plan}                         PLAN                  401     403      200      200       200             200            200      403
GET  /v1/plans/{plan}                         CLOSED_PLAN           401     403      404      404       404             200            404      403
POST /v1/plans/{plan}/proposal                PLAN                  401     403      422      403       403             403            403      403
POST /v1/plans/{plan}/beginning               PLAN                  401     403      422      403       403             403            403      403
POST /v1/plans/{plan}/closing                 PLAN                  401     403      422      403       403             403            403      403
POST /v1/plans/{plan}/withdrawal              PLAN                  401     403      422      403       403             403            403      403
POST /v1/plans/{plan}/slots                   PLAN                  401     403      422      403       403             403            403      403
POST /v1/plans/{plan}/approval                PLAN                  401     403      403      422       403             403            403      403
POST /v1/plans/{plan}/return                  PLAN                  401     403      403      422       403             403            403      403
POST /v1/plans/{plan}/approval                CLOSED_PLAN           401     403      404      404       404             403            404      403
POST /v1/plans/{plan}/slots/{slot}/removal    PLAN                  401     403      422      403       403             403            403      403
POST /v1/plans/{plan}/slots/{slot}/swap       PLAN                  401     403      422      403       403             403            403      403
POST /v1/plans/{plan}/outcomes                PLAN                  401     403      415      403       403             403            403      403
GET  /v1/plans/{plan}/export                  PLAN                  401     403      200      200       403             200            403      403
GET  /v1/plans/{plan}/result                  PLAN                  401     403      200      200       200             200            200      403
GET  /v1/estimates                            ?target=bht_use       401     403      200      200       200             200            200      403
GET  /v1/trials                               -                     401     403      200      200       200             200            200      403
GET  /v1/trials/power                         ?rule=0.4&model=0.5   401     403      200      200       200             200            200      200
POST /v1/trials                               ?target=bht_use       401     403      422      403       403             403            403      403
POST /v1/trials/design                        ?target=bht_use       401     403      422      403       403             403            403      403
GET  /v1/trials/{trial}/visits                TRIAL                 401     403      200      200       403             200            403      403
POST /v1/trials/{trial}/result                TRIAL                 401     403      415      403       403             403            403      403
GET  /v1/audit                                -                     401     403      403      403       403             403            200      403
POST /v1/access-requests                      -                     401     403      403      403       403             403            422      403
POST /v1/session-ends                         -                     401     403      403      403       403             403            403      422
POST /logout                                  -                     401     303      303      303       303             303            303      303
POST /logout-everywhere                       -                     401     303      303      303       303             303            303      303
"""  # noqa: E501 - a table is read as a table


class Row(NamedTuple):
    """`expected` is the status for each of `WHO`."""

    method: str
    template: str
    asked: str
    expected: tuple[int, ...]

    def address(self, named: Mapping[str, str]) -> str:
        value = {"-": "", "name=x": "", "ESTABLISHMENT": number(0), **named}.get(self.asked, self.asked)
        return re.sub(r"{\w+}", value, self.template) if "{" in self.template else self.template + value


def rows() -> Iterator[Row]:
    for line in TABLE.strip().splitlines()[1:]:
        method, template, asked, *expected = line.split()
        yield Row(method, template, asked, tuple(int(cell) for cell in expected))


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with running_issuer() as running:
        for who in WHO[1:]:
            running.know(who, preferred_username=who, roles=[who])
        yield running


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, issuer: Issuer) -> FastAPI:
    home = tmp_path_factory.mktemp("home")
    publish(home, targets=tuple(Target))
    return create_app(trusting(home, issuer.url))


@pytest.fixture(scope="module")
def named(app: FastAPI) -> Mapping[str, str]:
    """A plan anybody may know of, one of work crime, and a trial."""
    home, ledger = app.state.run_in_service.home, app.state.ledger.opened()
    run = app.state.run_in_service.opened().whole
    author = By(Person("author", frozenset(Role)), datetime(2027, 1, 4, tzinfo=UTC))
    plans = [draw_plan(run, target, Problem(5)) for target in (Target.BHT_USE, Target.WORK_CRIME)]
    trial = design_over(run, TrialWanted("autumn", Target.BHT_USE, 1, "county", "rank", 0))
    with ledger.write() as connection:
        for plan in plans:
            save_draft(connection, author, home, plan)
        freeze(connection, author, trial)
    return {"PLAN": plans[0].id, "CLOSED_PLAN": plans[1].id, "TRIAL": trial.id}


def test_every_role_is_in_the_table() -> None:
    assert set(WHO[2:]) == {str(role) for role in Role}
    assert TABLE.split("\n")[1].split()[-len(WHO) :] == list(WHO)


def test_every_route_of_the_application_is_in_the_table(app: FastAPI) -> None:
    declared = {
        (method, route.path)
        for route in iter_route_contexts(app.routes)
        for method in (route.methods or {"GET"}) - {"HEAD"}
    }
    assert {(row.method, row.template) for row in rows()} == declared


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("by", ["token", "session"])
def test_the_table(app: FastAPI, issuer: Issuer, named: Mapping[str, str], who: str, by: str) -> None:
    client = TestClient(app, base_url=BASE, headers={"Origin": BASE}, follow_redirects=False)
    form = {"name": "x"}
    if who != "nobody" and by == "token":
        client.headers["Authorization"] = f"Bearer {issuer.token(sub=who, preferred_username=who, roles=[who])}"
    elif who != "nobody":
        form["csrf_token"] = log_in_at_issuer(client, who)
    for row in rows():
        if "csrf_token" in form and row.template.startswith("/logout"):
            form["csrf_token"] = log_in_at_issuer(client, who)
        answer = client.request(row.method, row.address(named), data=form if row.method == "POST" else None)
        assert answer.status_code == row.expected[WHO.index(who)], (who, by, row)
        if answer.status_code == 403 and row.template.startswith("/v1"):
            assert answer.json()["reason_nb"] != answer.json()["reason_en"]


@pytest.mark.parametrize("lacking", ["token", "origin"])
def test_a_session_writes_only_through_a_form_of_ours(app: FastAPI, named: Mapping[str, str], lacking: str) -> None:
    headers = {} if lacking == "origin" else {"Origin": BASE}
    for who in WHO[1:]:
        client = TestClient(app, base_url=BASE, headers=headers, follow_redirects=False)
        form = {"name": "x", "csrf_token": log_in_at_issuer(client, who) if lacking == "origin" else "f" * 64}
        if lacking == "token":
            log_in_at_issuer(client, who)
        for row in rows():
            if row.method == "POST" and row.template != "/login":
                assert client.post(row.address(named), data=form).status_code == 403, (who, row)


def test_a_route_without_a_rule_does_not_start(app: FastAPI) -> None:
    for dependencies in ([], [public("one"), public("two")]):
        router = APIRouter()
        router.add_api_route("/new", lambda: None, dependencies=dependencies)
        wrong = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
        wrong.include_router(router, prefix="/v1")
        with pytest.raises(RefusedError, match="GET /v1/new"):
            check_every_route_has_a_rule(wrong)
    check_every_route_has_a_rule(app)


def test_what_the_framework_adds_by_itself_does_not_start_either() -> None:
    with pytest.raises(RefusedError, match=r"openapi\.json"):
        check_every_route_has_a_rule(FastAPI())
