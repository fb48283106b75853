"""The evidence on every target: matrices made once for all, then each trained as `train` would and looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

from pipelines.progress import Progress
from pipelines.quarter.assembly import TIE_BREAK_SEED
from pipelines.recipes import with_teachers
from pipelines.train import Learned, Trained, data_hash, export_version, learn
from targeting.domain import AsOf, Quarter, RefusedError, Target
from targeting.evaluation.evaluated import Evaluated, leads_of, rival_of
from targeting.evaluation.forward_cohort import observation_quarters
from targeting.evaluation.gates import check_gates
from targeting.evaluation.groups import Groups, forward_tested, group_rates, listed
from targeting.evaluation.honesty import Honesty, three_columns
from targeting.evaluation.parity import parity_days, serving_parity
from targeting.evaluation.stability import Cohort, Refit, Stability, list_stability
from targeting.matrix import Matrix, observation_matrices, scoring_matrices, training_matrices
from targeting.modelling.columns import numbers, texts
from targeting.modelling.model import Model
from targeting.modelling.specification import Specification
from targeting.modelling.training import trainable
from targeting.snapshots import Store

__all__ = ["Found", "gather"]

_COHORT_ROWS: Final = 20_000
"""Uninspected members kept of each test quarter, about: estimates need no more, and the country has fifty times it."""


class Found(NamedTuple):
    """What was found about each target, and why others could not be evaluated."""

    evaluated: tuple[Evaluated, ...]
    failures: Mapping[Target, str]


class _Scored(NamedTuple):
    """Cohorts to be scored: on some training days, oldest first, and on the day itself."""

    days: tuple[AsOf, ...]
    then: Sequence[Mapping[Target, Matrix]]
    now: Mapping[Target, Matrix]


def gather(home: Path, targets: Sequence[Target], models: Path, as_of: AsOf, progress: Progress) -> Found:
    """Train by the specifications in `models`, and look. A target that cannot be trained is told among the failures."""
    store = Store(home)
    with progress.bar("training rows", 1, "") as bar:
        training = training_matrices(store, with_teachers(targets, models), as_of)
        bar.advance()
    learned, failures = _learned(training, targets, models, as_of, progress)
    if not learned:
        return Found((), failures)
    scored = _scored(store, learned, as_of, progress)
    observed = _observed(store, learned, scored, as_of, progress)
    found = []
    for target, one in progress.track(learned.items(), "evidence", len(learned)):
        version = export_version(home, *one)
        found.append(_evaluated(version, *one, scored, observed.get(target), as_of))
    return Found(tuple(found), failures)


def _learned(
    training: Mapping[Target, Matrix], targets: Sequence[Target], models: Path, as_of: AsOf, progress: Progress
) -> tuple[dict[Target, Learned], dict[Target, str]]:
    learned: dict[Target, Learned] = {}
    failures: dict[Target, str] = {}
    for target in targets:
        try:
            learned[target] = learn(target, training, as_of, progress, models)
        except RefusedError as cause:
            failures[target] = str(cause)
    return learned, failures


def _scored(store: Store, learned: Mapping[Target, Learned], as_of: AsOf, progress: Progress) -> _Scored:
    """The days are those of the largest training matrix, so that one pass over the registers serves all targets.

    The quarter before is among them, because the list is held against its own.
    """
    largest = max((one.matrix for one in learned.values()), key=lambda matrix: len(matrix.frame))
    days = tuple(sorted({*parity_days(largest), _quarter_before(as_of)}))
    made = [
        scoring_matrices(store, list(learned), day)
        for day in progress.track([*days, as_of], "cohorts as scored", len(days) + 1)
    ]
    return _Scored(days, made[:-1], made[-1])


def _observed(
    store: Store, learned: Mapping[Target, Learned], scored: _Scored, as_of: AsOf, progress: Progress
) -> Mapping[Target, Matrix]:
    """Who was inspected and who was not, for every target that was tested, from one pass."""
    tested = [target for target, one in learned.items() if one.trained.result.splits]
    if not tested:
        return {}
    quarters: dict[Quarter, float] = {}
    for target in tested:
        specification, _, trained = learned[target]
        share = min(1.0, _COHORT_ROWS / max(1, len(scored.now[target].frame)))
        for quarter, wanted in observation_quarters(trained.result, specification, share).items():
            quarters[quarter] = max(wanted, quarters.get(quarter, 0.0))
    with progress.bar("cohorts of the test quarters", 1, "") as bar:
        made = observation_matrices(store, tested, quarters, as_of, seed=learned[tested[0]].specification.seed)
        bar.advance()
    return made


def _evaluated(
    version: str,
    specification: Specification,
    matrix: Matrix,
    trained: Trained,
    scored: _Scored,
    observed: Matrix | None,
    as_of: AsOf,
) -> Evaluated:
    target, now = specification.target, scored.now[specification.target]
    rival = rival_of(trained.result, trained.choice, specification)
    then = [matrices[target] for matrices in scored.then]
    evidence = replace(
        trained.evidence,
        parity=serving_parity(matrix, then, now),
        stability=_stability(matrix, specification, trained, scored, as_of),
        groups=_groups(matrix, specification, trained, now),
    )
    ready = matrix.frame[trainable(matrix.frame, specification, as_of.day)]
    return Evaluated(
        specification=specification,
        version=version,
        model=trained.model,
        rows=trained.rows,
        breaches=int(numbers(ready, "label").sum()),
        data=data_hash(matrix.frame),
        result=trained.result,
        choice=trained.choice,
        evidence=evidence,
        gates=check_gates(evidence),
        rival=rival,
        leads=leads_of(trained.result, trained.choice, rival, specification.seed),
        honesty=_honesty(matrix, specification, trained, observed, rival, as_of),
    )


def _stability(
    matrix: Matrix, specification: Specification, trained: Trained, scored: _Scored, as_of: AsOf
) -> Stability:
    """The training's own fits stand in for the list and its resamples; seeds and the quarter before are fitted."""
    fitted: dict[Refit, Model] = {Refit("list", 0): trained.model.model}
    fitted |= {Refit("resample", number): model for number, model in enumerate(trained.model.refits.models, 1)}
    target, before = specification.target, _quarter_before(as_of)
    earlier = scored.then[scored.days.index(before)][target]
    return list_stability(
        matrix.frame,
        matrix.features,
        specification,
        trained.choice.candidate,
        [Cohort(before, earlier.frame), Cohort(as_of, scored.now[target].frame)],
        tie_break=TIE_BREAK_SEED,
        fitted=fitted,
    )


def _quarter_before(as_of: AsOf) -> AsOf:
    return Quarter.of(as_of.day).next(-1).as_of()


def _groups(matrix: Matrix, specification: Specification, trained: Trained, now: Matrix) -> Groups:
    names, capacity = texts(now.frame, "establishment").tolist(), specification.capacity
    chosen = listed(names, trained.model.model.log_odds(now.frame), capacity, TIE_BREAK_SEED)
    tested = forward_tested(matrix.frame, trained.result, trained.choice.candidate, capacity, TIE_BREAK_SEED)
    return group_rates(now.frame, chosen, matrix.frame, tested)


def _honesty(
    matrix: Matrix,
    specification: Specification,
    trained: Trained,
    observed: Matrix | None,
    rival: str,
    as_of: AsOf,
) -> Honesty | None:
    """The chosen candidate and its rival. Null, too, where too few were labelled to learn propensities from."""
    if observed is None:
        return None
    names = list(dict.fromkeys([trained.choice.candidate, rival]))
    try:
        return three_columns(matrix, observed, trained.result, specification, names, areas_on=as_of.day)
    except RefusedError:
        return None
