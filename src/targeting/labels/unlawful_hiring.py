"""Whether hiring in or out broke the § 14-12 family, for hirer and lender alike."""

from targeting.domain import Target
from targeting.labels.definition import LabelDefinition

__all__ = ["UNLAWFUL_HIRING"]

UNLAWFUL_HIRING = LabelDefinition(
    target=Target.UNLAWFUL_HIRING,
    meaning="any breach of the § 14-12 family, hirer or lender",
    topics=("hiring",),
    positive="breaches > 0",
)
