"""Outcomes of a plan: into the ledger, and as a dated source into the store's inbox."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa

from pipelines.outcome_files import Source, inspected_of, missed_of, write_source
from targeting.domain import Arm, BadInputError, Target
from targeting.feedback.outcomes import read_upload
from targeting.ledger import Ledger, Outcome, OutcomeResult
from targeting.planning import life
from targeting.sources.detect import SourceKind, detect
from targeting.sources.outcomes import Inspected, breach_of, read_three_files

__all__ = ["OutcomesReport", "outcomes", "render"]


class OutcomesReport(NamedTuple):
    """What an upload came to: `read == accepted + unfilled + len(quarantined)` (rows, of all files)."""

    plan: str
    read: int
    accepted: int
    unfilled: int
    quarantined: tuple[str, ...]
    replaced: tuple[life.Replacement, ...]
    files: tuple[Path, ...]


class _Uploaded(NamedTuple):
    outcomes: tuple[Outcome, ...]
    inspected: tuple[Inspected, ...]
    read: int
    accepted: int
    unfilled: int
    quarantined: tuple[str, ...]


def outcomes(
    ledger: Ledger, home: Path, by: life.By, plan: str, paths: Sequence[Path], known_on: date
) -> OutcomesReport:
    """Record the outcomes in `paths`: one filled-in export, or `tilsyn`, `kontrollpunkt` and perhaps `reaksjon` files.

    The files are written before the ledger's transaction ends, so a failure there leaves the ledger as it was and the
    upload can be repeated. `python -m pipelines ingest TARGETING_HOME/outcomes` then reads them like any register.
    """
    with ledger.write() as connection:
        live = life.live_plan(connection, plan)
        uploaded = _uploaded(live, paths, known_on)
        sha256 = hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()
        file = {"name": paths[0].name, "sha256": sha256}
        replaced = life.record(connection, by, live.record.id, uploaded.outcomes, file) if uploaded.outcomes else ()
        files = _write(connection, home, _source(live, known_on), uploaded)
    return OutcomesReport(
        live.record.id,
        uploaded.read,
        uploaded.accepted,
        uploaded.unfilled,
        uploaded.quarantined,
        replaced,
        files,
    )


def _source(live: life.LivePlan, known_on: date) -> Source:
    return Source("plan", live.record.id, Target(live.record.target), known_on)


def _uploaded(live: life.LivePlan, paths: Sequence[Path], known_on: date) -> _Uploaded:
    if not paths:
        raise BadInputError(expected="a filled-in export or three files", got="no file", where="outcomes")
    if missing := [path.name for path in paths if not path.is_file()]:
        raise BadInputError(expected="a file", got="nothing there", where=missing[0])
    target = Target(live.record.target)
    if len(paths) == 1:
        return _filled_in(live, paths[0], known_on)
    return _three_files(live, target, paths, known_on)


def _filled_in(live: life.LivePlan, path: Path, known_on: date) -> _Uploaded:
    upload = read_upload(path.read_bytes(), path.name, live, known_on)
    inspected = inspected_of(_source(live, known_on), upload.accepted)
    refused = tuple(
        f"{path.name}, line {one.line}, {one.column}: expected {one.expected}, got {one.got}"
        for one in upload.quarantined
    )
    found = tuple(one.outcome for one in upload.accepted)
    return _Uploaded(found, inspected, upload.read, len(upload.accepted), upload.unfilled, refused)


def _three_files(live: life.LivePlan, target: Target, paths: Sequence[Path], known_on: date) -> _Uploaded:
    by_kind = {detect(path): path for path in paths}
    wanted = {SourceKind.INSPECTIONS, SourceKind.FINDINGS, SourceKind.REACTIONS}
    if len(by_kind) != len(paths) or not {SourceKind.INSPECTIONS, SourceKind.FINDINGS} <= by_kind.keys() <= wanted:
        raise BadInputError(
            expected="one tilsyn, one kontrollpunkt and at most one reaksjon file",
            got=", ".join(path.name for path in paths),
            where="outcomes",
        )
    upload = read_three_files(
        by_kind[SourceKind.INSPECTIONS], by_kind[SourceKind.FINDINGS], by_kind.get(SourceKind.REACTIONS), known_on
    )
    listed = {one.establishment for one in live.slots} | {one.establishment for one in live.outcomes}
    kept: dict[str, tuple[Inspected, bool]] = {}
    refused = [str(one) for one in upload.quarantined]
    for one in upload.inspections:
        breach = breach_of(target, one)
        if one.establishment not in listed:
            refused.append(f"{by_kind[SourceKind.INSPECTIONS].name}: {one.inspection} is of nobody in the plan")
        elif breach is None:
            refused.append(f"{by_kind[SourceKind.FINDINGS].name}: {one.inspection} checked nothing about {target}")
        elif one.establishment in kept:
            refused.append(f"{by_kind[SourceKind.INSPECTIONS].name}: {one.inspection} is a second of one establishment")
        else:
            kept[one.establishment] = (one, breach)
    found = tuple(
        Outcome(name, OutcomeResult.INSPECTED, breach, None, one.occurred_on, one.known_on)
        for name, (one, breach) in sorted(kept.items())
    )
    inspected = tuple(one for _, (one, _) in sorted(kept.items()))
    return _Uploaded(found, inspected, upload.read, upload.read - len(refused), 0, tuple(refused))


def _write(connection: sa.Connection, home: Path, source: Source, uploaded: _Uploaded) -> tuple[Path, ...]:
    live = life.live_plan(connection, source.id)
    arms: dict[str, Arm] = {one.slot.establishment: one.slot.arm for one in live.record.slots}
    missed = missed_of(source, uploaded.outcomes)
    return write_source(home, source, live.version, uploaded.inspected, missed, arms) if uploaded.outcomes else ()


def render(report: OutcomesReport) -> str:
    """The report as a page of text."""
    lines = [
        f"plan {report.plan[:12]}: read {report.read} rows, accepted {report.accepted}, not filled in "
        f"{report.unfilled}, quarantined {len(report.quarantined)}"
    ]
    lines += [f"  {line}" for line in report.quarantined]
    for one in report.replaced:
        lines.append(f"  {one.establishment} could not be inspected; standby: {one.taken or 'none left'}")
    if report.files:
        lines.append(f"written for the store: {', '.join(path.name for path in report.files)}")
        lines.append(f"next: python -m pipelines ingest {report.files[0].parent}")
    return "\n".join(lines)
