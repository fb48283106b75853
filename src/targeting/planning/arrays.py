"""The array types of this package, named for what they hold."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Flags", "Places", "Reals"]

Reals = NDArray[np.float64]
Places = NDArray[np.int64]
"""Positions in the candidates, sorted by organisation number."""
Flags = NDArray[np.bool_]
