"""The fields of the UK Algorithmic Transparency Recording Standard and of the Dutch algorithm register, answered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from targeting.evaluation.description.facts import Facts
from targeting.evaluation.description.markdown import table
from targeting.evaluation.description.ways import owner_of
from targeting.evaluation.description.words import Language

__all__ = ["fields"]

_ATRS: Final = (
    ("Tier 1: Name", "name"),
    ("Tier 1: Description", "abbreviated"),
    ("Tier 1: Website URL", "unpublished"),
    ("Tier 1: Contact email", "unnamed"),
    ("Tier 2, 1.1 Organisation or department", "organisation"),
    ("1.2 Team", "unit"),
    ("1.3 Senior responsible owner", "unnamed"),
    ("1.4 External supplier involvement", "supplier_none"),
    ("2.1 Detailed description", "h_works"),
    ("2.2 Scope", "h_purpose"),
    ("2.3 Benefit", "benefits"),
    ("2.4 Previous process", "before"),
    ("2.5 Alternatives considered", "alternatives"),
    ("3.1 Integration into broader operational process", "h_decides"),
    ("3.2 Human review and decisions", "h_decides"),
    ("3.3 Frequency and scale of usage", "often"),
    ("3.4 Required training", "unpublished"),
    ("3.5 Appeals and review", "h_rights"),
    ("4.1 System architecture, phase, maintenance", "architecture phase maintenance"),
    ("4.2 Model: task, input, output, performance", "h_works h_inputs h_figures"),
    ("4.3 Development data", "h_data"),
    ("4.3 Data completeness and representativeness", "complete works_5"),
    ("4.3 Sensitive attributes", "sensitive"),
    ("4.4 Operational data: sources, access and storage", "h_data storage"),
    ("4.4 Data sharing agreements", "sharing"),
    ("5.1 Impact assessment", "unpublished"),
    ("5.2 Risks and mitigations", "h_risks"),
)
_DUTCH: Final = (
    ("Naam", "name"),
    ("Organisatie", "organisation"),
    ("Korte omschrijving", "abbreviated"),
    ("Thema", "concerns_theme"),
    ("Status", "phase"),
    ("Begindatum, einddatum", "unpublished"),
    ("Contactgegevens", "unnamed"),
    ("Publicatiecategorie", "dutch_category"),
    ("Doel en impact", "h_purpose not_for"),
    ("Afwegingen", "benefits alternatives"),
    ("Menselijke tussenkomst", "h_decides"),
    ("Risicobeheer", "h_risks"),
    ("Wettelijke basis", "h_purpose"),
    ("Impacttoetsen (DPIA, IAMA)", "unpublished"),
    ("Gegevens", "h_data h_inputs h_never"),
    ("Technische werking", "h_works"),
    ("Leverancier", "supplier_none"),
    ("Link naar broncode", "unpublished"),
)


def fields(told: Facts, say: Language) -> Iterator[str]:
    """Both standards as tables: a short answer, or where on this page it stands."""
    yield say("fields_lead")
    for title, asked in (("UK ATRS 3.0", _ATRS), ("Algoritmeregister (NL)", _DUTCH)):
        yield f"### {title}"
        yield table([say("field"), say("answer")], ([field, _answer(keys, told, say)] for field, keys in asked))


def _answer(keys: str, told: Facts, say: Language) -> str:
    return " ".join(_one(key, told, say) for key in keys.split())


def _one(key: str, told: Facts, say: Language) -> str:
    if key.startswith("h_"):
        return say("see", section=say(key))
    if key == "unit":
        return owner_of(told, say)
    return say(key, owner=owner_of(told, say), places=told.pacing.document_inspections_per_year)
