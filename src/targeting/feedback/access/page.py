"""An answer as a readable page: headings, paragraphs and small tables in one language, without any markup."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from textwrap import wrap
from typing import Any, Final

from targeting.feedback.access.answer import AccessAnswer, Holding, ScoreTold, Words
from targeting.feedback.access.saying import day, value

__all__ = ["Section", "as_text", "sections"]

_WIDTH: Final = 120
_NARROWEST: Final = 24


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a page. `rows` have as many cells as `header`; a part without a table has neither."""

    title: str
    paragraphs: tuple[str, ...] = ()
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def sections(answer: AccessAnswer, language: str) -> tuple[Section, ...]:
    """The whole answer in `language` ("nb" or "en"), in the order a reader asks. An empty part says that it is."""
    say = _Language(language)
    return (
        _head(answer, say),
        _held(answer, say),
        _facts(answer, say),
        *_scores(answer, say),
        _plans(answer, say),
        _seen(answer, say),
        _corrections(answer, say),
        _exempt(answer, say),
        *(section for one in answer.holdings for section in _rows(one, say)),
    )


def as_text(answer: AccessAnswer, language: str) -> str:
    """The page as plain text, no line of it longer than a screen is wide."""
    return "\n".join(line for one in sections(answer, language) for line in _lines(one))


def _lines(section: Section) -> Iterator[str]:
    yield from (section.title, "-" * len(section.title))
    for paragraph in section.paragraphs:
        yield from wrap(paragraph, _WIDTH, subsequent_indent="  " if paragraph[:1].isdigit() else "")
    if section.rows:
        yield from _table(section.header, section.rows)
    yield ""


def _table(header: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> Iterator[str]:
    """Columns side by side, the widest wrapped; where even that does not fit, a paragraph a row."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    widest = widths.index(max(widths))
    excess = max(0, sum(widths) + 2 * len(widths) - _WIDTH)
    widths[widest] -= excess
    if excess and widths[widest] < _NARROWEST:
        yield from _as_paragraphs(header, rows)
        return
    for row in (header, *rows):
        yield from _side_by_side(row, widths)


def _side_by_side(row: tuple[str, ...], widths: list[int]) -> Iterator[str]:
    columns = [wrap(cell, width) or [""] for cell, width in zip(row, widths, strict=True)]
    for cells in zip_longest(*columns, fillvalue=""):
        yield "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _as_paragraphs(header: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> Iterator[str]:
    for row in rows:
        first, *more = (f"{name}: {cell}" for name, cell in zip(header, row, strict=True))
        yield from wrap(f"* {first}", _WIDTH, subsequent_indent="    ")
        for cell in more:
            yield from wrap(cell, _WIDTH, initial_indent="  ", subsequent_indent="    ")


class _Language:
    """One of the two languages: chooses texts, and writes values as it does."""

    def __init__(self, language: str) -> None:
        self.code = language
        self.nb = language == "nb"

    def __call__(self, nb: str, en: str) -> str:
        return nb if self.nb else en

    def of(self, words: Words | None) -> str:
        return "" if words is None else self(words.nb, words.en)

    def day(self, held: date | None) -> str:
        return day(held, self.code)

    def value(self, held: Any) -> str:
        return value(held, self.code)

    def percent(self, share: float) -> str:
        return f"{100 * share:.0f}{' ' if self.nb else ''}%"


def _head(answer: AccessAnswer, say: _Language) -> Section:
    kinds = {
        "establishment": say("en virksomhet (underenhet)", "an establishment"),
        "enterprise": say("et foretak (hovedenhet)", "an enterprise"),
        "unknown": say("ukjent for oss", "not known to us"),
    }
    about = [
        say(
            f"Svaret er laget {say.day(answer.on)}. Organisasjonsnummeret er {kinds[answer.kind]}.",
            f"This answer was made on {say.day(answer.on)}. The organisation number is {kinds[answer.kind]}.",
        ),
        say.of(answer.right),
        say(
            "En skår er et anslag som hjelper planleggere med å velge hvem som bør få tilsyn. Den er ikke bevis, og "
            "ingen vedtak bygger på den.",
            "A score is an estimate that helps planners choose whom to inspect. It is not evidence, and no decision "
            "against anybody rests on it.",
        ),
    ]
    if answer.establishments not in ((), (answer.number,)):
        told = ", ".join(answer.establishments)
        about.append(say(f"Svaret omfatter virksomhetene {told}.", f"It covers the establishments {told}."))
    return Section(say(f"Innsyn for {answer.number}", f"Access request for {answer.number}"), tuple(about))


def _held(answer: AccessAnswer, say: _Language) -> Section:
    header = (
        say("nummer", "number"),
        say("register", "register"),
        say("rader", "rows"),
        say("fra", "from"),
        say("til", "to"),
        say("kilde", "source"),
        say("rettslig grunnlag", "legal basis"),
    )
    rows = tuple(
        (
            one.number,
            say.of(one.title),
            str(one.rows),
            say.day(one.first_known_on),
            say.day(one.last_known_on),
            say.of(one.keeper),
            say.of(one.basis),
        )
        for one in answer.holdings
    )
    how = say(
        "Alle radene står til slutt i svaret." if answer.complete else "Dette er en oversikt; be om radene selv.",
        "All rows stand at the end of the answer." if answer.complete else "This is an index; ask for the rows.",
    )
    nothing = say("Vi har ingen registeropplysninger om nummeret.", "We hold no register data about the number.")
    return Section(say("Hva vi har", "What we hold"), (how if rows else nothing,), header if rows else (), rows)


def _facts(answer: AccessAnswer, say: _Language) -> Section:
    header = (
        say("virksomhet", "establishment"),
        say("opplysning", "fact"),
        say("verdi", "value"),
        say("sist kjent", "last known"),
    )
    rows = tuple(
        (one.establishment, say.of(one.title), say.of(one.said), say.day(one.known_on)) for one in answer.facts
    )
    about = say(
        "Slik er virksomheten beskrevet i den siste lista." if rows else "Virksomheten er ikke med i den siste lista.",
        "This is how the establishment is described in the latest list."
        if rows
        else "The establishment is not in the latest list.",
    )
    return Section(
        say("Opplysninger i siste liste", "Facts in the latest list"), (about,), header if rows else (), rows
    )


def _scores(answer: AccessAnswer, say: _Language) -> Iterable[Section]:
    if not answer.scores:
        none = say("Vi har ingen skår for nummeret.", "We have no score of the number.")
        yield Section(say("Skårer", "Scores"), (none,))
    for one in answer.scores:
        title = f"{say('Skår', 'Score')}: {say.of(one.title)}, {one.establishment}, {say.day(one.as_of)}"
        rows = tuple(
            (say("trekker opp", "raises") if reason.raises else say("trekker ned", "lowers"), say.of(reason.text))
            for reason in one.reasons
        )
        header = (say("retning", "direction"), say("begrunnelse", "reason")) if rows else ()
        yield Section(title, _about_score(one, say), header, rows)


def _about_score(one: ScoreTold, say: _Language) -> tuple[str, ...]:
    low, high = say.percent(one.low), say.percent(one.high)
    if one.band is None:
        said = say(
            f"Svar: {say.percent(one.score)} (mellom {low} og {high}).",
            f"Answer: {say.percent(one.score)} (between {low} and {high}).",
        )
    else:
        said = say(
            f"Svar: gruppen «{one.band.nb}». I den gruppen fant tilsyn brudd hos {low} til {high}.",
            f'Answer: the band "{one.band.en}". In that band inspections found a breach at {low} to {high}.',
        )
    among = "" if one.among is None else say(f" av {one.among}", f" of {one.among}")
    place = say(f"Plass {one.rank}{among} i lista.", f"Place {one.rank}{among} in the list.")
    model = say(
        f"Modell {one.release}, opplært på tilsyn kjent før {one.trained_until}. Kjøring {one.run}.",
        f"Model {one.release}, trained on inspections known before {one.trained_until}. Run {one.run}.",
    )
    basis = f"{say('Rettslig grunnlag', 'Legal basis')}: {say.of(one.basis)}."
    return (f"{say.of(one.asks)} {said}", place, model, basis)


def _plans(answer: AccessAnswer, say: _Language) -> Section:
    header = (
        say("virksomhet", "establishment"),
        say("plan", "plan"),
        say("gjelder", "about"),
        say("foreslått", "proposed"),
        say("tilstand", "state"),
        say("virksomhetens plass", "its part"),
        say("resultat", "result"),
    )
    rows = tuple(
        (
            one.establishment,
            one.plan,
            say.of(one.title),
            say.day(one.proposed_on),
            say.of(one.state),
            say.of(one.part),
            _result(one.breach, one.inspected_on, say),
        )
        for one in answer.plans
    )
    none = say("Ingen avsluttet tilsynsplan nevner virksomheten.", "No finished plan names the establishment.")
    return Section(say("Tilsynsplaner", "Inspection plans"), () if rows else (none,), header if rows else (), rows)


def _result(breach: bool | None, inspected_on: date | None, say: _Language) -> str:
    if breach is None:
        return say("ikke kontrollert", "not inspected")
    found = say("brudd funnet", "breach found") if breach else say("ingen brudd funnet", "no breach found")
    return f"{found} {say.day(inspected_on)}"


def _seen(answer: AccessAnswer, say: _Language) -> Section:
    header = (say("tidspunkt (UTC)", "moment (UTC)"), say("hvem", "who"), say("formål", "purpose"))
    rows = tuple((one.at[:16].replace("T", " "), say.of(one.who), say.of(one.purpose)) for one in answer.seen)
    about = say(
        "Ansatte har nummer i stedet for navn; samme nummer er samme person. At virksomheten sto på en liste noen "
        "bladde i, uten å åpne den, blir ikke loggført per virksomhet.",
        "Members of staff have numbers instead of names; the same number is the same person. That it stood in a list "
        "somebody paged through, without opening it, is not logged by establishment.",
    )
    none = say("Ingen har slått opp nummeret.", "Nobody has looked up the number.")
    return Section(
        say("Hvem som har sett det", "Who saw it"), (about,) if rows else (none, about), header if rows else (), rows
    )


def _corrections(answer: AccessAnswer, say: _Language) -> Section:
    header = (
        say("felt", "field"),
        say("registeret sier", "the register says"),
        say("riktig", "corrected"),
        say("fra", "from"),
        say("grunnlag", "ground"),
        say("først med i kjøring", "first in run"),
    )
    rows = tuple(
        (
            f"{one.number} {one.table}.{one.field}",
            say.value(one.disputed),
            say.value(one.value),
            say.day(one.known_on),
            one.why,
            ", ".join(one.rescored_in) or say("ikke ennå", "not yet"),
        )
        for one in answer.corrections
    )
    how = say(
        "Er noe feil, si fra til Arbeidstilsynet med det som viser hva som er riktig. Rettelsen gjelder "
        "fra neste liste.",
        "If anything is wrong, tell the Labour Inspection Authority, with what shows what is right. A correction "
        "counts from the next list.",
    )
    return Section(say("Rettelser", "Corrections"), (how,), header if rows else (), rows)


def _exempt(answer: AccessAnswer, say: _Language) -> Section:
    about = say(
        "Dette gis det ikke innsyn i. Alle svar sier det samme, enten det finnes noe slikt eller ikke.",
        "Of this nothing is told. Every answer says the same, whether there is anything of the kind or not.",
    )
    header = (say("hva", "what"), say("hjemmel", "clause"), say("hvorfor", "why"))
    rows = tuple((say.of(one.what), say.of(one.clause), say.of(one.why)) for one in answer.exemptions)
    return Section(say("Det som er unntatt", "What is withheld"), (about,), header, rows)


def _rows(held: Holding, say: _Language) -> Iterable[Section]:
    """The rows of one register, each a paragraph of the values that are known: wide tables cannot be read."""
    if held.values is not None:
        told = tuple(_row(row, say) for row in held.values)
        yield Section(f"{say.of(held.title)}: {held.number}", (say.of(held.holds), *told))


def _row(row: Any, say: _Language) -> str:
    known = (f"{name}: {say.value(value)}" for name, value in row.items() if value is not None and name != "known_on")
    return f"{say.day(row['known_on'])}  {'; '.join(known)}"
