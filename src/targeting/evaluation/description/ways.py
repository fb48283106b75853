"""What candidates and owners are called to a stranger."""

from __future__ import annotations

from targeting.evaluation.description.facts import Facts
from targeting.evaluation.description.words import Language
from targeting.modelling.specification import Specification

__all__ = ["owner_of", "way_of"]


def owner_of(told: Facts, say: Language) -> str:
    """Who answers for the models, as the specifications say."""
    owners = dict.fromkeys(one.owner for one in told.specifications.values())
    return ", ".join(say.declared(owner, in_code="en") for owner in owners)


def way_of(specification: Specification, name: str, say: Language) -> str:
    """A candidate by its own name where it is a rule that has one in words, else by its kind."""
    candidate = specification.candidate(name)
    named = f"theirs_{name}"
    return say(named) if candidate.baseline and say.knows(named) else say(f"kind_{candidate.kind}")
