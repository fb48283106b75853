"""Evaluate: gather the evidence on every model, write one report, fill the cards, and say which gates block."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from pipelines.demo import made_by_demo
from pipelines.evaluation_report.page import Entry, entry_of, failed_entry, render
from pipelines.evaluation_report.summary import Service
from pipelines.evidence import Found, gather
from pipelines.progress import Progress
from pipelines.score import RELEASES
from pipelines.train import MODELS
from targeting.domain import AsOf, BadInputError, RefusedError, Target
from targeting.evaluation.card import card_evidence, fill_card
from targeting.evaluation.evaluated import Evaluated
from targeting.modelling.registry import serving, version_folder
from targeting.modelling.releases import load_releases
from targeting.modelling.tracking import Observation, Tracker
from targeting.published.flushing import keep_file

__all__ = ["Evaluation", "check_no_gate_blocks", "evaluate", "told"]

_FOLDER: Final = "evaluations"
_REPORT: Final = "report.html"
_FIGURES: Final = "evaluation.json"
_CARD: Final = "card.md"
_SYNTHETIC: Final = (
    "**From the synthetic demo country, not from Norway.** The figures show what the software tells, not how well it "
    "would do. Made by `python -m pipelines evaluate --cards models` after `python -m pipelines demo`."
)
_OWN_HOME: Final = "From the inspections in the store of this home. Made by `python -m pipelines evaluate`."


class Evaluation(NamedTuple):
    """What was found, and the files that tell it: the report first."""

    found: Found
    files: tuple[Path, ...]


def evaluate(
    home: Path,
    target: Target | None,
    as_of: AsOf,
    out: Path | None,
    progress: Progress,
    *,
    cards: Path | None = None,
    models: Path = MODELS,
    releases: Path = RELEASES,
) -> Evaluation:
    """Evaluate `target`, or all four, on what was known before `as_of`; puts nothing into service.

    Report and figures go to `out` (under the home by default) and to MLflow, each card beside its version. `cards` is
    a folder whose own cards are filled too: refused unless the home is a demo's, for cards are committed.
    """
    if cards is not None and not made_by_demo(home):
        raise RefusedError(
            expected="the home of a demo: only evidence from the synthetic country is committed",
            got="a home that no demo made",
            where="--cards",
            do="leave --cards out: each version's card is written beside it",
        )
    found = gather(home, [target] if target else list(Target), models, as_of, progress)
    if not found.evaluated:
        why = next(iter(found.failures.values()))
        raise BadInputError(expected="inspections to evaluate on", got=why, where="the store", do="ingest them first")
    files = _written(home, found, as_of, out or home / _FOLDER / str(as_of), releases)
    for one in found.evaluated:
        card = _filled(home, one, models)
        keep_file(version_folder(home, one.target, one.version) / _CARD, card.encode())
        if cards is not None:
            keep_file(cards / f"{one.target}.md", _filled(home, one, cards).encode())
        _record(home, one, files)
    return Evaluation(found, files)


def check_no_gate_blocks(evaluation: Evaluation) -> None:
    """Raise `RefusedError` with the blocking gates that failed, in one line."""
    said = [f"{one.target} {gate.code}: {gate.detail}" for one in evaluation.found.evaluated for gate in one.blocked]
    if said:
        raise RefusedError(
            expected="every blocking gate to hold",
            got="; ".join(said),
            where=str(evaluation.files[0]),
            do="keep the model out of service (models/releases.toml) until its cause is removed",
        )


def told(evaluation: Evaluation) -> str:
    """The outcome as text: a block a target, then where the report is."""
    blocks = [_told(one) for one in evaluation.found.evaluated]
    blocks += [f"{target}: not evaluated. {why}" for target, why in evaluation.found.failures.items()]
    return "\n\n".join([*blocks, f"report: {evaluation.files[0]}"])


def _told(one: Evaluated) -> str:
    head = f"{one.target}: {one.version} ({one.choice.candidate}). {one.choice.why}"
    gates = [f"  {gate.code} {gate.outcome} ({gate.severity}): {gate.title}: {gate.detail}" for gate in one.gates]
    return "\n".join([head, *gates])


def _written(home: Path, found: Found, as_of: AsOf, folder: Path, releases: Path) -> tuple[Path, ...]:
    entries = list(_entries(home, found, releases))
    page = render(entries, as_of, synthetic=made_by_demo(home))
    figures = {one.target.value: one.to_dict() for one in found.evaluated}
    keep_file(folder / _REPORT, page.encode())
    keep_file(folder / _FIGURES, f"{json.dumps(figures, indent=2, sort_keys=True, allow_nan=False)}\n".encode())
    return folder / _REPORT, folder / _FIGURES


def _entries(home: Path, found: Found, releases: Path) -> Iterator[Entry]:
    declared = load_releases(releases)
    for one in found.evaluated:
        release = declared[one.target]
        yield entry_of(one, Service(serving(home, one.target, release), release))
    for target, why in found.failures.items():
        yield failed_entry(target, why)


def _filled(home: Path, one: Evaluated, cards: Path) -> str:
    card = (cards / f"{one.target}.md").read_text("utf-8")
    return fill_card(card, card_evidence(one, _SYNTHETIC if made_by_demo(home) else _OWN_HOME))


def _record(home: Path, one: Evaluated, files: tuple[Path, ...]) -> None:
    failed = [gate.code for gate in one.gates if gate.outcome == "fail"]
    tags = {"data": one.data, "failed": ",".join(failed), "why": one.choice.why}
    card = version_folder(home, one.target, one.version) / _CARD
    Tracker(home).record_evaluation(one.target, one.version, tags, _observations(one), [*files, card])


def _observations(one: Evaluated) -> Iterator[Observation]:
    """The forward figures of every candidate, and the three columns of those that have them."""
    for candidate, summary in one.result.summaries.items():
        for name, value in summary.metrics.to_dict().items():
            yield Observation(f"{candidate}.{name}", float(value), 0)
    for candidate, columns in one.honesty.candidates.items() if one.honesty else ():
        for name, each in columns.metrics.items():
            if each.weighted is not None:
                yield Observation(f"{candidate}.weighted.{name}", each.weighted.value, 0)
