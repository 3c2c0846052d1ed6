"""What the records check when they are made, so that no NaN is ever shown as an answer."""

import numpy as np

ROUNDING = 1e-3  # by which a sum or a mean of float32 may leave its range


def check_range(values: np.ndarray, what: str) -> None:
    """Raise ValueError unless all numbers are from 0 to 1, but for ROUNDING. values: any shape, not empty."""
    # So that NaN fails, too.
    if not (values.min() >= -ROUNDING and values.max() <= 1 + ROUNDING):
        raise ValueError(f"{what} has values from {values.min()} to {values.max()}; 0 to 1 are accepted.")


def check_image(pixels: np.ndarray, shape: tuple[int | None, ...], what: str) -> None:
    """Raise ValueError unless it is float32 of that shape, None for any length, from 0 to 1."""
    fits = pixels.ndim == len(shape) and all(n in (None, m) for n, m in zip(shape, pixels.shape, strict=True))
    if pixels.dtype != np.float32 or not fits or not pixels.size:
        raise ValueError(f"{what} is {pixels.dtype} {list(pixels.shape)}; accepted is float32 {list(shape)}.")
    check_range(pixels, what)


def is_length(value: float) -> bool:
    """Is this a length: above 0 and finite?"""
    return 0 < value < float("inf")  # false for NaN, too
