"""The plain answers at the top: which model serves and why, how much better than the rule, what it may be read as."""

from __future__ import annotations

from typing import NamedTuple

from pipelines.evaluation_report.words import Said, count, day, decimal, listing, one, per_hundred, said, share
from targeting.domain import Target
from targeting.evaluation.evaluated import Evaluated
from targeting.evaluation.gates.calibration import chance_error, pooled_forward
from targeting.evaluation.lead import Lead
from targeting.evaluation.metrics import Metrics
from targeting.evaluation.selection import shares_by_noise, standings
from targeting.modelling.releases import Release

__all__ = ["Answer", "Service", "answers"]


class Service(NamedTuple):
    """What serves a target: the version (null: none yet) and the line of the releases that says so."""

    version: str | None
    release: Release


class Answer(NamedTuple):
    """A question and its answer, a sentence each; `points` instead where the answer is a list."""

    question: Said
    sentences: tuple[Said, ...]
    points: tuple[Said, ...] = ()


def answers(found: Evaluated, service: Service) -> list[Answer]:
    """The answers about one target, in the order a stranger asks."""
    better = "summary.better_learned" if found.choice.baseline and found.tested else "summary.better"
    return [
        Answer(said("summary.measures"), (_sentence(said(f"meaning.{found.target}")),)),
        Answer(said("summary.which"), _which(found, service)),
        Answer(said("summary.why"), (_why(found),)),
        Answer(said(better), _better(found)),
        Answer(said("summary.probability"), _probability(found)),
        Answer(said("summary.not_for"), (), not_for(found.target)),
    ]


def not_for(target: Target) -> tuple[Said, ...]:
    """What the target's scores must not be used for."""
    return listing(f"not_for.{target}")


def _which(found: Evaluated, service: Service) -> tuple[Said, ...]:
    candidate = one("candidate", found.choice.candidate)
    key = "none" if service.version is None else "this" if service.version == found.version else "other"
    told = said(f"summary.{key}", candidate=candidate, version=found.version, serves=service.version or "")
    release = service.release
    decided = said("summary.decided", by=release.decided_by, on=day(release.decided_on), why=release.why)
    blocked = [said("summary.blocked", codes=", ".join(gate.code for gate in found.blocked))] if found.blocked else []
    return (_sentence(told), *blocked, *([decided] if service.version else []))


def _why(found: Evaluated) -> Said:
    if not found.tested:
        return said("summary.fallback")
    places = standings(found.result, found.specification, shares_by_noise(found.result))
    learned = [place for place in places if not place.baseline]
    if found.choice.baseline:
        return said("summary.rule", best=one("candidate", found.rival))
    best = max(learned, key=lambda place: place.composite).candidate
    key = "best" if best == found.choice.candidate else "simple"
    names = {"best": one("candidate", best), "rule": one("candidate", found.rival)}
    return said(f"summary.{key}", learned=len(learned), **names)


def _better(found: Evaluated) -> tuple[Said, ...]:
    if not found.tested or found.leads is None:
        return (said("summary.not_tested"),)
    own, rival = found.metrics(found.choice.candidate), found.metrics(found.rival)
    names = {"rival": one("candidate", found.rival)}
    told = said(
        "summary.counts",
        own=per_hundred(own.precision_at_k),
        other=per_hundred(rival.precision_at_k),
        base=per_hundred(own.base_rate),
        **names,
    )
    order = said(
        "summary.order", own=per_hundred(own.auc), other=per_hundred(rival.auc), **_ends(found.leads.auc), **names
    )
    return told, _verdict(own, rival, found.leads.precision), order, *_selected(found)


def _verdict(own: Metrics, rival: Metrics, lead: Lead) -> Said:
    key = "sure" if lead.sure else "unsure"
    # Of the rounded figures just told, so that the reader's own subtraction agrees.
    value = round(100 * own.precision_at_k) - round(100 * rival.precision_at_k)
    return said(f"summary.{key}", value=decimal(value, 0, sign=True), **_ends(lead))


def _ends(lead: Lead) -> dict[str, Said]:
    return {"low": per_hundred(lead.low, sign=True), "high": per_hundred(lead.high, sign=True)}


def _selected(found: Evaluated) -> list[Said]:
    """What the weighted column says, where there is one."""
    if found.honesty is None:
        return []
    columns = found.honesty.candidates[found.choice.candidate]
    weighted = columns.metrics["precision_at_k"].weighted
    if weighted is None:
        return []
    ends = {"low": per_hundred(weighted.low), "high": per_hundred(weighted.high)}
    labelled = share(columns.labelled_share, 1)
    return [said("summary.selected", value=per_hundred(weighted.value), labelled=labelled, **ends)]


def _probability(found: Evaluated) -> tuple[Said, ...]:
    form = found.model.form
    answer = said("summary.yes" if form.bands is None else "summary.no")
    why = Said(form.why_nb, form.why_en)
    if not found.tested:
        return answer, why
    probabilities = pooled_forward(found.result, found.choice.candidate)
    chance = chance_error(probabilities, found.specification.seed)
    power = said(
        "summary.power",
        rows=count(len(probabilities)),
        expected=decimal(chance.expected, 3),
        high=decimal(chance.high, 3),
    )
    return answer, why, power


def _sentence(words: Said) -> Said:
    nb, en = (text[:1].upper() + text[1:] for text in words)
    return Said(nb if nb.endswith(".") else f"{nb}.", en if en.endswith(".") else f"{en}.")
