"""Outcomes of a plan: into the ledger, and as a dated source into the store's inbox."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

import sqlalchemy as sa

from targeting.domain import Arm, BadInputError, Target
from targeting.feedback.outcomes import Found, read_upload
from targeting.ledger import Ledger, Outcome, OutcomeResult
from targeting.planning import life
from targeting.sources.detect import SourceKind, detect
from targeting.sources.outcomes import Inspected, breach_of, read_three_files, summary_point, three_files

__all__ = ["FOLDER", "OutcomesReport", "outcomes", "render"]

FOLDER: Final = "outcomes"


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
        files = _write(connection, home, live.record.id, uploaded.inspected, known_on)
    return OutcomesReport(
        live.record.id,
        uploaded.read,
        uploaded.accepted,
        uploaded.unfilled,
        uploaded.quarantined,
        replaced,
        files,
    )


def _uploaded(live: life.LivePlan, paths: Sequence[Path], known_on: date) -> _Uploaded:
    if not paths:
        raise BadInputError(expected="a filled-in export or three files", got="no file", where="outcomes")
    if missing := [path.name for path in paths if not path.is_file()]:
        raise BadInputError(expected="a file", got="nothing there", where=missing[0])
    target = Target(live.record.target)
    if len(paths) == 1:
        return _filled_in(live, target, paths[0], known_on)
    return _three_files(live, target, paths, known_on)


def _filled_in(live: life.LivePlan, target: Target, path: Path, known_on: date) -> _Uploaded:
    upload = read_upload(path.read_bytes(), path.name, live, known_on)
    inspected = tuple(_inspected(live, target, one) for one in upload.accepted if one.outcome.breach is not None)
    refused = tuple(
        f"{path.name}, line {one.line}, {one.column}: expected {one.expected}, got {one.got}"
        for one in upload.quarantined
    )
    found = tuple(one.outcome for one in upload.accepted)
    return _Uploaded(found, inspected, upload.read, len(upload.accepted), upload.unfilled, refused)


def _inspected(live: life.LivePlan, target: Target, found: Found) -> Inspected:
    outcome = found.outcome
    assert outcome.occurred_on is not None, "an accepted inspection has its day"
    points = found.points or summary_point(target, bool(outcome.breach))
    # Ten hexadecimal digits: eleven decimal ones in a row would be refused as a national identity number.
    identifier = f"plan-{live.record.id[:10]}-{outcome.establishment}"
    return Inspected(identifier, outcome.establishment, outcome.occurred_on, outcome.known_on, points)


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


def _write(
    connection: sa.Connection, home: Path, plan: str, inspected: Sequence[Inspected], known_on: date
) -> tuple[Path, ...]:
    if not inspected:
        return ()
    live = life.live_plan(connection, plan)
    arms: dict[str, Arm] = {one.slot.establishment: one.slot.arm for one in live.record.slots}
    texts = three_files(inspected, arms, str(live.record.target), f"{known_on}_plan_{plan[:8]}_{live.version}")
    folder = home / FOLDER / plan[:12]
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in texts.items():
        partial = folder / f".{name}.partial"
        partial.write_text(text, "utf-8")
        written.append(partial.replace(folder / name))
    return tuple(written)


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
