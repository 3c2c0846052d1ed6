"""Small curves for the wall of a class."""

import html
from collections.abc import Sequence

from core.io.data_urls import SVG, data_url

WIDTH, HEIGHT, EDGE = 240, 60, 5  # of a curve's image, in its own unit
COLOUR = "#5b60f0"  # on light and on dark paper
LOW = 0.9  # what the lower edge stands for, unless a point lies below


def curve(points: Sequence[tuple[float, float]], until: float, words: str) -> str:
    """Return a line as HTML, as wide as its place; nothing without points.

    points: (epoch, fraction 0..1). until: the epoch at the right edge. words: what it is. The upper edge is 1,
    the lower one LOW, or the lowest of the points.
    """
    if not points:
        return ""
    low = min(LOW, *(value for _, value in points))
    across, high = WIDTH - 2 * EDGE, HEIGHT - 2 * EDGE
    places = [
        (EDGE + across * min(1.0, epoch / (until or 1)), HEIGHT - EDGE - high * (value - low) / (1 - low))
        for epoch, value in points
    ]
    line, (x, y) = " ".join(f"{x:.1f},{y:.1f}" for x, y in places), places[-1]
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'<polyline points="{line}" fill="none" stroke="{COLOUR}" stroke-width="2.5" stroke-linejoin="round"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{COLOUR}"/></svg>'
    )
    return f'<img class="dl-curve" alt="{html.escape(words)}" src="{data_url(svg.encode(), SVG)}">'
