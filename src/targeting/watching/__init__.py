"""What watches a quarterly run: inputs before they are scored, drift, churn of the lists, calibration as it comes in.

Nothing here scores, ranks or decides: a check is a light with its reason in words, and whoever runs the quarter reads
the lights. Rows are looked at by SQL over the store's files or a partition at a time, so memory stays flat.
"""

from targeting.watching.calibration import Calibration, calibration_of
from targeting.watching.check import Check, Light, worst
from targeting.watching.churn import Change, Churn, churn_of
from targeting.watching.contract import check_contract
from targeting.watching.drift import Drift, check_drift, drift_of
from targeting.watching.facts import InputFacts, input_facts
from targeting.watching.guard import Guard
from targeting.watching.inputs import check_inputs
from targeting.watching.list_checks import check_calibration, check_churn, check_run_age
from targeting.watching.measuring import Measured, measure, merged_by_target
from targeting.watching.reference import (
    Pin,
    Reference,
    TargetReference,
    keep_reference,
    load_pinned,
    load_reference,
    make_reference,
    pin_reference,
    pins,
)
from targeting.watching.watch import GROUPS, ChurnTold, Watch, churn_told

__all__ = [
    "GROUPS",
    "Calibration",
    "Change",
    "Check",
    "Churn",
    "ChurnTold",
    "Drift",
    "Guard",
    "InputFacts",
    "Light",
    "Measured",
    "Pin",
    "Reference",
    "TargetReference",
    "Watch",
    "calibration_of",
    "check_calibration",
    "check_churn",
    "check_contract",
    "check_drift",
    "check_inputs",
    "check_run_age",
    "churn_of",
    "churn_told",
    "drift_of",
    "input_facts",
    "keep_reference",
    "load_pinned",
    "load_reference",
    "make_reference",
    "measure",
    "merged_by_target",
    "pin_reference",
    "pins",
    "worst",
]
