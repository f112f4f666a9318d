"""Arrays that compiled loops take besides those of float64, which need no name."""

from typing import NewType

import numpy as np

Wholes = NewType("Wholes", np.ndarray)
"""int32 of 24 bits."""
Marks = NewType("Marks", np.ndarray)
"""bool."""
