"""Answering an enterprise that asks what the Authority holds, what it was scored, and who looked."""

from targeting.feedback.access.answer import AccessAnswer, Holding, Words
from targeting.feedback.access.composing import Question, compose
from targeting.feedback.access.held import holding_of, holdings_in
from targeting.feedback.access.page import Section, as_text, sections
from targeting.feedback.access.recording import answered

__all__ = [
    "AccessAnswer",
    "Holding",
    "Question",
    "Section",
    "Words",
    "answered",
    "as_text",
    "compose",
    "holding_of",
    "holdings_in",
    "sections",
]
