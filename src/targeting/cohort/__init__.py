"""Who is ranked: the establishments of each target's cohort on an as-of day, and the legal rules of that day."""

from targeting.cohort.identity import cohort_rows, cohort_rows_by_target
from targeting.cohort.members import cohort_members
from targeting.cohort.rules import register_rules

__all__ = ["cohort_members", "cohort_rows", "cohort_rows_by_target", "register_rules"]
