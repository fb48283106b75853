"""The evidence part of a model's card: what an evaluation found, in Markdown between two markers.

What is outside the markers is written by people and stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from targeting.domain import BadInputError
from targeting.evaluation.evaluated import Evaluated
from targeting.evaluation.groups import Groups
from targeting.evaluation.honesty import Honesty
from targeting.evaluation.stability import Overlap, Stability
from targeting.evaluation.three_metrics import Columns

__all__ = ["card_evidence", "evidence_in", "fill_card"]

_BEGIN: Final = "<!-- evidence:begin (generated; do not edit by hand) -->"
_END: Final = "<!-- evidence:end -->"
_BETWEEN: Final = re.compile(rf"{re.escape(_BEGIN)}\n(.*?){re.escape(_END)}", re.DOTALL)
_COLUMNS: Final = ("prevalence", "precision_at_k", "recall_at_k", "auc", "brier", "ece")


def fill_card(card: str, evidence: str) -> str:
    r"""The card with `evidence` between its markers; `BadInputError` unless it has them, once.

    >>> fill_card(f"# A model\n{_BEGIN}\nnone\n{_END}\n", "much") == f"# A model\n{_BEGIN}\nmuch\n{_END}\n"
    True
    """
    evidence_in(card)
    return _BETWEEN.sub(lambda _: f"{_BEGIN}\n{evidence.strip()}\n{_END}", card)


def evidence_in(card: str) -> str:
    """What stands between the markers."""
    found = _BETWEEN.findall(card)
    if len(found) != 1:
        raise BadInputError(
            expected=f"one evidence part, from {_BEGIN} to {_END}", got=str(len(found)), where="a model card"
        )
    return str(found[0]).strip()


def card_evidence(found: Evaluated, origin: str) -> str:
    """The evidence as Markdown. `origin` says in one sentence whose inspections it is from."""
    parts = [
        [origin],
        list(_model(found)),
        list(_candidates(found)),
        list(_honesty(found.honesty, found.choice.candidate)),
        list(_gates(found)),
        list(_list(found)),
    ]
    return "\n\n".join("\n".join(lines) for lines in parts if lines)


def _model(found: Evaluated) -> Iterator[str]:
    model = found.model
    yield f"- Specification `{found.specification.sha256[:12]}`, training rows `{found.data[:12]}`"
    yield (
        f"- Version `{found.version}`, candidate `{model.candidate}`: {found.rows} inspections known before "
        f"{model.trained_until}, {found.breaches} of them with a breach"
    )
    yield f"- Chosen because: {found.choice.why}"
    yield f"- Scores are published as {model.form.name}: {model.form.why_en}"
    if found.leads is not None and found.rival != found.choice.candidate:
        first, area = found.leads.precision, found.leads.auc
        yield (
            f"- Over `{found.rival}` on the same rows: precision at k {first.value:+.3f} ({first.low:+.3f} to "
            f"{first.high:+.3f}), AUC {area.value:+.3f} ({area.low:+.3f} to {area.high:+.3f})"
        )


def _candidates(found: Evaluated) -> Iterator[str]:
    if not found.tested:
        yield "Nothing was tested forward in time: too few labels."
        return
    first, splits = found.metrics(found.choice.candidate), found.result.splits
    yield (
        f"Forward test on {len(splits)} windows from {splits[0].quarter} on, {first.rows} inspections, share with a "
        f"breach {first.base_rate:.3f}; k = {first.k} a window on average; among the inspected only:"
    )
    yield ""
    yield from _row("candidate", "precision at k (se)", "AUC (se)", "Brier", "log loss", "ECE")
    for name, (metrics, precision, area) in found.result.summaries.items():
        told = f"**{name}**" if name == found.choice.candidate else name
        yield from _row(
            told,
            f"{metrics.precision_at_k:.3f} ({precision:.3f})",
            f"{metrics.auc:.3f} ({area:.3f})",
            f"{metrics.brier:.3f}",
            f"{metrics.log_loss:.3f}",
            f"{metrics.ece:.3f}",
            head=False,
        )


def _honesty(honesty: Honesty | None, candidate: str) -> Iterator[str]:
    if honesty is None:
        return
    columns = honesty.candidates[candidate]
    yield (
        f"The lists of `{candidate}` over whole cohorts ({honesty.k:.0f} of {honesty.cohort:.0f} in each of "
        f"{honesty.quarters} quarters; {columns.labelled_share:.1%} of their places have a label):"
    )
    yield ""
    yield from _row("figure", "among the inspected", "inverse-propensity weighted", "worst to best")
    for name in _COLUMNS:
        if name in columns.metrics:
            yield from _row(name.replace("_", " "), *_three(columns.metrics[name]), head=False)
    if honesty.sensitivity:
        least = [step for step in honesty.sensitivity if not step.capped and step.overlap == step.overlap][-1]
        yield ""
        yield (
            f"If only {least.found_given_present:.0%} of what is present is found, the list learned again shares "
            f"{least.overlap:.0%} (Jaccard) with this one."
        )


def _three(columns: Columns) -> tuple[str, str, str]:
    estimates = [
        f"{one.value:.3f} ({one.low:.3f} to {one.high:.3f})" if one else "not known"
        for one in (columns.inspected, columns.weighted)
    ]
    bounds = columns.bounds
    return estimates[0], estimates[1], f"{bounds.worst:.3f} to {bounds.best:.3f}" if bounds else "any"


def _gates(found: Evaluated) -> Iterator[str]:
    yield from _row("gate", "severity", "outcome", "detail")
    for gate in found.gates:
        told = gate.detail.replace("|", "/")
        yield from _row(f"{gate.code} {gate.title}", gate.severity, gate.outcome, told, head=False)


def _list(found: Evaluated) -> Iterator[str]:
    """Stability and groups in a line each."""
    stability, groups = found.evidence.stability, found.evidence.groups
    if stability is not None:
        yield f"- List of {stability.k} drawn again, mean Jaccard: {', '.join(_overlaps(stability))}"
    if groups is not None:
        yield f"- Groups: {_groups(groups)}"


def _overlaps(stability: Stability) -> list[str]:
    kinds: dict[str, Overlap | None] = {
        "other seeds": stability.seeds,
        "other samples": stability.resamples,
        "the quarter before": stability.quarters,
    }
    return [f"{kind} {overlap.mean:.2f}" for kind, overlap in kinds.items() if overlap is not None]


def _groups(groups: Groups) -> str:
    shown = [row for row in groups.rows if row.selection is not None]
    if not shown or groups.everybody.selection is None:
        return f"all smaller than {groups.minimum}"
    most = max(shown, key=lambda row: row.selection.share if row.selection else 0.0)
    assert most.selection is not None
    return (
        f"most often listed is {most.dimension} {most.group} ({most.selection.share:.1%} of {most.selection.n}, "
        f"everybody {groups.everybody.selection.share:.1%}); every group is in the report"
    )


def _row(*cells: str, head: bool = True) -> Sequence[str]:
    line = f"| {' | '.join(cells)} |"
    return [line, "|" + "---|" * len(cells)] if head else [line]
