"""How long a training still takes, said only once that is known.

Called by `ui.sections.run_panel`.
"""

from collections.abc import Sequence

from core.records import Metric

POINTS = 4  # the last points that have to agree
AGREE = 1.15  # the largest of their estimates over the smallest
SECONDS = 2.0  # of training before which nothing is known


def seconds_left(points: Sequence[Metric], epochs: int) -> float | None:
    """Return how many seconds are left of a training, or None while the last points do not agree on it.

    Each tells how long the whole would take at its pace since the start.
    """
    last = [point for point in points if point.epoch > 0][-POINTS:]
    if len(last) < POINTS or last[-1].seconds < SECONDS:
        return None
    estimates = [point.seconds * epochs / point.epoch for point in last]
    if max(estimates) > AGREE * min(estimates):
        return None
    return max(0.0, estimates[-1] - last[-1].seconds)
