"""What a perfect reader of the registers could know: exact Bayesian beliefs over the unobserved quality.

The reader knows the law of the world (weights, effects of inspectors and forms, rates) and, on a quarter's first day,
every term of the register's state, every answer and every tip or accident report known before that day, and that
nothing else was reported. The belief over the levels of quality is exact: the chain is a hidden Markov model, outcomes
are independent given the level, and reports are Poisson. Selection carries no further news: it only uses what the
reader also knows. Answers come at most 180 days late, so whatever is three quarters old is complete.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from targeting.sources.synthetic.arrays import Ints, Reals
from targeting.sources.synthetic.assumptions import rate
from targeting.sources.synthetic.incidents import ACCIDENT, TIP, Incidents, Reports, known_share, tilt
from targeting.sources.synthetic.inspections import Inspections
from targeting.sources.synthetic.latent import chain

__all__ = ["Evidence", "Reader"]

_SETTLED_AFTER: Final = 3
_EVER: Final = 1 << 60


@dataclass(frozen=True)
class Evidence:
    """Everything of one quarter that tells of quality."""

    start: int
    end: int
    reports: Reports
    incidents: Incidents
    inspections: Inspections

    def log_likelihood(self, before: int) -> Reals:
        """Workplaces x levels: how likely is what is known before day `before`, reports that did not come included."""
        count = len(self.reports.tips)
        result = np.zeros((count, len(chain().level)))
        for kind, expected in ((ACCIDENT, self.reports.accidents), (TIP, self.reports.tips)):
            share = known_share(kind, self.start, self.end) if before <= self.end else 1.0
            seen = self.incidents.workplace[(self.incidents.kind == kind) & (self.incidents.known < before)]
            reports = np.bincount(seen, minlength=count)
            result += np.outer(reports, tilt(kind)) - np.outer(expected * share, np.exp(tilt(kind)))
        answered = np.flatnonzero((self.inspections.known < before) & ~self.inspections.aborted)
        result[self.inspections.workplace[answered]] += _answers(self.inspections, answered)
        return result


def _answers(inspections: Inspections, rows: Ints) -> Reals:
    """Log-likelihood of the outcomes of each inspection at each level."""
    logit = inspections.logit[rows, :, None] + inspections.loading[rows, :, None] * chain().level
    signed = np.where(inspections.found[rows, :, None], logit, -logit)
    return np.asarray((-np.logaddexp(0, -signed) * inspections.checked[rows, :, None]).sum(axis=1))


class Reader:
    """Keeps the belief after all evidence of settled quarters, and tells the belief on any first day."""

    def __init__(self, sold: Ints) -> None:
        self._sold = sold
        self._settled = np.tile(chain().stationary, (len(sold), 1))
        self._quarter = -1  # the quarter whose evidence the settled belief holds
        self._waiting: dict[int, Evidence] = {}

    def add(self, q: int, evidence: Evidence) -> None:
        """Take in quarter `q`; older quarters settle as they become complete."""
        self._waiting[q] = evidence
        if q - _SETTLED_AFTER + 1 > self._quarter:
            due = self._quarter + 1
            self._settled = self._after(self._settled, due, self._waiting.pop(due).log_likelihood(_EVER))
            self._quarter = due

    def belief(self, q: int, today: int) -> Reals:
        """Workplaces x levels on the first day of `q`, day `today`."""
        now = self._settled
        for past in range(self._quarter + 1, q):
            now = self._after(now, past, self._waiting[past].log_likelihood(today))
        return self._stepped(now, q)

    def _stepped(self, belief: Reals, q: int) -> Reals:
        """From quarter q - 1 to q: the chain's step, and a fresh start where the owner changed in q - 1."""
        if q == 0:
            return belief
        after = belief @ chain().step
        sold, fresh = self._sold == q - 1, rate("latent.reset_at_new_owner")
        after[sold] = (1 - fresh) * after[sold] + fresh * chain().stationary
        return np.asarray(after)

    def _after(self, belief: Reals, q: int, log_likelihood: Reals) -> Reals:
        posterior = self._stepped(belief, q) * np.exp(log_likelihood - log_likelihood.max(axis=1, keepdims=True))
        return np.asarray(posterior / posterior.sum(axis=1, keepdims=True))
