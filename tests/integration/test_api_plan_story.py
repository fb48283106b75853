"""The planner's whole story over the API, on both databases, by a client that knows the OpenAPI document alone."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from fastapi import FastAPI
from python_calamine import CalamineWorkbook

from api.main import create_app
from pipelines.collect import collect
from pipelines.ingest import ingest
from pipelines.progress import steps
from targeting.domain import AsOf, Target
from targeting.labels import label_rows
from targeting.ledger import open_ledger, verify
from targeting.planning.permissions import Role
from targeting.snapshots import Store
from tests.lib.api_story import PROBLEM, client_of, drafted, filled_in, key, moved, proposed
from tests.lib.generated_client import GeneratedClient
from tests.lib.issuer import Issuer, running_issuer, trusting
from tests.lib.published_run import publish
from tests.lib.small_country import number


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with running_issuer() as running:
        yield running


@pytest.fixture
def app(tmp_path: Path, issuer: Issuer, ledger_url: str) -> Iterator[FastAPI]:
    publish(tmp_path, establishments=400)
    made = create_app(
        trusting(tmp_path, issuer.url, ledger_url=ledger_url), lambda: datetime(2027, 1, 4, 9, tzinfo=UTC)
    )
    yield made
    made.state.ledger.close()


@pytest.fixture
def ada(app: FastAPI, issuer: Issuer) -> GeneratedClient:
    return client_of(app, issuer, "ada", Role.PLANNER)


@pytest.fixture
def bo(app: FastAPI, issuer: Issuer) -> GeneratedClient:
    return client_of(app, issuer, "bo", Role.APPROVER)


def test_the_whole_story(
    app: FastAPI, issuer: Issuer, ada: GeneratedClient, bo: GeneratedClient, ledger_url: str, tmp_path: Path
) -> None:
    shown = ada.preview_plan(target="bht_use", body=PROBLEM).body
    assert len(shown["slots"]) == PROBLEM["capacity"]
    assert {one["rule"] for one in shown["figures"]["prices"]} == {
        "at most 15 where county=03",
        "exploration share 0.5",
    }
    dial = ada.exploration_dial(target="bht_use", body=PROBLEM).body["settings"]
    assert [one["share"] for one in dial] == sorted(one["share"] for one in dial)
    assert ada.list_plans().body["rows"] == [], "looking keeps nothing"

    plan = drafted(ada)
    assert plan.body["id"] == shown["id"], "what was seen is what is kept"
    assert (plan.headers["etag"], plan.headers["location"]) == ('"1"', f"/v1/plans/{shown['id']}")

    listed = ada.read_plan(plan=plan.body["id"]).body
    dropped, swapped = (listed["slots"][place]["establishment"] for place in (0, 1))
    standby = listed["slots"][1]["standby"]
    why = {"reason_code": "local_knowledge", "text": "seen last week"}
    plan = moved(ada, "remove_slot", plan, why, slot=dropped)
    plan = moved(ada, "swap_slot", plan, why, slot=swapped)
    outside = next(number(i) for i in range(400) if number(i) not in {one["establishment"] for one in listed["slots"]})
    plan = moved(ada, "add_slot", plan, {**why, "establishment": outside})
    assert (plan.status, plan.body["slots"]) == (200, PROBLEM["capacity"] - 1 + 1)

    plan = moved(ada, "propose_plan", plan, {"text": "for the first quarter"})
    assert moved(ada, "approve_plan", plan, {"hash": plan.body["hash"]}).status == 403, "not by the author's role"
    both = client_of(app, issuer, "ada", Role.PLANNER, Role.APPROVER)
    refused = moved(both, "approve_plan", plan, {"hash": plan.body["hash"]})
    assert "another person" in refused.body["reason_en"]
    assert moved(bo, "approve_plan", plan, {"hash": "0" * 64}).status == 412, "not what was looked at"
    plan = moved(bo, "approve_plan", plan, {"hash": plan.body["hash"]})
    assert plan.body["state"]["code"] == "approved"
    plan = moved(ada, "begin_plan", plan)

    for kind in ("csv", "xlsx", "json"):
        taken = ada.export_plan(plan=plan.body["id"], format=kind)
        names = exported_names(taken.body if kind != "json" else json.dumps(taken.body).encode(), kind)
        now = ada.read_plan(plan=plan.body["id"]).body
        assert names == [one["establishment"] for one in now["slots"]]
        assert {dropped, swapped} & set(names) == set()
        assert {standby, outside} <= set(names)
        assert now["approved_hash"] == now["hash"] == plan.body["hash"]

    filled = filled_in(ada.export_plan(plan=plan.body["id"], format="csv").body)
    sent = {"If-Match": plan.headers["etag"], **key()}
    told = ada.upload_outcomes(plan=plan.body["id"], body=filled, media_type="text/csv", **sent)
    assert told.status == 200, told.body
    assert (told.body["read"], told.body["accepted"], told.body["quarantined"]) == (40, 40, [])
    again = ada.upload_outcomes(plan=plan.body["id"], body=filled, media_type="text/csv", **sent)
    assert again.body == told.body, "sent twice, recorded once"
    assert len(told.body["replaced"]) == 1

    result = ada.plan_result(plan=plan.body["id"]).body
    cohort = result["cohort"]
    assert cohort["estimate"]["low"] <= cohort["estimate"]["estimate"] <= cohort["estimate"]["high"]
    assert {one["arm"]: one["inspected"] for one in result["arms"]}["exploration"] > 10
    assert [one["plan"] for one in ada.estimates(target="bht_use").body["plans"]] == [plan.body["id"]]

    acts = [one["kind"] for one in ada.read_plan(plan=plan.body["id"]).body["acts"]]
    assert acts[:3] == ["drafted", "slot_removed", "slot_swapped"]
    assert acts[-2:] == ["outcomes_recorded", "slot_swapped"]
    opened = open_ledger(ledger_url)
    assert verify(opened) == ()
    uploads = collect(opened, tmp_path)
    again_found = collect(opened, tmp_path)
    opened.close()
    files = {path.name: path.read_bytes() for one in uploads for path in one.written}
    assert [(one.kind, one.id) for one in uploads] == [("plan", plan.body["id"])]
    assert {path.name: path.read_bytes() for one in again_found for path in one.written} == files
    assert sorted(name.split("_")[0] for name in files) == ["ikke", "kontrollpunkt", "reaksjon", "tilsyn"]
    visits = next(content for name, content in files.items() if name.startswith("tilsyn")).decode()
    assert sum(name in visits for name in names) == 39, "all but the one that could not be inspected"


def exported_names(content: bytes, kind: str) -> list[str]:
    if kind == "csv":
        return [row["establishment"] for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig")))]
    if kind == "json":
        return [row["establishment"] for row in json.loads(content)["slots"]]
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name("Plan").to_python()
    return [str(row[1]) for row in sheet[1:]]


def test_rules_that_clash_are_named_with_what_must_give_way(ada: GeneratedClient) -> None:
    asked = {
        **PROBLEM,
        "at_least": [{"where": {"county": "46"}, "count": 30}, {"where": {"county": "55"}, "count": 30}],
    }
    given = ada.preview_plan(target="bht_use", body=asked)
    assert given.status == 409
    assert {one["where"] for one in given.body["errors"]} >= {
        "at least 30 where county=46",
        "at least 30 where county=55",
    }
    assert any(one["what"].startswith("becomes") for one in given.body["errors"])


def test_the_same_request_twice_acts_once_and_another_with_its_key_is_refused(ada: GeneratedClient) -> None:
    once = key()
    first, again = (ada.draft_plan(target="bht_use", body=PROBLEM, **once) for _ in range(2))
    assert (first.status, first.body) == (again.status, again.body)
    assert len(ada.list_plans().body["rows"]) == 1
    assert ada.draft_plan(target="bht_use", body={**PROBLEM, "capacity": 41}, **once).status == 422
    assert ada.draft_plan(target="bht_use", body=PROBLEM, **key()).status == 409, "the same plan is kept once"

    act = {"If-Match": first.headers["etag"], **key()}
    moves = [ada.propose_plan(plan=first.body["id"], body={}, **act) for _ in range(3)]
    assert {(one.status, one.headers["etag"]) for one in moves} == {(200, '"2"')}


def test_a_plan_changed_since_it_was_seen_is_not_changed_again(ada: GeneratedClient, bo: GeneratedClient) -> None:
    seen = proposed(ada)
    slot = ada.read_plan(plan=seen.body["id"]).body["slots"][0]["establishment"]
    why = {"reason_code": "capacity", "text": "too far"}
    assert moved(ada, "remove_slot", seen, why, slot=slot).status == 200
    for client, act, body in (
        (bo, "approve_plan", {"hash": seen.body["hash"]}),
        (bo, "return_plan", {"text": "no"}),
        (ada, "withdraw_plan", {"text": "no"}),
    ):
        assert moved(client, act, seen, body).status == 412
    assert ada.read_plan(plan=seen.body["id"]).body["state"]["code"] == "proposed"


def test_plans_are_listed_page_by_page_and_by_state(ada: GeneratedClient) -> None:
    made = [drafted(ada, capacity=capacity) for capacity in (11, 12, 13, 14, 15)]
    moved(ada, "propose_plan", made[1])
    seen: list[str] = []
    cursor: dict[str, str] | None = {}
    while cursor is not None:
        page = ada.list_plans(limit=2, **cursor).body
        seen += [one["id"] for one in page["rows"]]
        cursor = {"cursor": page["next"]} if page["next"] else None
    assert seen == [one.body["id"] for one in reversed(made)]
    assert [one["id"] for one in ada.list_plans(state="proposed").body["rows"]] == [made[1].body["id"]]
    assert ada.list_plans(cursor="f" * 64).status == 422


def test_a_trial_is_designed_frozen_told_once_and_collected(
    ada: GeneratedClient, ledger_url: str, tmp_path: Path
) -> None:
    assert ada.trial_power(rule=0.45, model=0.6, per_arm=173).body == {
        "needed_per_arm": 173,
        "power": pytest.approx(0.8, abs=0.01),
    }
    asked = {"name": "autumn", "per_arm": 8, "rule": "age_months", "block": "county"}
    design = ada.design(target="bht_use", body=asked).body
    frozen = ada.freeze_trial(target="bht_use", body=design["design"], **key())
    assert (frozen.status, frozen.body["id"], frozen.body["per_arm"]) == (201, design["id"], 8)
    assert ada.freeze_trial(target="bht_use", body=design["design"], **key()).status == 409
    visits = ada.trial_visits(trial=design["id"]).body
    assert b"model" not in visits
    early = ada.trial_result(trial=design["id"], body=visits, media_type="text/csv", **key())
    assert early.status == 409
    filled = filled_in(visits, missed=0).replace(b"2026-10-01", b"2027-01-04")
    told = ada.trial_result(trial=design["id"], body=filled, media_type="text/csv", **key())
    assert (told.status, sum(one["inspected"] for one in told.body["arms"])) == (200, 24)
    again = ada.trial_result(trial=design["id"], body=filled + b"\r\n", media_type="text/csv", **key())
    assert again.body == told.body, "other bytes that say the same"
    check_collected(tmp_path, ledger_url, design["id"], inspected=24)


def check_collected(home: Path, ledger_url: str, trial: str, inspected: int) -> None:
    """The one list that told the trial becomes labels, known from the day after it was told."""
    with closing(open_ledger(ledger_url)) as opened:
        (upload,) = collect(opened, home)
        assert collect(opened, home) == (upload,)
        assert verify(opened) == ()
    assert (upload.kind, upload.id) == ("trial", trial)
    assert [one.name for one in home.glob("trials/*/outcomes/*")] == [upload.file]
    with steps("collect") as progress:
        assert ingest(list(upload.written), home, None, False, progress).refused == ()
    seen = label_rows(Store(home), Target.BHT_USE, AsOf(date(2027, 1, 5))).to_pylist()
    assert len(seen) == inspected
    assert sum(row["random_selection"] for row in seen) == inspected / 3, "one arm of three was drawn by chance"


def test_a_trial_is_not_told_by_a_list_that_the_store_could_not_take(ada: GeneratedClient) -> None:
    asked = {"name": "autumn", "per_arm": 4, "rule": "age_months", "block": "county"}
    design = ada.design(target="working_environment", body=asked).body
    ada.freeze_trial(target="working_environment", body=design["design"], **key())
    visits = ada.trial_visits(trial=design["id"]).body
    filled = filled_in(visits, missed=0).replace(b"2026-10-01", b"2027-01-04")
    told = ada.trial_result(trial=design["id"], body=filled, media_type="text/csv", **key())
    assert (told.status, "control points" in told.body["detail"]) == (422, True)


def test_what_was_looked_at_is_in_the_audit(app: FastAPI, issuer: Issuer, ada: GeneratedClient) -> None:
    seen = ada.ranking(target="bht_use", limit=5, county="03").body
    ada.establishment(number=seen["rows"][0]["establishment"])
    plan = drafted(ada).body["id"]
    ada.read_plan(plan=plan)
    ada.export_plan(plan=plan, format="csv")
    eva = client_of(app, issuer, "eva", Role.AUDITOR)
    rows = eva.audit(actor="ada").body["rows"]
    assert [one["kind"] for one in rows[:3]] == ["exported", "plan_viewed", "drafted"]
    assert {one["kind"] for one in rows[3:-1]} == {"looked_up"}
    assert (rows[-1]["kind"], rows[-1]["payload"]["filters"], rows[-1]["payload"]["rows"]) == (
        "listed",
        {"county": "03"},
        5,
    )
    mine = eva.audit(kind=["audit_read"]).body["rows"]
    assert [one["actor"] for one in mine] == ["eva"]

    walked: list[str] = []
    page = eva.audit(actor="ada", limit=2).body
    while True:
        walked += [one["id"] for one in page["rows"]]
        if page["next"] is None:
            break
        page = eva.audit(actor="ada", limit=2, cursor=page["next"]).body
    assert walked == [one["id"] for one in rows]

    answer = eva.answer_access_request(body={"number": seen["rows"][0]["establishment"]})
    assert answer.status == 200
    assert answer.body["scores"]
    assert eva.answer_access_request(body={"number": number(0), "work_crime": True}).status == 403


def test_what_is_in_service_is_told(ada: GeneratedClient) -> None:
    assert [one["in_service"] for one in ada.list_runs().body["rows"]] == [True]
    assert ada.current_run().body["run"] == "a" * 16
    known = ada.monitoring().body
    assert known["age_days"] == 3
    assert {one["target"]: one["form"] for one in known["targets"]}["unlawful_hiring"] == "bands"
    areas = ada.areas(target="bht_use", inspections=10).body["rows"]
    assert sum(one["allocation"]["inspections"] for one in areas) == 10
