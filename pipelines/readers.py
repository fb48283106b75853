"""Which adapter reads which kind of file, and in what order kinds must come."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from targeting.domain import Scheme
from targeting.sources.approval_registers import read_approvals
from targeting.sources.change_feed import read_enterprise_changes, read_establishment_changes
from targeting.sources.detect import SourceKind
from targeting.sources.employment_csv import read_employment
from targeting.sources.enhetsregisteret import read_enterprises, read_establishments
from targeting.sources.incidents_csv import read_incidents
from targeting.sources.inspections_csv import read_findings, read_inspections, read_reactions
from targeting.sources.missed_visits_csv import read_missed_visits
from targeting.sources.reading import Batch
from targeting.sources.regnskapsregisteret import read_accounts
from targeting.sources.roles_csv import read_roles
from targeting.sources.tilda import read_reports
from targeting.sources.tilda_coordination import read_coordination

__all__ = ["BULK_KINDS", "Context", "batches_of", "stage_of"]

BULK_KINDS: Final = frozenset({SourceKind.ENTERPRISES, SourceKind.ESTABLISHMENTS})
"""Files that may claim to hold every living unit."""

_UNIT_KINDS: Final = BULK_KINDS | {SourceKind.ENTERPRISE_CHANGES, SourceKind.ESTABLISHMENT_CHANGES}
_AFTER_INSPECTIONS: Final = frozenset({SourceKind.FINDINGS, SourceKind.REACTIONS})
_SCHEMES: Final[Mapping[SourceKind, Scheme]] = {
    SourceKind.AGENCY: Scheme.AGENCY,
    SourceKind.CLEANING: Scheme.CLEANING,
    SourceKind.CAR_CARE: Scheme.CAR_CARE,
    SourceKind.BHT_PROVIDER: Scheme.BHT_PROVIDER,
    SourceKind.BHT_DISPENSATION: Scheme.BHT_DISPENSATION,
}


@dataclass(frozen=True, slots=True)
class Context:
    """What a reader may need beside its file: the day the file counts as known, and when inspections started."""

    known_on: date
    started: Mapping[str, date]


_Reader = Callable[[Path, Context], Iterator[Batch]]

_READERS: Final[Mapping[SourceKind, _Reader]] = {
    SourceKind.ENTERPRISES: lambda path, about: read_enterprises(path, known_on=about.known_on),
    SourceKind.ESTABLISHMENTS: lambda path, about: read_establishments(path, known_on=about.known_on),
    SourceKind.ENTERPRISE_CHANGES: lambda path, _: read_enterprise_changes(path),
    SourceKind.ESTABLISHMENT_CHANGES: lambda path, _: read_establishment_changes(path),
    SourceKind.ACCOUNTS: lambda path, about: read_accounts(path, known_on=about.known_on),
    SourceKind.INSPECTIONS: lambda path, _: read_inspections(path),
    SourceKind.FINDINGS: lambda path, about: read_findings(path, started=about.started),
    SourceKind.REACTIONS: lambda path, about: read_reactions(path, started=about.started),
    SourceKind.TILDA_REPORTS: lambda path, about: read_reports(path, known_on=about.known_on),
    SourceKind.TILDA_COORDINATION: lambda path, about: read_coordination(path, known_on=about.known_on),
    SourceKind.EMPLOYMENT: lambda path, _: read_employment(path),
    SourceKind.ROLES: lambda path, about: read_roles(path, known_on=about.known_on),
    SourceKind.INCIDENTS: lambda path, _: read_incidents(path),
    SourceKind.MISSED_VISITS: lambda path, _: read_missed_visits(path),
}


def batches_of(kind: SourceKind, path: Path, about: Context) -> Iterator[Batch]:
    """The batches of one file of `kind`."""
    if kind in _SCHEMES:
        return read_approvals(path, scheme=_SCHEMES[kind], known_on=about.known_on)
    return _READERS[kind](path, about)


def stage_of(kind: SourceKind) -> int:
    """0 the units, 1 what is told about them, 2 what needs the inspections to be there."""
    if kind in _UNIT_KINDS:
        return 0
    return 2 if kind in _AFTER_INSPECTIONS else 1
