"""Cutting ink that may be a number into atoms, and atoms into segments that may be digits.

Heuristic over-segmentation (LeCun, Bottou, Bengio, Haffner: Gradient-based learning applied to document
recognition, 1998, section V): the ink is cut wherever two digits may meet, rather once too often, and whoever
can tell a digit from something else says which neighbours belong together (core/models/number_prediction.py).
Here are only places: nothing knows what a digit looks like.

Called by `core.models.number_prediction`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import ndimage

MAX_ATOMS = 40  # ink with more is no number
MAX_IN_SEGMENT = 6  # atoms of one digit
MAX_WIDTH = 1.5  # of one digit among others, in heights of the whole ink
# A stroke or piece that is wider than this fraction of the whole ink's height may be more than one digit's.
CUT_FROM = 0.7
CUT_EVERY = 0.2  # heights between two cuts of one stroke or piece, at least
# A cut through a piece crosses at most so much ink, in heights, and leaves its column by at most so much.
MAX_SEAM, SEAM_BAND = 0.5, 0.15
_PAPER = 0.05  # what a pixel of paper costs a seam; of ink it is 1


@dataclass(frozen=True)
class Atom:
    """A piece of ink that belongs to one digit as a whole.

    low, high: float [2], the corners of its box, x to the right and y down.
    source: the stroke or connected piece that it is cut from; part: which part of it, from its beginning.
    ink: float [points, 2] of a drawing; of a picture bool [h, w], within the box alone.
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
    """Return the atoms of a picture's ink, bool [h, w]: connected pieces from left to right, the wide ones cut.

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
        seams = _seams(piece, height) if piece.shape[1] > CUT_FROM * height else []
        columns = np.arange(piece.shape[1])
        component_of = sum(
            ((columns >= seam[:, None]).astype(int) for seam in seams), np.zeros(piece.shape, int)
        )
        for part in range(len(seams) + 1):
            ink = piece & (component_of == part)
            if ink.any():
                atoms.append(_atom(ink, place, source, part))
    return atoms


def mask_of(atoms: Sequence[Atom], shape: tuple[int, int]) -> np.ndarray:
    """Some atoms of a picture -> bool [h, w], their ink in it."""
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
    """Return cuts from top to bottom, from left to right, each int [h]: the column where each row is cut."""
    width, every = piece.shape[1], max(1, round(CUT_EVERY * height))
    ink = ndimage.uniform_filter1d(piece.sum(0).astype(float), max(3, every // 3), mode="constant")
    seams: list[tuple[int, np.ndarray]] = []
    for column in np.argsort(ink[every : width - every], kind="stable") + every:
        if any(abs(column - other) < every for other, _ in seams):
            continue
        seam, crossed = _seam(piece, int(column), max(1, round(SEAM_BAND * height)))
        if crossed <= MAX_SEAM * height:
            seams.append((int(column), seam))
    return [seam for _, seam in sorted(seams, key=lambda found: found[0])]


def _seam(piece: np.ndarray, column: int, band: int) -> tuple[np.ndarray, float]:
    """Return the way down near a column that crosses least ink, int [h], and how many pixels of it."""
    first = max(column - band, 0)
    ink = piece[:, first : column + band + 1]
    costs = np.where(ink, 1.0, _PAPER)
    total, steps = costs[0], []
    for row in costs[1:]:
        ways = np.stack([np.pad(total, (1, 1), constant_values=np.inf)[d : d + len(total)] for d in (1, 0, 2)])
        ways[1:] += _PAPER  # straight down where nothing speaks against it
        steps.append(np.array([0, -1, 1])[ways.argmin(0)])
        total = ways.min(0) + row
    at = int(total.argmin())
    seam = [at]
    for step in steps[::-1]:
        at += int(step[at])
        seam.append(at)
    way = np.array(seam[::-1])
    return way + first, float(ink[np.arange(len(way)), way].sum())


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


def candidates(atoms: Sequence[Atom], order: Sequence[int]) -> dict[tuple[int, int], Segment]:
    """Return (start, stop) in the order -> the segment of these atoms, where it may be a digit."""
    low, high = np.min([a.low for a in atoms], 0), np.max([a.high for a in atoms], 0)
    height, found = extent(low, high), {}
    for start in range(len(order)):
        for stop in range(start + 1, min(start + MAX_IN_SEGMENT, len(order)) + 1):
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
