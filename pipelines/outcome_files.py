"""Outcomes as a dated source: the files that `python -m pipelines ingest TARGETING_HOME/outcomes` reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

from targeting.domain import Arm, MissedReason, Target
from targeting.feedback.outcomes import Found
from targeting.ledger import Outcome
from targeting.planning.trial import Trial, TrialArm
from targeting.published.flushing import keep_file
from targeting.sources.missed_visits_csv import Missed, missed_file
from targeting.sources.outcomes import Inspected, summary_point, three_files

__all__ = ["FOLDER", "Source", "inspected_of", "missed_of", "write_source", "write_trial"]

FOLDER: Final = "outcomes"


class Source(NamedTuple):
    """What the outcomes belong to: `kind` is plan or trial, `id` its own, `known_on` the day they became known."""

    kind: str
    id: str
    target: Target
    known_on: date

    def visit(self, establishment: str) -> str:
        """The id of one visit.

        Ten hexadecimal digits: eleven decimal ones in a row would be refused as a national identity number.
        """
        return f"{self.kind}-{self.id[:10]}-{establishment}"


def inspected_of(source: Source, found: Iterable[Found]) -> tuple[Inspected, ...]:
    """The inspections that were made; where only "any breach" was told, one control point stands for it."""
    return tuple(_inspected(source, one) for one in found if one.outcome.breach is not None)


def _inspected(source: Source, found: Found) -> Inspected:
    outcome = found.outcome
    assert outcome.occurred_on is not None, "an accepted inspection has its day"
    points = found.points or summary_point(source.target, bool(outcome.breach))
    visit = source.visit(outcome.establishment)
    return Inspected(visit, outcome.establishment, outcome.occurred_on, outcome.known_on, points)


def missed_of(source: Source, outcomes: Iterable[Outcome]) -> tuple[Missed, ...]:
    """The inspections that could not be made, with their reasons."""
    return tuple(
        Missed(source.visit(one.establishment), one.establishment, MissedReason(one.reason), one.known_on)
        for one in outcomes
        if one.reason is not None
    )


def write_source(
    home: Path,
    source: Source,
    version: int,
    inspected: Sequence[Inspected],
    missed: Sequence[Missed],
    arms: Mapping[str, Arm],
) -> tuple[Path, ...]:
    """Write the files under `home`, each whole or not at all. `version` keeps two uploads of one day apart."""
    name = f"{source.known_on}_{source.kind}_{source.id[:8]}_{version}"
    texts = three_files(inspected, arms, str(source.target), name) if inspected else {}
    folder = home / FOLDER / source.id[:12]
    files = {folder / each: text for each, text in (texts | missed_file(missed, name)).items()}
    for path, text in files.items():
        keep_file(path, text.encode())
    return tuple(files)


def write_trial(home: Path, trial: Trial, found: Iterable[Found], known_on: date) -> tuple[Path, ...]:
    """Write what a trial's visits found. Those that chance picked were drawn at random; the others were not."""
    told, source = tuple(found), Source("trial", trial.id, Target(trial.target), known_on)
    drawn = {TrialArm.RANDOM: Arm.EXPLORATION}
    arms = {one.establishment: drawn.get(one.arm, Arm.RANKED) for one in trial.assignments}
    missed = missed_of(source, (one.outcome for one in told))
    return write_source(home, source, 1, inspected_of(source, told), missed, arms)
