"""Line and bar charts as inline SVG: nothing has to be loaded to see them."""

import html
from collections.abc import Sequence
from typing import NamedTuple

COLOURS = ("#4b4fe2", "#c2410c", "#0b7a6c", "#a3125f", "#3565d6", "#5c6b16")
WIDTH, HEIGHT = 560, 260
LEFT, RIGHT, TOP, BOTTOM = 56, 12, 12, 40
_TICKS = (1, 2, 2.5, 5)


class Line(NamedTuple):
    """name: in the legend. points: (x, y), in order of x. dashed: to tell two of one colour apart."""

    name: str
    points: Sequence[tuple[float, float]]
    colour: str
    dashed: bool = False


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Return round numbers from low to high, at most so many.

    >>> ticks(0, 10), ticks(0.91, 0.993)
    ([0.0, 2.0, 4.0, 6.0, 8.0, 10.0], [0.92, 0.94, 0.96, 0.98])
    """
    width = (high - low) or 1.0
    power = 10.0**-12
    while True:
        for unit in _TICKS:
            step = unit * power
            if width / step <= most:
                first = -int(-low // step) if low % step else int(low // step)
                found = [round(n * step, 12) for n in range(first, int(high / step + 1e-9) + 1)]
                if len(found) <= most:
                    return found
        power *= 10


def line_chart(lines: Sequence[Line], x_name: str, y_name: str, *, percent: bool = False) -> str:
    """Return an <svg> of these lines, with axes, or '' where there is no point. All numbers are finite."""
    xs = [x for line in lines for x, _ in line.points]
    ys = [y for line in lines for _, y in line.points]
    if not xs:
        return ""
    low_x, high_x, low_y, high_y = min(0.0, *xs), max(xs), min(ys), max(ys)
    if high_y == low_y:
        low_y, high_y = low_y - 0.5, high_y + 0.5
    place = _scale(low_x, high_x or 1.0, low_y, high_y)
    parts = [_axes(place, ticks(low_x, high_x or 1.0), ticks(low_y, high_y), percent)]
    for line in lines:
        path = " ".join("{:.1f},{:.1f}".format(*place(x, y)) for x, y in line.points)
        dash = ' stroke-dasharray="5 4"' if line.dashed else ""
        parts.append(f'<polyline points="{path}" fill="none" stroke="{line.colour}" stroke-width="2"{dash}/>')
    return _svg(parts, x_name, y_name)


def reliability_chart(bins: Sequence[tuple[float, float, int]], colour: str) -> str:
    """Return an <svg> of a reliability diagram. bins: (mean confidence, accuracy, how many images)."""
    place = _scale(0, 1, 0, 1)
    parts = [_axes(place, ticks(0, 1), ticks(0, 1), True)]
    (x0, y0), (x1, y1) = place(0, 0), place(1, 1)
    parts.append(f'<line x1="{x0}" y1="{y0}" x2="{x1}" y2="{y1}" class="ideal"/>')
    most = max((count for *_, count in bins), default=1)
    for confidence, accuracy, count in bins:
        x, y = place(confidence, accuracy)
        radius = 3 + 9 * (count / most) ** 0.5
        said = f"{count:,} images, {confidence:.1%} sure on average, {accuracy:.1%} right"
        parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{colour}" fill-opacity=".75">'
            f"<title>{said}</title></circle>"
        )
    return _svg(parts, "confidence", "accuracy")


def _scale(low_x: float, high_x: float, low_y: float, high_y: float):
    def place(x: float, y: float) -> tuple[float, float]:
        across = (x - low_x) / (high_x - low_x) * (WIDTH - LEFT - RIGHT)
        up = (y - low_y) / (high_y - low_y) * (HEIGHT - TOP - BOTTOM)
        return round(LEFT + across, 2), round(HEIGHT - BOTTOM - up, 2)

    return place


def _axes(place, xs: Sequence[float], ys: Sequence[float], percent: bool) -> str:
    parts = []
    for y in ys:
        at, said = place(0, y)[1], f"{100 * y:g}%" if percent else f"{y:g}"
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at}" y2="{at}" class="grid"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{at + 4}" text-anchor="end">{said}</text>')
    for x in xs:
        parts.append(
            f'<text x="{place(x, ys[0])[0]}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{x:g}</text>'
        )
    return "".join(parts)


def _svg(parts: Sequence[str], x_name: str, y_name: str) -> str:
    names = (
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 4}" text-anchor="middle">'
        f"{html.escape(x_name)}</text>"
        f'<text transform="translate(12 {HEIGHT / 2 - 10}) rotate(-90)" text-anchor="middle">'
        f"{html.escape(y_name)}</text>"
    )
    label = html.escape(f"{y_name} against {x_name}")
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">{"".join(parts)}{names}</svg>'
