"""The public description of the algorithm: made from what it runs with, in Norwegian and English."""

from targeting.evaluation.description.document import LANGUAGES, document
from targeting.evaluation.description.facts import Facts, Figures, facts

__all__ = ["LANGUAGES", "Facts", "Figures", "document", "facts"]
