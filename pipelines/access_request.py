"""An access request answered in full: published scores, the ledger, and every row of the store about the number."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from targeting.domain import BadInputError
from targeting.feedback.access import AccessAnswer, Holding, Question, answered, as_text, holding_of
from targeting.ledger import Ledger
from targeting.published import open_run, run_ids
from targeting.snapshots import Store
from targeting.snapshots.holdings import held_rows, kin_of
from targeting.tables import ALL_TABLES

__all__ = ["FORMATS", "Question", "access_request", "check_asked", "rendered"]

FORMATS = ("text", "json")


def access_request(home: Path, ledger: Ledger, question: Question, by: str, now: datetime) -> AccessAnswer:
    """The complete answer, and in the audit that `by` gave it: no answer without a record of it."""
    store, number = Store(home), question.number.value
    kin = kin_of(store, number)
    numbers = [number, *kin.establishments, *([kin.enterprise] if kin.enterprise else [])]
    held = [found for one in numbers for found in _held(store, one, question)]
    runs = [open_run(home, one) for one in run_ids(home)]
    with ledger.write() as connection:
        return answered(question, runs, connection, by, now, held, kin.establishments).answer


def check_asked(format: str, language: str) -> None:  # noqa: A002 - the contract's word
    """Raise `BadInputError` for a format or language there is none of: before anything is recorded."""
    if format not in FORMATS:
        raise BadInputError(expected=f"one of {', '.join(FORMATS)}", got=repr(format), where="--format")
    if language not in ("nb", "en"):
        raise BadInputError(expected="nb or en", got=repr(language), where="--language")


def rendered(answer: AccessAnswer, format: str, language: str) -> str:  # noqa: A002 - the contract's word
    """The answer as text in one language, or as JSON in both."""
    check_asked(format, language)
    return answer.to_json() if format == "json" else as_text(answer, language)


def _held(store: Store, number: str, question: Question) -> list[Holding]:
    told = (holding_of(number, table.about.name, held_rows(store, table, number), question.on) for table in ALL_TABLES)
    return [one for one in told if one is not None]
