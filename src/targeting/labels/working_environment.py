"""Whether an inspection, on whatever topic, ended seriously."""

from targeting.domain import Target
from targeting.labels.definition import LabelDefinition

__all__ = ["WORKING_ENVIRONMENT"]

WORKING_ENVIRONMENT = LabelDefinition(
    target=Target.WORKING_ENVIRONMENT,
    meaning="five or more breaches, or a stop, coercive fine, penalty or police report",
    topics=(),
    positive="breaches >= getvariable('serious_breaches') OR serious_reactions > 0",
    reactions=("serious",),
)
