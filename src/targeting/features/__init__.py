"""Declared features: what may be known about an establishment on a day, and by which right."""

from targeting.features.computation import AsOfRelations, compute
from targeting.features.definition import features_for, load_families, load_family
from targeting.features.family import Constant, Family, Feature, FeatureKind

__all__ = [
    "AsOfRelations",
    "Constant",
    "Family",
    "Feature",
    "FeatureKind",
    "compute",
    "features_for",
    "load_families",
    "load_family",
]
