"""What every fitted candidate can do: give log-odds, and take them apart exactly."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import pandas as pd

from targeting.modelling.columns import Frame, Reals

__all__ = ["Attribution", "Model"]


class Attribution(NamedTuple):
    """Log-odds taken apart: `base` + the row's sum over `contributions` (rows x features) = its raw log-odds."""

    base: float
    contributions: Reals


class Model(Protocol):
    """A fitted candidate. `features` are the columns it reads, in the order of its contributions."""

    @property
    def features(self) -> tuple[str, ...]:
        """The feature columns the model reads."""

    def log_odds(self, frame: Frame, *, threads: int = 1) -> Reals:
        """Raw log-odds with assignment at its reference: what is ranked by."""

    def assignment(self, frame: pd.DataFrame) -> Reals:
        """What each row's actual assignment adds to `log_odds`: used to calibrate, never to rank."""

    def attribute(self, frame: Frame, *, threads: int = 1) -> Attribution:
        """The exact parts of `log_odds`, relative to the average training row."""
