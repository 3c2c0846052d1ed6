"""Cutting ink that may be a number into atoms, and atoms into segments that may be digits.

Heuristic over-segmentation (LeCun, Bottou, Bengio, Haffner: Gradient-based learning applied to document
recognition, 1998, section V): the ink is cut wherever two digits may meet, rather once too often, and whoever
can tell a digit from something else says which neighbours belong together (core/models/number_prediction.py).
Here are only places: nothing knows what a digit looks like.

Called by `core.models.browser_export` and `core.models.number_prediction`.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import ndimage

MAX_ATOMS = 40  # ink with more is no number
MAX_IN_SEGMENT = 6  # atoms of one digit
MAX_LINES, MAX_LINES_IN_SEGMENT = 60, 8  # the same of lines between junctions, which are shorter
MAX_WIDTH = 1.5  # of one digit among others, in heights of the whole ink
# A stroke or piece that is wider than this fraction of the whole ink's height may be more than one digit's.
CUT_FROM = 0.7
CUT_PIECE_FROM = 0.5
CUT_EVERY = 0.2  # heights between two cuts of one stroke or piece, at least
# A cut through a piece crosses at most so much ink, in heights, and leaves its column by at most so much.
MAX_SEAM, SEAM_BAND = 0.7, 0.15
# A decimal point or comma is so large at most, and its middle so far down, in heights of the digits.
MAX_MARK, MARK_BELOW, MARK_ABOVE = 0.3, 0.7, 1.25
MARK_ASIDE = 0.25  # of each digit's width, from its middle
MIN_MARK = 0.5  # squares of the pen's width
SLANTS = (-0.15, 0.15, 0.45)  # columns a row by which a cut leans to the right, going up
_PAPER = 0.05  # what a step aside costs a seam; a pixel of ink costs 1
_AWAY = 0.01


@dataclass(frozen=True)
class Atom:
    """A piece of ink that belongs to one digit as a whole.

    low, high: float [2], the corners of its box, x to the right and y down.
    source: the stroke or connected piece that it is cut from; part: which part of it, from its beginning.
    ink: float [points, 2] of a drawing; of an image bool [h, w], within the box alone.
    """

    low: np.ndarray
    high: np.ndarray
    source: int
    part: int
    ink: np.ndarray


@dataclass(frozen=True)
class Segment:
    """Neighbouring atoms that may be one digit.

    atoms: their places among all. low, high: float [2], the corners of the box around them.
    height: of it, as a fraction of the whole ink's; 0..1. cuts: how many strokes or pieces end in it by a cut.
    """

    atoms: frozenset[int]
    low: np.ndarray
    high: np.ndarray
    height: float
    cuts: int


def of_strokes(strokes: Sequence[np.ndarray]) -> list[Atom]:
    """Return the atoms of a drawing, in the order in which they were drawn.

    strokes: float [points, 2] each. A wide stroke is cut where what comes before and what comes after overlap
    least, seen from above.
    """
    points = np.concatenate(strokes)
    height = extent(points.min(0), points.max(0))
    atoms = []
    for source, stroke in enumerate(strokes):
        cuts = _stroke_cuts(stroke, height) if np.ptp(stroke[:, 0]) > CUT_FROM * height else []
        ends = [0, *cuts, len(stroke) - 1]
        for part, (start, end) in enumerate(pairwise(ends)):
            ink = stroke[start : end + 1]
            atoms.append(Atom(ink.min(0), ink.max(0), source, part, ink))
    return atoms


def of_mask(mask: np.ndarray) -> list[Atom]:
    """Return the atoms of an image's ink, bool [h, w]: connected pieces from left to right, the wide ones cut.

    A cut is the way from top to bottom that crosses least ink, near a column with less of it than others.
    """
    labels, _ = ndimage.label(mask, structure=np.ones((3, 3)))
    places = ndimage.find_objects(labels)
    rows = np.flatnonzero(mask.any(1))
    height = float(rows[-1] + 1 - rows[0]) if len(rows) else 0.0
    atoms = []
    for source in sorted(range(len(places)), key=lambda n: places[n][1].start):
        place = places[source]
        piece = labels[place] == source + 1
        seams = _seams(piece, height) if piece.shape[1] > CUT_PIECE_FROM * height else []
        columns = np.arange(piece.shape[1])
        component_of = sum(
            ((columns >= seam[:, None]).astype(int) for seam in seams), np.zeros(piece.shape, int)
        )
        for part in range(len(seams) + 1):
            ink = piece & (component_of == part)
            if ink.any():
                atoms.append(_atom(ink, place, source, part))
    return atoms


def of_lines(mask: np.ndarray) -> list[Atom]:
    """Return other atoms of an image's ink, bool [h, w]: the middles of its lines, as a pen would draw them.

    They are parted where they meet, as digits that touch are, and wide ones are cut.
    """
    from core.ink import vectorize  # noqa: PLC0415

    strokes, _ = vectorize.trace(mask, straight_on=False)
    return of_strokes([stroke.astype(float) for stroke in strokes]) if strokes else []


def boxes_around(
    parts: Sequence[Sequence[np.ndarray]], mask: np.ndarray
) -> list[tuple[float, float, float, float]]:
    """Return the box (left, top, width, height) of the ink, bool [h, w], that is nearest to each part's lines.

    parts: of each, its lines, float [points, 2].
    """
    from scipy.spatial import cKDTree  # noqa: PLC0415

    if not parts:
        return []
    owners = np.repeat(np.arange(len(parts)), [sum(map(len, lines)) for lines in parts])
    points = np.concatenate([line for lines in parts for line in lines])
    rows, columns = np.nonzero(mask)
    pixels = np.stack([columns, rows], 1)
    nearest = owners[cKDTree(points).query(pixels + 0.5)[1]]
    found = []
    for part in range(len(parts)):
        mine = pixels[nearest == part]
        if not len(mine):  # lines that have no ink of their own
            mine = np.floor(points[owners == part]).astype(int)
        low, high = mine.min(0), mine.max(0) + 1
        found.append((float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1])))
    return found


def without_mark(atoms: Sequence[Atom]) -> tuple[list[Atom], float | None]:
    """Return the atoms without a decimal point or comma, and its column; None where there is not just one.

    It is small, and stands at the foot of the digits, between two. The points of a date are left out, too, or
    they would be part of a digit.
    """
    parts = Counter(atom.source for atom in atoms)
    marks = [
        n
        for n in range(len(atoms))
        if parts[atoms[n].source] == 1 and _is_mark(atoms[n], [*atoms[:n], *atoms[n + 1 :]])
    ]
    rest = [atom for n, atom in enumerate(atoms) if n not in marks]
    return rest, _column([atoms[n] for n in marks])


def without_mark_in(mask: np.ndarray, ink: np.ndarray) -> tuple[np.ndarray, float | None]:
    """The same of an image: bool [h, w] without such marks, and the column of a single one.

    mask: bool [h, w], the pieces of ink that are taken for digits. ink: bool [h, w], with all that was left out
    as too small, of which a mark is as large as the pen at least.
    """
    labels, _ = ndimage.label(mask | ink, structure=np.ones((3, 3)))
    # From the edge of a line to its middle all depths are as frequent.
    pen = 4 * float(np.median(ndimage.distance_transform_edt(mask)[mask])) if mask.any() else 0.0
    digits, marks = [], []
    for source, place in enumerate(ndimage.find_objects(labels)):
        piece = labels[place] == source + 1
        if (piece & mask[place]).any():
            digits.append(_atom(piece, place, source, 0))
        elif piece.sum() >= MIN_MARK * pen**2:
            marks.append(_atom(piece, place, source, 0))
    marks = [atom for atom in marks if _is_mark(atom, digits)]
    inside = [atom for atom in digits if _is_mark(atom, [other for other in digits if other is not atom])]
    return mask & ~mask_of(inside, mask.shape), _column(marks + inside)


def _column(marks: Sequence[Atom]) -> float | None:
    """The middle of the one mark; None where there is none, or are several."""
    return float(marks[0].low[0] + marks[0].high[0]) / 2 if len(marks) == 1 else None


def _is_mark(atom: Atom, others: Sequence[Atom]) -> bool:
    if len(others) < 2:
        return False
    lows, highs = np.array([o.low for o in others]), np.array([o.high for o in others])
    low, high = lows.min(0), highs.max(0)
    height = extent(low, high)
    across, down = (atom.low + atom.high) / 2
    if max(atom.high - atom.low) > MAX_MARK * height:
        return False
    if not MARK_BELOW <= (down - low[1]) / height <= MARK_ABOVE:
        return False
    middles, widths = (lows[:, 0] + highs[:, 0]) / 2, highs[:, 0] - lows[:, 0]
    aside = bool((np.abs(across - middles) >= MARK_ASIDE * widths).all())
    return aside and bool(middles.min() < across < middles.max())


def mask_of(atoms: Sequence[Atom], shape: tuple[int, int]) -> np.ndarray:
    """Some atoms of an image -> bool [h, w], their ink in it."""
    mask = np.zeros(shape, bool)
    for atom in atoms:
        (left, top), (height, width) = atom.low.astype(int), atom.ink.shape
        mask[top : top + height, left : left + width] |= atom.ink
    return mask


def _atom(ink: np.ndarray, place: tuple[slice, slice], source: int, part: int) -> Atom:
    ((rows, columns),) = ndimage.find_objects(ink.astype(int))
    low = np.array([place[1].start + columns.start, place[0].start + rows.start], float)
    inner = ink[rows, columns]
    return Atom(low, low + inner.shape[::-1], source, part, inner)


def _seams(piece: np.ndarray, height: float) -> list[np.ndarray]:
    """Return cuts from top to bottom, from left to right, each int [h]: the column where each row is cut.

    Of all ways those that cross least ink, each the best one near it: two digits that touch are parted where
    they touch, although the columns there hold more ink than the middle of a 0.
    """
    width, every = piece.shape[1], max(2, round(CUT_EVERY * height))
    band = max(1, round(SEAM_BAND * height))
    middles = np.arange(every // 2, width - every // 2, max(1, every // 4))
    if not len(middles):
        return []
    whole = ndimage.binary_fill_holes(piece)  # a cut through a loop parts no digits
    found = [_ways(whole, middles, band, slant) for slant in SLANTS]
    crossed = np.stack([ink for _, ink in found])
    best, least = crossed.argmin(0), crossed.min(0)
    cuts: list[int] = []
    for place in np.argsort(least, kind="stable"):
        if least[place] > MAX_SEAM * height:
            break
        if all(abs(int(middles[place] - middles[other])) >= every for other in cuts):
            cuts.append(int(place))
    return [found[best[place]][0][place] for place in sorted(cuts)]


def _ways(piece: np.ndarray, middles: np.ndarray, band: int, slant: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the ways down that cross least ink, int [n, h], and how many pixels of it, float [n].

    middles: int [n], the columns at half of the height that the ways are near. Going up they lean to the right
    by `slant` columns a row, and they leave the straight line by at most `band` columns.
    """
    rows = len(piece)
    lean = np.round(slant * (rows / 2 - np.arange(rows))).astype(int)
    beyond = band + int(np.abs(lean).max()) + 1  # all around is paper
    costs = np.pad(piece, ((0, 0), (beyond, beyond))).astype(np.float32)
    columns = middles[:, None] + np.arange(-band, band + 1) + beyond
    total = costs[0][columns + lean[0]] + _AWAY * np.abs(np.arange(-band, band + 1, dtype=np.float32))
    steps = np.zeros((rows, *total.shape), np.int8)
    for row in range(1, rows):
        ahead, step = total.copy(), steps[row]
        for side, mine, other in ((-1, np.s_[:, 1:], np.s_[:, :-1]), (1, np.s_[:, :-1], np.s_[:, 1:])):
            shorter = total[other] + _PAPER < ahead[mine]
            ahead[mine][shorter] = total[other][shorter] + _PAPER
            step[mine][shorter] = side
        total = ahead + costs[row][columns + lean[row]]
    at, every = total.argmin(1), np.arange(len(middles))
    seams = np.empty((len(middles), rows), int)
    for row in range(rows - 1, -1, -1):
        seams[:, row] = middles + lean[row] + at - band
        at = at + steps[row, every, at]
    return seams, costs[np.arange(rows), seams + beyond].sum(1)


def joined(atoms: Sequence[Atom]) -> list[Atom]:
    """Return a drawing's atoms, in order, those that follow each other in one stroke put together again."""
    strokes: list[Atom] = []
    for atom in atoms:
        last = strokes[-1] if strokes else None
        if last is None or (last.source, last.part + 1) != (atom.source, atom.part):
            strokes.append(atom)
            continue
        ink = np.concatenate([last.ink, atom.ink[1:]])
        strokes[-1] = Atom(ink.min(0), ink.max(0), atom.source, atom.part, ink)
    return strokes


def extent(low: np.ndarray, high: np.ndarray) -> float:
    """Return the height of a box, but at least a tenth of its width: what is flat is no row of digits."""
    width, height = high - low
    return max(float(height), 0.1 * float(width), 1e-9)


def _stroke_cuts(stroke: np.ndarray, height: float) -> list[int]:
    """Return indices of points at which a stroke may pass from one digit into the next."""
    x = stroke[:, 0]
    before, after = np.maximum.accumulate(x), np.minimum.accumulate(x[::-1])[::-1]
    overlap = (before - after) / height
    found: list[int] = []
    for index in np.argsort(overlap[1:-1], kind="stable") + 1:
        if overlap[index] > CUT_EVERY:
            break
        inside = min(x[index] - x.min(), x.max() - x[index]) > CUT_EVERY * height
        if inside and all(abs(x[index] - x[other]) > CUT_EVERY * height for other in found):
            found.append(int(index))
    return sorted(found)


def orders(atoms: Sequence[Atom]) -> list[list[int]]:
    """Return the orders in which the atoms of a digit may be neighbours: by time or label, and by place."""
    by_time = list(range(len(atoms)))
    by_position = sorted(by_time, key=lambda n: float(atoms[n].low[0] + atoms[n].high[0]))
    return [by_time, by_position] if by_position != by_time else [by_time]


def candidates(
    atoms: Sequence[Atom], order: Sequence[int], most: int = MAX_IN_SEGMENT
) -> dict[tuple[int, int], Segment]:
    """Return (start, stop) in the order -> the segment of these atoms, where it may be a digit.

    most: atoms of one digit.
    """
    low, high = np.min([a.low for a in atoms], 0), np.max([a.high for a in atoms], 0)
    height, found = extent(low, high), {}
    for start in range(len(order)):
        for stop in range(start + 1, min(start + most, len(order)) + 1):
            segment = _segment(atoms, order[start:stop], height)
            if segment.high[0] - segment.low[0] > MAX_WIDTH * height:
                continue
            found[start, stop] = segment
    found.setdefault((0, len(order)), _segment(atoms, order, height))
    return found


def _segment(atoms: Sequence[Atom], chosen: Sequence[int], height: float) -> Segment:
    low = np.min([atoms[n].low for n in chosen], 0)
    high = np.max([atoms[n].high for n in chosen], 0)
    mine = {(atoms[n].source, atoms[n].part) for n in chosen}
    every = {(a.source, a.part) for a in atoms}
    cuts = sum(
        (source, part + step) in every and (source, part + step) not in mine
        for source, part in mine
        for step in (-1, 1)
    )
    return Segment(frozenset(chosen), low, high, min(float(high[1] - low[1]) / height, 1.0), cuts)
