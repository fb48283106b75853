"""Everything an evaluation found out about one target's model, as one frozen value that report and card read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from targeting.domain import Target
from targeting.evaluation.backtest import Backtest
from targeting.evaluation.gates import Evidence, GateResult
from targeting.evaluation.honesty import Honesty
from targeting.evaluation.lead import Lead, paired_lead
from targeting.evaluation.metrics import Metrics
from targeting.evaluation.selection import Choice, Standing, shares_by_noise, standings
from targeting.modelling.artifact import TrainedModel
from targeting.modelling.specification import Specification

__all__ = ["Evaluated", "Leads", "leads_of", "rival_of"]


@dataclass(frozen=True)
class Leads:
    """How far the chosen candidate is ahead of its rival, by precision at k and by AUC."""

    precision: Lead
    auc: Lead


@dataclass(frozen=True)
class Evaluated:
    """One target's model, what it was made from, and what was found out about it.

    `rows` training rows, `breaches` of them with a breach; `data` is the sha256 of the training matrix. `leads` and
    `honesty` are null where nothing was tested forward in time.
    """

    specification: Specification
    version: str
    model: TrainedModel
    rows: int
    breaches: int
    data: str
    result: Backtest
    choice: Choice
    evidence: Evidence
    gates: tuple[GateResult, ...]
    rival: str
    leads: Leads | None
    honesty: Honesty | None

    @property
    def target(self) -> Target:
        """What is predicted."""
        return self.specification.target

    @property
    def tested(self) -> bool:
        """Whether anything was tested forward in time."""
        return bool(self.result.splits)

    @property
    def blocked(self) -> tuple[GateResult, ...]:
        """The gates that keep the model from serving."""
        return tuple(gate for gate in self.gates if gate.severity == "block" and gate.outcome == "fail")

    def metrics(self, candidate: str) -> Metrics:
        """A candidate's figures over all windows. Needs a forward test."""
        return self.result.summaries[candidate].metrics

    def to_dict(self) -> dict[str, Any]:
        """As JSON values, without anybody's number in them; what was not looked at is null."""
        evidence = self.evidence
        return {
            "target": self.target.value,
            "version": self.version,
            "candidate": self.choice.candidate,
            "why": self.choice.why,
            "rival": self.rival,
            "form": self.model.form.name,
            "as_of": self.model.trained_until,
            "rows": self.rows,
            "breaches": self.breaches,
            "data": self.data,
            "specification": self.specification.sha256,
            "windows": [str(split.quarter) for split in self.result.splits],
            "forward": {name: _known(one.metrics.to_dict()) for name, one in self.result.summaries.items()},
            "lead": self.leads and {"precision_at_k": self.leads.precision._asdict(), "auc": self.leads.auc._asdict()},
            "gates": [gate._asdict() for gate in self.gates],
            "stability": evidence.stability and evidence.stability.to_dict(),
            "groups": evidence.groups and evidence.groups.to_dict(),
            "three_columns": self.honesty and self.honesty.to_dict(),
        }


def rival_of(result: Backtest, choice: Choice, specification: Specification) -> str:
    """Whom the chosen candidate is held against: a learned one the best rule, a rule the best learned one.

    The chosen one itself when there is nobody else, or nothing was tested.
    """
    if not result.splits:
        return choice.candidate
    places = standings(result, specification, shares_by_noise(result))
    others = [place for place in places if place.baseline != choice.baseline]
    return max(others, key=_composite).candidate if others else choice.candidate


def leads_of(result: Backtest, choice: Choice, rival: str, seed: int) -> Leads | None:
    """The chosen candidate's leads over its rival; null when nothing was tested."""
    precision = paired_lead(result, choice.candidate, rival, "precision_at_k", seed)
    area = paired_lead(result, choice.candidate, rival, "auc", seed)
    return Leads(precision, area) if precision and area else None


def _composite(place: Standing) -> float:
    return place.composite


def _known(metrics: Any) -> dict[str, float | None]:
    return {name: None if value != value else round(value, 6) for name, value in metrics.items()}
