"""Table contracts: what every stored row means, for every source and reader."""

from targeting.tables.accounts import Accounts
from targeting.tables.approvals import Approvals
from targeting.tables.contract import About, Column, Kind, Table
from targeting.tables.coordination import Coordination
from targeting.tables.corrections import Corrections
from targeting.tables.employment import Employment
from targeting.tables.enterprises import Enterprises
from targeting.tables.establishments import Establishments
from targeting.tables.findings import Findings
from targeting.tables.incidents import Incidents
from targeting.tables.inspections import Inspections
from targeting.tables.missed_visits import MissedVisits
from targeting.tables.reactions import Reactions
from targeting.tables.roles import Roles

__all__ = [
    "ALL_TABLES",
    "About",
    "Accounts",
    "Approvals",
    "Column",
    "Coordination",
    "Corrections",
    "Employment",
    "Enterprises",
    "Establishments",
    "Findings",
    "Incidents",
    "Inspections",
    "Kind",
    "MissedVisits",
    "Reactions",
    "Roles",
    "Table",
]

ALL_TABLES: tuple[type[Table], ...] = (
    Accounts,
    Approvals,
    Coordination,
    Corrections,
    Employment,
    Enterprises,
    Establishments,
    Findings,
    Incidents,
    Inspections,
    MissedVisits,
    Reactions,
    Roles,
)
"""Every table of the store."""
