"""Pooling, worked through window by window, what it buys, and what takes its place."""

from ui.sections import pooling_shift, pooling_steps, strided_convolution
from ui.state import links
from ui.widgets import heading


@links.fragment
def pooling_page() -> None:
    if (pooled := pooling_steps.pooling_steps()) is not None:
        pooling_shift.pooling_shift(pooled.shifting, pooled.window, pooled.stride)
        strided_convolution.strided_convolution(pooled.size, pooled.window, pooled.stride)


heading.heading(
    "Make a picture smaller: pooling", "Pooling keeps the largest number of each window, or the mean."
)
pooling_page()
