"""The description as one Markdown page a language. The same facts give the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from targeting.evaluation.description import fields, figures, inputs, parts
from targeting.evaluation.description.facts import Facts
from targeting.evaluation.description.words import LANGUAGES, Language

__all__ = ["LANGUAGES", "document"]

_SECTIONS: Final[tuple[tuple[str, Callable[[Facts, Language], Iterator[str]]], ...]] = (
    ("h_short", parts.short),
    ("h_purpose", parts.purposes),
    ("h_decides", parts.decides),
    ("h_works", parts.works),
    ("h_random", parts.random_share),
    ("h_figures", figures.figures),
    ("h_data", inputs.data),
    ("h_inputs", inputs.one_by_one),
    ("h_never", inputs.never),
    ("h_kept", parts.kept),
    ("h_risks", parts.risks),
    ("h_rights", parts.rights),
    ("h_fields", fields.fields),
)


def document(told: Facts, language: str) -> str:
    """The whole page in `language`, "nb" or "en"."""
    say = Language(language)
    blocks = [f"# {say('title')}", say("lead"), f"*{say('generated')}*"]
    for heading, section in _SECTIONS:
        blocks += [f"## {say(heading)}", *section(told, say)]
    return "\n\n".join(blocks) + "\n"
