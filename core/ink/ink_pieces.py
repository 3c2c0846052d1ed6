"""Of the connected pieces of ink in a photograph, those that belong to its digit.

Specks, the table, a finger, a shadow and its corners are none of them.

Called by `core.ink.ink_candidates`.
"""

import numpy as np
from scipy import ndimage

# A separate piece is a speck if it has less than this fraction of the largest one's ink, or of its length.
SPECK, DOT = 0.03, 0.15
MIN_LENGTH = 0.06  # of the image's longer side: what is shorter, inside, is no digit beside one at the edge
RIM_SPECK = 0.3  # of the largest piece inside: what is shorter, at the image's edge, is a shadow's corner
# A digit holds a line that is longer than this fraction of it.
SCATTERED = 0.1
# The widest pen that is told from a shadow or a table by its width, as a fraction of the image's longer side.
WIDEST_PEN = 1 / 8


def of_the_digit(mask: np.ndarray) -> np.ndarray | None:
    """Drop specks, and at the image's edge what no pen has drawn; None for no ink, or dots alone.

    mask: bool [h, w], all that was taken for ink; so is what is returned.
    """
    labels, count = ndimage.label(mask, structure=np.ones((3, 3)))
    if not count:
        return None
    areas = np.bincount(labels.ravel(), minlength=count + 1)
    areas[0] = 0
    inside = areas.copy()
    inside[np.unique(rim(labels))] = 0
    lengths = np.array([0, *(max(s.stop - s.start for s in box) for box in ndimage.find_objects(labels))])
    main = int(inside.argmax())
    if inside[main] and lengths[main] >= MIN_LENGTH * max(mask.shape):
        areas[labels[[0, 0, -1, -1], [0, -1, 0, -1]]] = 0  # an image that was turned has dark corners
        areas[(inside == 0) & (lengths < RIM_SPECK * lengths[main])] = 0
    if inside[main] >= 0.001 * mask.size:
        areas[_not_of_a_pen(labels, main)] = 0
    large = lengths >= DOT * lengths[areas.argmax()]
    kept = np.isin(labels, np.flatnonzero(large & (areas >= max(SPECK * areas.max(), 1))))
    return None if _is_scattered(kept) else kept


def rim(labels: np.ndarray) -> np.ndarray:
    """[h, w] -> [2 h + 2 w], what stands along an image's edge."""
    return np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])


def _not_of_a_pen(labels: np.ndarray, main: int) -> list[int]:
    """Return the pieces at the edge that are far wider than the piece `main` inside, or a border.

    The table, a finger and a shadow are wider than a pen. A digit at the edge is as wide as what else was
    written; a speck, which is smaller than it, has no say.
    """
    boxes = ndimage.find_objects(labels)
    depth = ndimage.distance_transform_edt(np.pad(labels > 0, 1))[1:-1, 1:-1]

    def size(piece: int) -> int:
        return max(s.stop - s.start for s in boxes[piece - 1])

    def width(piece: int) -> float:
        return 2 * float(depth[labels == piece].max())

    dropped = []
    for piece in np.unique(rim(labels)):
        if not piece:
            continue
        wide = width(piece) > 1.6 * width(main) + 1
        # A table may be any number of times as large as the digit, but then it is wider than any pen.
        beside = size(main) >= 0.35 * size(piece) or width(piece) > WIDEST_PEN * max(labels.shape)
        if (wide and beside) or _is_border(labels == piece):
            dropped.append(int(piece))
    return dropped


def _is_border(piece: np.ndarray) -> bool:
    """Does it run along a whole side of the image, or straight from one side to another?"""
    sides = [side.mean() for side in (piece[0], piece[-1], piece[:, 0], piece[:, -1])]
    if max(sides) > 0.95:
        return True
    short, long = np.linalg.eigvalsh(np.cov(np.nonzero(piece), bias=True))  # variances
    return sum(side > 0 for side in sides) > 1 and bool(short < 0.03**2 * long)


def _is_scattered(mask: np.ndarray) -> bool:
    """Is every piece of the ink far smaller than all of it: specks, or a dotted line?"""
    labels, _ = ndimage.label(mask, structure=np.ones((3, 3)))
    longest = max(max(s.stop - s.start for s in piece) for piece in ndimage.find_objects(labels))
    whole = max(np.ptp(places) + 1 for places in np.nonzero(mask))
    return longest < SCATTERED * whole
