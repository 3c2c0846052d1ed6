"""Segmentation of ink from paper in a photograph: several candidates, since its lighting is not known.

A camera adds to a drawing the light and its shadows, the table, the paper's lines, a form's box. Each guess
takes another way to leave them out; which of them shows a digit is for others to say.

Called by `core.ink.photograph` and `core.models.number_prediction`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import reduce

import numpy as np
from PIL import Image
from scipy import ndimage
from skimage.filters import threshold_otsu
from skimage.transform import hough_line, hough_line_peaks

from core.ink import ink_pieces, thin_lines

WORKING_SIDE = 400  # longer side to which a larger image is reduced
# Ink must differ from paper by this fraction of the full range, and by this many times the noise.
MIN_CONTRAST, MIN_NOISE_RATIO = 0.08, 4.0
# Two inks on one paper: the threshold between them is at least so many times that between ink and paper.
TWO_INKS = 1.25
# A printed box fills so much of the smallest rectangle around it (an ellipse: 0.79), and the ink in it is so
# large beside its shorter side.
RECTANGULAR, IN_BOX = 0.9, 0.35
MAX_TILT = 9.0  # degrees by which the paper's lines may be turned
LINE_LENGTH = 0.5  # of the image's side: what is straight for longer is a line of the paper
MAX_LINE = 8  # pixels; what is wider is no line
_REACH = 12  # pixels to both sides of a line that are looked at
_MAX_LINES = 60
OTHER_HUE = 0.03  # the table's share of red, green or blue differs by so much from the sheet's
MIN_TABLE, MAX_TABLE = 0.005, 0.8  # of the image; a larger one only around a note
NOTE = 0.8  # of the smallest rectangle around it is filled by a note, of which the image may cut off a corner
# Of a sheet at most is written; of the ellipse that chalk's 0 fills when its hole is taken for ink it is more.
WRITTEN = 0.3
# What is brighter than around it has so much of the say of what is darker, or the reverse: either may be ink.
AMBIGUOUS = 0.6
_SMALL = 200  # pixels of the longer side in which the table is looked for
_DARK = 0.05  # added before dividing by the light: a black place has little to tell

TABLE, SLOPE, SHADOWS = "the table", "a slope of light", "shadows"
PALER, BOX, LINES = "paler marks", "the box around it", "straight lines"


@dataclass(frozen=True)
class Guess:
    """One guess at what is ink.

    grey: float32 [h, w], 0..1, the channel in which it was found, ink being the larger number.
    ink: float32 [h, w], 0 = paper, 1 = ink, the edge of the ink at 0.5.
    mask: bool [h, w], the pieces of ink that belong to the digit.
    channel: 'grey', 'red', 'green' or 'blue'.
    left_out: what was taken away beside paper and specks, of TABLE, SLOPE, SHADOWS, PALER, BOX and LINES.
    """

    grey: np.ndarray
    ink: np.ndarray
    mask: np.ndarray
    channel: str
    left_out: tuple[str, ...]


def looks(pixels: np.ndarray) -> Iterator[Iterator[Guess]]:
    """Yield several looks at one image, each a few guesses, the more usual first; an empty one saw no ink.

    pixels: uint8 [height, width] or [height, width, 3], dark ink on light paper or the reverse. A look takes
    one channel of colour, and either a slope of light off it or whatever is wider than a pen.
    """
    image = thin_lines.shrink(Image.fromarray(pixels), WORKING_SIDE)
    table = _table(image)
    if table is None:
        for name, grey in _channels(image):
            for lift, what in LIFTS:
                yield _guesses(name, lift(grey), (what,))
        return
    seen = dict(_channels(image))
    for name, grey in _channels(_papered(image, table)):
        photo = seen.get(name, grey)
        for lift, what in LIFTS:
            yield _guesses(name, _beside(table, photo, grey, lift(grey)), (TABLE, what))


def _beside(
    table: np.ndarray, photo: np.ndarray, grey: np.ndarray, lifted: Iterable[tuple[np.ndarray, np.ndarray]]
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield what is lifted off the sheet, without the table, and shown in the photograph itself."""
    for rest, shown in lifted:
        yield np.where(table, 0, rest), photo if shown is grey else 1 - photo


def _guesses(
    channel: str, lifted: Iterable[tuple[np.ndarray, np.ndarray]], left_out: tuple[str, ...]
) -> Iterator[Guess]:
    for rest, grey in lifted:
        for ink, paler in _levels(rest):
            for mask, printed in _without_print(ink > 0.5):
                kept = ink_pieces.of_the_digit(mask)
                if kept is not None:
                    yield Guess(grey, ink, kept, channel, (*left_out, *paler, *printed))


def _table(image: Image.Image) -> np.ndarray | None:
    """Return bool [h, w], where a dark table is seen beside the sheet, with a margin; None where none is.

    A shadow on the sheet is dark, too, but has the sheet's colour.
    """
    small = image.convert("RGB")
    small.thumbnail((_SMALL, _SMALL), Image.Resampling.BOX)
    side = 2 * round(max(small.size) * ink_pieces.WIDEST_PEN / 2) + 1
    colours = np.asarray(small, np.float32) / 255
    bare = ndimage.grey_closing(colours, (side, side, 1), mode="nearest")  # without ink
    bound = threshold_otsu(bare.mean(2))
    dark = bare.mean(2) < bound
    if dark.all() or not dark.any():
        return None
    sheet = np.median(_hue(bare)[~dark], axis=0)
    off = _at_the_rim(dark, lambda piece: np.abs(np.median(_hue(bare)[piece], 0) - sheet).max() > OTHER_HUE)
    written = (colours.mean(2) < bound) & ~dark
    if off.mean() < MIN_TABLE or written[~off].mean() > WRITTEN:
        return None
    # Corners of it that are as narrow as a pen.
    table = np.median(_hue(colours)[off], axis=0)
    nearer = np.abs(_hue(colours) - table).sum(2) < np.abs(_hue(colours) - sheet).sum(2)
    off |= _at_the_rim(nearer & (colours.mean(2) < bound), lambda piece: True)
    if off.mean() > MAX_TABLE and not _is_note(~off, side):
        return None
    off = ndimage.binary_dilation(off, iterations=3)
    return np.asarray(Image.fromarray(off).resize(image.size, Image.Resampling.NEAREST))


def _is_note(bare: np.ndarray, widest_pen: int) -> bool:
    """Is the largest piece that a table leaves, bool [h, w], wider than any pen and nearly a rectangle?"""
    if not bare.any():
        return False
    labels, _ = ndimage.label(bare)
    note = ndimage.binary_fill_holes(labels == np.bincount(labels[bare], minlength=2)[1:].argmax() + 1)
    depth = ndimage.distance_transform_edt(np.pad(note, 1)).max()
    return bool(2 * depth > widest_pen and _rectangularity(note) > NOTE)


def _papered(image: Image.Image, table: np.ndarray) -> Image.Image:
    """Return the image with the sheet's nearest colour where the table was, which has no say in light then."""
    nearest = ndimage.distance_transform_edt(table, return_distances=False, return_indices=True)
    return Image.fromarray(np.asarray(image)[tuple(nearest)])


def _hue(colours: np.ndarray) -> np.ndarray:
    """float32 [h, w, 3] -> the same, the shares of red, green and blue in each place's light."""
    return (colours + _DARK) / (colours + _DARK).sum(2, keepdims=True)


def _at_the_rim(mask: np.ndarray, wanted: Callable[[np.ndarray], object]) -> np.ndarray:
    """Return the pieces of a mask, bool [h, w], that touch the image's edge and are wanted."""
    labels, _ = ndimage.label(mask)
    pieces = [labels == piece for piece in np.unique(ink_pieces.rim(labels)) if piece]
    return np.logical_or.reduce([np.zeros_like(mask), *(piece for piece in pieces if wanted(piece))])


def _channels(image: Image.Image) -> list[tuple[str, np.ndarray]]:
    """Return names and float32 [h, w] of 0..1.

    The one with the most contrast comes first: yellow ink is blue's absence. Three that are equal come once.
    """
    channels = [np.asarray(channel, np.float32) / 255 for channel in image.split()]
    if all(np.array_equal(channel, channels[0]) for channel in channels):
        return [("grey", channels[0])]
    named = zip(("red", "green", "blue"), channels, strict=True)
    return sorted(named, key=lambda pair: -float(np.std(pair[1])))


def _without_slope(grey: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield (by how much each place differs from the paper, grey), in both of which ink is the larger number.

    The paper is a surface of second degree in x and y, fitted to the pixels that are not ink.
    """
    rest = grey - _paper(grey)
    low, high = np.percentile(rest, [0.5, 99.5])
    if max(high, -low) < MIN_CONTRAST:  # ink in one pixel of two hundred at most: a thin line
        low, high = float(rest.min()), float(rest.max())
    yield (rest, grey) if high > -low else (-rest, 1 - grey)


def _without_shadows(grey: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The same, but the paper is what is left of the image without all that is narrower than WIDEST_PEN.

    The difference is a ratio, 0..1, for a shadow takes the same fraction of the light from ink and from paper.
    Where a hard shadow leaves a bright wedge, what is bright may look as rare as the ink: then both come.
    """
    side = 2 * round(max(grey.shape) * ink_pieces.WIDEST_PEN / 2) + 1
    smooth = ndimage.gaussian_filter(grey, 0.6 * max(grey.shape) / WORKING_SIDE)
    local = smooth - ndimage.uniform_filter(smooth, side)
    # Ink is the rarer, and so differs the more.
    brighter, darker = (float((np.maximum(sign * local, 0) ** 3).sum()) for sign in (1, -1))
    dark = brighter < darker
    yield _off_paper(smooth, side, dark=dark), 1 - grey if dark else grey
    if min(brighter, darker) > AMBIGUOUS * max(brighter, darker):
        yield _off_paper(smooth, side, dark=not dark), grey if dark else 1 - grey


def _off_paper(smooth: np.ndarray, side: int, *, dark: bool) -> np.ndarray:
    """Return float32 [h, w], by what ratio places differ from a paper without what is narrower than `side`."""
    # Beyond the image goes on what is at its edge: a strip of table must not look as narrow as a pen.
    if dark:
        paper = ndimage.grey_closing(smooth, (side, side), mode="nearest")
        rest = 1 - (smooth + _DARK) / (paper + _DARK)
    else:
        paper = ndimage.grey_opening(smooth, (side, side), mode="nearest")
        rest = 1 - (paper + _DARK) / (smooth + _DARK)
    return rest - float(np.median(rest))


LIFTS = ((_without_slope, SLOPE), (_without_shadows, SHADOWS))


def _levels(rest: np.ndarray) -> Iterator[tuple[np.ndarray, tuple[str, ...]]]:
    """Yield float32 [h, w], 0..1, the ink's edge at 0.5: all that stands out, then the stronger of two inks."""
    if min(rest.shape) < 3 or rest.max() < MIN_CONTRAST:
        return
    threshold = float(threshold_otsu(np.clip(rest, 0, None)))
    noise = 1.4826 * float(np.median(np.abs(rest - np.median(rest))))
    strong = rest[rest > threshold]
    if not strong.size or float(np.median(strong)) < max(MIN_CONTRAST, MIN_NOISE_RATIO * noise):
        return
    yield np.clip(0.5 * rest / threshold, 0, 1).astype(np.float32), ()
    if np.ptp(strong) < MIN_CONTRAST:  # one ink; of what hardly differs, histograms cannot be made
        return
    upper = float(threshold_otsu(strong))
    if upper > TWO_INKS * threshold:
        yield np.clip(0.5 * rest / upper, 0, 1).astype(np.float32), (PALER,)


def _without_print(mask: np.ndarray) -> Iterator[tuple[np.ndarray, tuple[str, ...]]]:
    """Yield the ink in the printed box; where there is none, ink with and without long straight lines."""
    if (boxed := _in_box(mask)) is not None:
        yield boxed, (BOX,)
        return
    across = _without_lines(_without_lines(mask, across=True).T, across=True).T
    if not np.array_equal(across, mask):  # no digit has these
        yield across, (LINES,)
    yield mask, ()
    rest = _without_lines(_without_lines(mask).T).T
    if not np.array_equal(rest, across):
        yield rest, (LINES,)


def _in_box(mask: np.ndarray) -> np.ndarray | None:
    """Return the ink that stands free in the image's one box, bool [h, w]; None without such a box."""
    holes, _ = ndimage.label(~mask)
    outside = set(np.unique(ink_pieces.rim(holes)))
    found = []
    for number, place in enumerate(ndimage.find_objects(holes), 1):
        height, width = (s.stop - s.start for s in place)
        if number in outside or height * width < 0.01 * mask.size:
            continue
        field = ndimage.binary_fill_holes(holes[place] == number)
        inside = mask[place] & field
        if not inside.any():
            continue
        extent = max(np.ptp(places) + 1 for places in np.nonzero(inside))
        if extent >= IN_BOX * min(height, width) and _rectangularity(field) >= RECTANGULAR:
            found.append((place, inside))
    if len(found) != 1:  # several filled boxes are no image of one digit
        return None
    ((place, inside),) = found
    boxed = np.zeros_like(mask)
    boxed[place] = inside
    return boxed


def _rectangularity(field: np.ndarray) -> float:
    """Return how much of the smallest rectangle around it, turned by up to 20 degrees, a field fills: 0..1."""
    edge = np.argwhere(field & ~ndimage.binary_erosion(field)).astype(np.float32)
    angles = np.radians(np.arange(-20, 21, dtype=np.float32))
    cos, sin = np.cos(angles), np.sin(angles)
    x, y = edge @ np.stack([cos, sin]), edge @ np.stack([-sin, cos])
    return float(field.sum() / ((np.ptp(x, 0) + 1) * (np.ptp(y, 0) + 1)).min())


def _without_lines(mask: np.ndarray, *, across: bool = False) -> np.ndarray:
    """Erase straight lines, lying or nearly so, through half of the image's width, or `across` all of it."""
    mask = np.ascontiguousarray(mask)
    width = mask.shape[1]
    lying = np.radians(90 + np.arange(-MAX_TILT, MAX_TILT + 0.1, 0.5))
    broad = ndimage.grey_opening(mask.astype(np.uint8), (MAX_LINE + 2, MAX_LINE + 2)) > 0
    votes, angles, distances = hough_line(mask & ~broad, theta=lying)
    if votes.max() < LINE_LENGTH * width:
        return mask
    peaks = hough_line_peaks(
        votes, angles, distances, 4, 1, threshold=LINE_LENGTH * width, num_peaks=_MAX_LINES
    )
    rest, x = mask.copy(), np.arange(width)
    for angle, distance in zip(*peaks[1:], strict=True):
        y = np.round((distance - x * np.cos(angle)) / np.sin(angle)).astype(int)
        line = _line_at(mask, y)
        if not across or (line[:, : width // 20 + 1].any() and line[:, -(width // 20) - 1 :].any()):
            rest &= ~line
    return rest


def _line_at(mask: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return bool [h, w], the ink along y, int [w], but not where a pen crosses and it is higher."""
    height, steps = len(mask), np.arange(2 * _REACH + 1)
    rows, x = y[:, None] + steps - _REACH, np.arange(len(y))
    column = mask[np.clip(rows, 0, height - 1), x[:, None]] & (rows >= 0) & (rows < height)
    at = np.stack([column[:, _REACH + d] for d in (0, -1, 1)], 1)
    near = at.any(1)
    line = np.zeros_like(mask)
    if near.any():
        start = (_REACH + np.array([0, -1, 1])[at.argmax(1)])[:, None]
        before = np.where(~column & (steps < start), steps, -1).max(1)
        after = np.where(~column & (steps > start), steps, len(steps)).min(1)
        high = after - before - 1
        usual = float(np.median(high[near]))
        thin = near & (high <= usual + 1.5) & (usual <= MAX_LINE)
        run = column & (steps > before[:, None]) & (steps < after[:, None]) & thin[:, None]
        n, step = np.nonzero(run)
        line[rows[n, step], x[n]] = True
    return line


def _paper(grey: np.ndarray) -> np.ndarray:
    """Return float32 [h, w], the light that the image would have without ink."""
    height, width = grey.shape
    y, x = np.linspace(-1, 1, height, dtype=np.float32)[:, None], np.linspace(-1, 1, width, dtype=np.float32)
    step = max(height, width) // 64 + 1  # a smooth surface needs few pixels
    some, some_y, some_x = grey[::step, ::step], y[::step], x[::step]
    terms = np.stack([np.broadcast_to(t, some.shape).ravel() for t in _terms(some_y, some_x)], 1)
    values = some.ravel()
    paper = np.full(values.shape, np.median(values))
    for count in (1, 3, 6, 6, 6):  # a level first, then a slope, then a curve: outliers leave on the way
        rest = np.abs(values - paper)
        kept = rest <= max(2.5 * float(np.median(rest)), 0.02)
        fit, *_ = np.linalg.lstsq(terms[kept, :count], values[kept], rcond=None)
        paper = terms[:, :count] @ fit
    return reduce(np.add, (float(f) * term for f, term in zip(fit, _terms(y, x), strict=True)))


def _terms(y: np.ndarray, x: np.ndarray) -> list[np.ndarray]:
    """Return 1, x, y, xy, x^2, y^2, each of a shape that broadcasts to [h, w]."""
    return [np.ones_like(x), x, y, x * y, x * x, y * y]
