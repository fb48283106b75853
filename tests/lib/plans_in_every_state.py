"""A home with two runs, an evaluation, and a plan in every state, for tests of pages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from api.plans import draw_plan, save_draft
from api.served_run import ServedRun, open_served
from targeting.domain import Target
from targeting.ledger import Outcome, OutcomeResult, open_ledger, url_of
from targeting.planning import default_problem, life
from targeting.planning.life import By, LivePlan, live_plan
from targeting.planning.permissions import Person, Role
from targeting.planning.states import PlanState
from tests.lib.published_run import publish

__all__ = ["every_state"]

ADA = Person("ada", frozenset(Role))
BO = Person("bo", frozenset({Role.APPROVER}))
RUN = "b"
BEFORE = date(2026, 10, 1)


def every_state(home: Path) -> Mapping[str, str]:
    """Fill `home`. The plan in each state by the state's name; `outcomes` is one in progress with some of them."""
    publish(home, seed=5, establishments=300, targets=tuple(Target), digit="a", as_of=BEFORE, release="v0")
    run = open_served(home, publish(home, seed=5, establishments=300, targets=tuple(Target), digit=RUN)).whole
    _evaluate(home)
    ledger = open_ledger(url_of(home))
    with ledger.write() as connection:
        plans = {
            "draft": _drafted(connection, home, run, 6),
            "proposed": _moved(connection, _drafted(connection, home, run, 7), life.propose),
            "approved": _approved(connection, home, run, 8),
            "in_progress": _moved(connection, _approved(connection, home, run, 9), life.begin),
            "outcomes": _told(connection, _moved(connection, _approved(connection, home, run, 10), life.begin), 7),
            "closed": _closed(connection, home, run, 12),
            "withdrawn": _moved(connection, _drafted(connection, home, run, 13), life.withdraw, "Feil kvartal"),
        }
    ledger.close()
    assert {*plans} - {"outcomes"} == {str(state) for state in PlanState}
    return plans


def _by(person: Person, minute: int, reason_code: str = "", text: str = "") -> By:
    return By(person, datetime(2026, 11, 2, 9, tzinfo=UTC) + timedelta(minutes=minute), reason_code, text)


def _drafted(connection: sa.Connection, home: Path, run: ServedRun, capacity: int) -> str:
    problem = default_problem(Target.BHT_USE)
    wanted = replace(problem, capacity=capacity, exploration=replace(problem.exploration, share=0.5))
    drawn = draw_plan(run, Target.BHT_USE, wanted)
    found = save_draft(connection, _by(ADA, capacity), home, drawn)
    code, why = "local_knowledge", "Kjent fra forrige kvartal"
    swapped = life.swap_slot(connection, _by(ADA, capacity + 1, code, why), drawn.id, found.slots[0].establishment)
    life.remove_slot(connection, _by(ADA, capacity + 2, code, why), drawn.id, swapped.slots[-1].establishment)
    return drawn.id


def _moved(connection: sa.Connection, plan: str, act: Any, text: str = "") -> str:
    act(connection, _by(ADA, 60, "", text), plan)
    return plan


def _approved(connection: sa.Connection, home: Path, run: ServedRun, capacity: int) -> str:
    plan = _moved(connection, _drafted(connection, home, run, capacity), life.propose)
    life.approve(connection, _by(BO, 70), plan, live_plan(connection, plan).hash)
    return plan


def _told(connection: sa.Connection, plan: str, count: int | None = None) -> str:
    found: LivePlan = live_plan(connection, plan)
    told = [
        Outcome(one.establishment, OutcomeResult.INSPECTED, place % 3 > 0, None, date(2026, 11, 3), date(2026, 11, 4))
        for place, one in enumerate(found.slots[:count])
    ]
    life.record(connection, _by(ADA, 80), plan, told)
    return plan


def _closed(connection: sa.Connection, home: Path, run: ServedRun, capacity: int) -> str:
    begun = _moved(connection, _approved(connection, home, run, capacity), life.begin)
    return _moved(connection, _told(connection, begun), life.close)


def _evaluate(home: Path) -> None:
    """What `python -m pipelines evaluate` would leave of the groups of one target."""
    found = {
        "version": "v1",
        "as_of": "2027-01-01",
        "groups": {
            "k": 300,
            "minimum": 10,
            "everybody": _group("everybody", "everybody", 0.17, 16),
            "groups": [
                _group("county", "03", 0.26, None),
                _group("county", "unknown", 0.1, None),
                _group("size_class", "20-49", 0.2, 9),
                _group("size_class", "5-9", 0.15, 7),
                _group("section", "F", 0.31, 12),
            ],
        },
    }
    folder = home / "evaluations" / "2027-01-01"
    folder.mkdir(parents=True)
    (folder / "evaluation.json").write_text(json.dumps({"bht_use": found}))


def _group(dimension: str, group: str, share: float, hits: int | None) -> dict[str, Any]:
    rate = {"share": share, "low": share / 2, "high": share * 1.5, "hits": round(100 * share), "n": 100}
    found = None if hits is None else {"share": hits / 25, "low": 0.2, "high": 0.8, "hits": hits, "n": 25}
    return {"dimension": dimension, "group": group, "selection": rate, "precision": found}
