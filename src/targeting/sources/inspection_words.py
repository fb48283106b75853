"""The Norwegian words of inspections, and what they are called in the tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from targeting.domain import Answer, Form, IncidentKind, MissedReason, Origin, ReactionKind

__all__ = [
    "ANSWERS",
    "FORMS",
    "INCIDENT_KINDS",
    "INSPECTION_STATUSES",
    "MISSED_REASONS",
    "ORIGINS",
    "REACTION_KINDS",
    "gravest_word_in",
]

FORMS: Final[Mapping[str, Form]] = {
    "dokument": Form.DOCUMENT,
    "meldt": Form.ANNOUNCED,
    "uanmeldt": Form.UNANNOUNCED,
}
ORIGINS: Final[Mapping[str, Origin]] = {
    "risiko": Origin.RISK,
    "kampanje": Origin.CAMPAIGN,
    "tips": Origin.TIP,
    "ulykke": Origin.ACCIDENT,
    "oppfoelging": Origin.FOLLOW_UP,
    "oppfølging": Origin.FOLLOW_UP,
    "tilfeldig": Origin.RANDOM,
    "annet": Origin.OTHER,
}
ANSWERS: Final[Mapping[str, Answer]] = {
    "oppfylt": Answer.MET,
    "brudd": Answer.BREACH,
    "ikke_relevant": Answer.NOT_RELEVANT,
    "ikke_kontrollert": Answer.NOT_CHECKED,
}
REACTION_KINDS: Final[Mapping[str, ReactionKind]] = {
    "veiledning": ReactionKind.GUIDANCE,
    "paalegg": ReactionKind.ORDER,
    "pålegg": ReactionKind.ORDER,
    "tvangsmulkt": ReactionKind.COERCIVE_FINE,
    "stansing": ReactionKind.STOP,
    "overtredelsesgebyr": ReactionKind.PENALTY,
    "politianmeldelse": ReactionKind.POLICE_REPORT,
}
INCIDENT_KINDS: Final[Mapping[str, IncidentKind]] = {
    "ulykke": IncidentKind.ACCIDENT,
    "tips": IncidentKind.TIP,
    "bekymring": IncidentKind.CONCERN,
}
MISSED_REASONS: Final[Mapping[str, MissedReason]] = {
    "nedlagt": MissedReason.CLOSED_DOWN,
    "flyttet": MissedReason.MOVED,
    "ingen_ansatte": MissedReason.NO_EMPLOYEES,
    "svarer_ikke": MissedReason.NO_ANSWER,
    "ikke_omfattet": MissedReason.NOT_COVERED,
    "annen_myndighet": MissedReason.OTHER_AUTHORITY,
    "rakk_ikke": MissedReason.NO_CAPACITY,
}
INSPECTION_STATUSES: Final[Mapping[str, str | None]] = {
    "aapen": "aapen",
    "lukket": "lukket",
    "avbrutt": "avbrutt",
    "planlegging": "planlegging",
    "ikkeangitt": None,
}
"""TILDA's list; `ikkeAngitt` is its word for not stated."""


def gravest_word_in(text: str | None, words: Mapping[str, str]) -> str | None:
    """The value of the last listed of `words` that free `text` contains, null when it contains none.

    The last, because reactions are listed mildest first and the gravest named is what was decided.

    >>> str(gravest_word_in("Vedtak om pålegg og tvangsmulkt", REACTION_KINDS))
    'coercive_fine'
    >>> gravest_word_in("Notat", REACTION_KINDS)
    """
    found = [value for word, value in words.items() if text is not None and word in text.casefold()]
    return found[-1] if found else None
