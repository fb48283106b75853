"""Whether the occupational health service was used as the law asks."""

from targeting.domain import Target
from targeting.labels.definition import LabelDefinition

__all__ = ["BHT_USE"]

BHT_USE = LabelDefinition(
    target=Target.BHT_USE,
    meaning="any breach on the BHT-use control points",
    topics=("bht",),
    positive="breaches > 0",
)
