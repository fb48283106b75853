"""Putting an answer together from what is published and what the ledger keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from targeting.domain import OrganisationNumber, Target
from targeting.feedback.access.answer import AccessAnswer, Exemption, Holding, Words
from targeting.feedback.access.held import holdings_in
from targeting.feedback.access.looks import corrections_in, events_about, looks_in
from targeting.feedback.access.planned import planned
from targeting.feedback.access.scored import facts_of, scores_of
from targeting.ledger import Event
from targeting.parameters.access import right_of, withheld
from targeting.published import PublishedRun, known_as

__all__ = ["Question", "compose"]


@dataclass(frozen=True, slots=True)
class Question:
    """Who is asked about, and what may be told.

    `closed_too` tells of work crime as well: for whoever decided that the exemption does not apply, with the role to
    see it. `staff_named` gives the names of staff: where that is essential for exercising one's rights.
    """

    number: OrganisationNumber
    on: date
    closed_too: bool = False
    staff_named: bool = False

    @property
    def hidden(self) -> frozenset[str]:
        """The targets nothing is told of."""
        return frozenset() if self.closed_too else frozenset(target.value for target in Target if target.closed)


def compose(
    question: Question,
    runs: Sequence[PublishedRun],
    connection: sa.Connection,
    held: Sequence[Holding] | None = None,
    related: Sequence[str] = (),
) -> AccessAnswer:
    """The answer to `question`: of `runs`, oldest first, the last being the one in service; writes nothing.

    `held` are the rows from the store, for a complete answer; without it the run's index is told. `related` are an
    enterprise's establishments that no run lists. An answer for an enterprise tells of all its establishments.
    """
    number = question.number.value
    shown = runs if question.closed_too else _open_parts(runs)
    rows = known_as(shown[-1], number) if shown else []
    establishments = _establishments(number, [str(row["establishment"]) for row in rows], related, held)
    numbers = sorted({number, *establishments, *(str(row["enterprise"]) for row in rows)})
    holdings = tuple(held) if held is not None else (holdings_in(shown[-1], numbers) if shown else ())
    plans = planned(connection, establishments, question.hidden)
    events = _events(connection, sorted({*numbers, *(one.number for one in holdings)}), question)
    exemptions = withheld(question.on, closed_too=question.closed_too)
    columns = [column for one in exemptions for column in one.columns]
    kind = _kind(number, rows, holdings)
    return AccessAnswer(
        number=number,
        kind=kind,
        on=question.on,
        complete=held is not None,
        right=_right(kind, holdings, rows, question.on),
        establishments=establishments,
        holdings=holdings,
        facts=facts_of(rows, holdings),
        scores=scores_of(shown, establishments, question.on),
        plans=plans.told,
        seen=looks_in(events, plans.untold, named=question.staff_named),
        corrections=corrections_in(events, columns),
        exemptions=tuple(
            Exemption(
                one.id,
                Words(one.what_nb, one.what_en),
                Words(one.clause_nb, one.clause_en),
                Words(one.why_nb, one.why_en),
            )
            for one in exemptions
        ),
    )


def _open_parts(runs: Sequence[PublishedRun]) -> tuple[PublishedRun, ...]:
    """The runs for whoever may not know of closed targets; several may share one open part, which is told once."""
    return tuple({run.about.open_part().run: run.open_part() for run in runs}.values())


def _establishments(
    number: str, listed: Sequence[str], related: Sequence[str], held: Sequence[Holding] | None
) -> tuple[str, ...]:
    """An enterprise's establishments; else the number itself."""
    is_enterprise = bool(related) or any(one != number for one in listed)
    is_enterprise |= any(one.number == number and one.table == "enterprises" for one in held or ())
    return tuple(sorted({*listed, *related})) if is_enterprise else (number,)


def _events(connection: sa.Connection, numbers: Sequence[str], question: Question) -> list[Event]:
    """Every event about one of `numbers`, once, newest first."""
    found = {event.number: event for number in numbers for event in events_about(connection, number, question.hidden)}
    return [found[place] for place in sorted(found, reverse=True)]


def _kind(number: str, rows: Sequence[Mapping[str, Any]], holdings: Sequence[Holding]) -> str:
    if any(row["establishment"] == number for row in rows):
        return "establishment"
    if any(row["enterprise"] == number for row in rows):
        return "enterprise"
    tables = {one.table for one in holdings if one.number == number}
    return "establishment" if "establishments" in tables else "enterprise" if "enterprises" in tables else "unknown"


def _right(kind: str, holdings: Sequence[Holding], rows: Sequence[Mapping[str, Any]], on: date) -> Words:
    """By what law may be asked: it depends on whether the enterprise is a person."""
    forms = [one.values[-1]["form"] for one in holdings if one.table == "enterprises" and one.values]
    sole = [row["sole_proprietor"] for row in rows] + [form == "ENK" for form in forms if form is not None]
    who = ("sole_proprietor" if any(sole) else "enterprise") if sole and kind != "unknown" else "unknown"
    found = right_of(who, on)
    return Words(found.text_nb, found.text_en)
