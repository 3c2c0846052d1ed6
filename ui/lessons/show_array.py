"""An array in a few words."""

import numpy as np

from core.words import dimensions, true_minus


def described(array: np.ndarray) -> str:
    """Return such as 'float64, 300 x 28 x 28, from 0 to 1'."""
    shape = dimensions(array.shape) or "a single number"
    if not array.size or array.dtype == object:
        return f"{array.dtype}, {shape}"
    low, high = float(array.min()), float(array.max())
    return true_minus(f"{array.dtype}, {shape}, from {low:.4g} to {high:.4g}")
