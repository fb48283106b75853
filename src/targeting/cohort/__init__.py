"""Who is ranked: the establishments of each target's cohort on an as-of day, and the legal rules of that day."""

from targeting.cohort.identity import cohort_rows, identity_sql
from targeting.cohort.members import cohort_members
from targeting.cohort.rules import register_rules
from targeting.cohort.union import choose_union, write_union

__all__ = [
    "choose_union",
    "cohort_members",
    "cohort_rows",
    "identity_sql",
    "register_rules",
    "write_union",
]
