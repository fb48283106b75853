"""Whether an inspection on pay, ID cards and registrations found a breach: a lower bound of what there is."""

from targeting.domain import Target
from targeting.labels.definition import LabelDefinition

__all__ = ["WORK_CRIME"]

WORK_CRIME = LabelDefinition(
    target=Target.WORK_CRIME,
    meaning="a breach on pay, ID cards or registrations, or a reaction under those laws",
    topics=("crime",),
    positive="breaches > 0 OR crime_reactions > 0",
    reactions=("crime",),
)
