"""Trials: how many it takes, a design, the freezing before the first visit, and the one result."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Final

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import Field

from api.deps import CurrentLedger, CurrentViewer, Home, Now
from api.errors import problems
from api.identity.current import CurrentPerson
from api.identity.rules import rule
from api.routes.plans.addressed import asked_target, json_answer
from api.routes.plans.outcomes import FILE_BODY
from api.schemas.of_results import interval_out
from api.schemas.trials import (
    AskedTrial,
    PowerOut,
    TrialArmOut,
    TrialDesign,
    TrialDesignOut,
    TrialFrozenOut,
    TrialResultOut,
    Trials,
)
from api.trial_service import TrialWanted, design_over, frozen_trials, seen_trial, tell_uploaded
from api.uploads.received import Upload, uploaded
from api.writes import NewUpload, NewWrite
from targeting.domain import BadInputError, Target
from targeting.feedback.trial import TrialResult
from targeting.feedback.trial_telling import visits_text
from targeting.ledger import Answer, AuditEvent, EventKind, record_event
from targeting.planning.permissions import (
    check_can_enter,
    check_can_export,
    check_can_plan,
    check_can_record_outcomes,
    check_can_see_establishments,
)
from targeting.planning.trial import Frozen, Trial, TrialArm, freeze, power, slots_needed

__all__ = ["router"]

router = APIRouter(tags=["trials"])

AskedTarget = Annotated[Target, Depends(asked_target)]
TrialId = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$", description="the trial's whole id")]
_LEAST_GAP: Final = 0.001
Share = Annotated[float, Field(gt=_LEAST_GAP, lt=1 - _LEAST_GAP)]


def trial_target(trial: TrialId, person: CurrentPerson, ledger: CurrentLedger) -> Target:
    """What the trial in the address is for; 404 where it is not there for this person."""
    with ledger.read() as connection:
        return Target(seen_trial(connection, person, trial).trial.target)


@router.get(
    "/trials/power",
    response_model=PowerOut,
    responses=problems(401, 403, 422, 429),
    dependencies=[rule(check_can_enter)],
)
def trial_power(
    rule_share: Annotated[Share, Query(alias="rule", description="share with a breach among what the rule picks")],
    model_share: Annotated[Share, Query(alias="model", description="share hoped for among what the model picks")],
    per_arm: Annotated[int | None, Query(ge=2, le=1_000_000)] = None,
    wanted: Annotated[float, Query(ge=0.06, le=0.99)] = 0.8,
) -> PowerOut:
    """How many inspections an arm a trial needs, and what a given number would see (two-sided, 5 %)."""
    if abs(rule_share - model_share) < _LEAST_GAP:
        raise BadInputError(expected=f"shares at least {_LEAST_GAP} apart", got="closer ones", where="power")
    shown = power(rule_share, model_share, per_arm) if per_arm else None
    return PowerOut(needed_per_arm=slots_needed(rule_share, model_share, wanted), power=shown)


@router.post(
    "/trials/design",
    response_model=TrialDesignOut,
    responses=problems(401, 403, 404, 409, 413, 422, 429, 503),
    dependencies=[rule(check_can_plan, asked_target)],
)
async def design(target: AskedTarget, asked: AskedTrial, viewer: CurrentViewer) -> TrialDesignOut:
    """Assign establishments to the model's, the rule's and chance's arm, block by block; nothing is frozen yet."""
    problem = asked.problem.document() if asked.problem is not None else None
    wanted = TrialWanted(asked.name, target, asked.per_arm, asked.block, asked.rule, asked.seed, problem)
    trial = design_over(viewer.run, wanted)
    await viewer.lists(target, trial=trial.id, run=trial.run, rows=len(trial.assignments))
    return TrialDesignOut(id=trial.id, design=TrialDesign.model_validate(trial.as_json()))


@router.post(
    "/trials",
    status_code=HTTPStatus.CREATED,
    response_model=TrialFrozenOut,
    responses=problems(401, 403, 409, 413, 422, 429, 503),
    dependencies=[rule(check_can_plan, asked_target)],
)
def freeze_trial(target: AskedTarget, asked: TrialDesign, write: NewWrite) -> Response:
    """Freeze a design: assignment and metric cannot change afterwards. 409 when it is frozen already."""
    trial = Trial.from_json(asked.document())
    if trial.target != target:
        raise BadInputError(expected=f"a design for {target}", got="one for another target", where="target")

    def act(connection: sa.Connection) -> Answer:
        freeze(connection, write.by(), trial)
        return json_answer(_frozen(seen_trial(connection, write.person, trial.id)), HTTPStatus.CREATED)

    return write.once(act)


@router.get(
    "/trials",
    response_model=Trials,
    responses=problems(401, 403, 429, 503),
    dependencies=[rule(check_can_see_establishments)],
)
def list_trials(person: CurrentPerson, ledger: CurrentLedger) -> Trials:
    """The frozen trials that you may see, newest first."""
    with ledger.read() as connection:
        return Trials(rows=[_frozen(one) for one in frozen_trials(connection, person)])


@router.get(
    "/trials/{trial}/visits",
    response_class=Response,
    responses={
        **problems(401, 403, 404, 422, 429, 503),
        200: {"description": "the list of visits", "content": {"text/csv": {"schema": {"type": "string"}}}},
    },
    dependencies=[rule(check_can_export, trial_target)],
)
def trial_visits(trial: TrialId, person: CurrentPerson, ledger: CurrentLedger, now: Now) -> Response:
    """The list of visits to fill in, which does not tell who is in which arm. Who took it is kept."""
    with ledger.write() as connection:
        found = seen_trial(connection, person, trial).trial
        what = {"format": "csv", "trial": trial, "rows": len(found.assignments)}
        record_event(connection, AuditEvent(EventKind.EXPORTED, person.name, now, payload=what, target=found.target))
    headers = {"Content-Disposition": f'attachment; filename="visits_{trial[:12]}.csv"'}
    return Response(visits_text(found), media_type="text/csv", headers=headers)


@router.post(
    "/trials/{trial}/result",
    response_model=TrialResultOut,
    responses=problems(401, 403, 404, 409, 413, 415, 422, 429, 503),
    dependencies=[rule(check_can_record_outcomes, trial_target)],
    openapi_extra=FILE_BODY,
)
def trial_result(
    trial: TrialId, file: Annotated[Upload, Depends(uploaded())], home: Home, writing: NewUpload
) -> Response:
    """What the trial showed, told once: 409 until the last outcome or reason is in the list."""
    write = writing(file.sha256)

    def act(connection: sa.Connection) -> Answer:
        return json_answer(_told(tell_uploaded(connection, write.by(), home, trial, file.path, file.kind, file.sha256)))

    return write.once(act)


def _frozen(one: Frozen) -> TrialFrozenOut:
    trial, event = one
    return TrialFrozenOut(
        id=trial.id,
        name=trial.name,
        target=Target(trial.target),
        run=trial.run,
        rule=trial.rule,
        metric=trial.metric,
        per_arm=len(trial.assignments) // len(TrialArm),
        frozen_at=event.at,
        frozen_by=event.actor,
    )


def _told(found: TrialResult) -> TrialResultOut:
    arms = [
        TrialArmOut(
            arm=one.arm.value,
            assigned=one.assigned,
            inspected=one.inspected,
            hits=one.hits,
            rate=interval_out(one.rate) if one.rate else None,
        )
        for one in found.arms
    ]
    return TrialResultOut(
        trial=found.trial,
        metric=found.metric,
        arms=arms,
        model_less_rule=interval_out(found.model_less_rule),
        model_less_random=interval_out(found.model_less_random),
        not_inspected=found.not_inspected,
    )
