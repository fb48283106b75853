"""Frozen values that everything else is written in; no I/O, no dataframe, no clock."""

from targeting.domain.errors import BadInputError, NotFoundError, RefusedError, TargetingError
from targeting.domain.establishment import (
    EmployeeBand,
    IndustryCode,
    OrganisationNumber,
    Standard,
    has_national_identity_number,
    is_organisation_number,
)
from targeting.domain.facts import Dispensation, EstablishmentFacts
from targeting.domain.inspection import Answer, Form, IncidentKind, MissedReason, Origin, ReactionKind, Scheme
from targeting.domain.plan import Arm, Slot
from targeting.domain.target import Target
from targeting.domain.time import AsOf, Quarter, Window

__all__ = [
    "Answer",
    "Arm",
    "AsOf",
    "BadInputError",
    "Dispensation",
    "EmployeeBand",
    "EstablishmentFacts",
    "Form",
    "IncidentKind",
    "IndustryCode",
    "MissedReason",
    "NotFoundError",
    "OrganisationNumber",
    "Origin",
    "Quarter",
    "ReactionKind",
    "RefusedError",
    "Scheme",
    "Slot",
    "Standard",
    "Target",
    "TargetingError",
    "Window",
    "has_national_identity_number",
    "is_organisation_number",
]
