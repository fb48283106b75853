"""What the synthetic country is held in: one-dimensional arrays, one entry a unit."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["NEVER", "Flags", "Ints", "Reals"]

Reals = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

NEVER = 999
"""A quarter that does not come: nothing changes, closes or is filed."""
