"""Declared features: what may be known about an establishment on a day, and by which right."""

from targeting.features.computation import AsOfRelations, compute
from targeting.features.definition import features_for, load_families, load_family
from targeting.features.family import Constant, Family, Feature, FeatureKind
from targeting.features.streaming import family_file, write_family

__all__ = [
    "AsOfRelations",
    "Constant",
    "Family",
    "Feature",
    "FeatureKind",
    "compute",
    "family_file",
    "features_for",
    "load_families",
    "load_family",
    "write_family",
]
