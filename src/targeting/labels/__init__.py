"""What an inspection found, per target; a label exists only where an inspection checked the matter."""

from targeting.labels.definition import SEVERITY, LabelDefinition
from targeting.labels.inspected import first_labels, inspected_quarters
from targeting.labels.observation import DEFINITIONS, label_relation, label_rows, labels_of

__all__ = [
    "DEFINITIONS",
    "SEVERITY",
    "LabelDefinition",
    "first_labels",
    "inspected_quarters",
    "label_relation",
    "label_rows",
    "labels_of",
]
