"""From a photograph or an uploaded image to DigitImage: find the ink, then MNIST's recipe.

What a camera adds to a drawing is removed first, in several ways (core/ink/ink_candidates.py), and a
classifier's vote decides between their results. Then a pen much thinner or thicker than MNIST's is made as wide
as MNIST's.

Called by `core.ink.files` and `core.models.number_prediction`.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from PIL import Image
from scipy import ndimage
from skimage.morphology import skeletonize

from core.ink import ink_candidates, thin_lines
from core.ink.ink_candidates import Guess
from core.ink.preprocessing import BOX, CENTRE, SIZE, STROKE_RADIUS, centre_of_mass, last_steps
from core.records import DigitImage, Prediction, Step

FINE = 8  # working pixels for each of the 28
# Pens of these widths, in pixels of the 28x28, are left as they are; others get the width of a drawing.
# MNIST's own: median 2.8, nine in ten between 1.9 and 4.8.
PEN_WIDTHS = (1.9, 4.5)
# So many looks that agree, with none against them, need no further one.
ENOUGH = 3
# A look that takes off all light, shadows too, weighs so much more than one that takes off a slope: what the
# latter has left out may be the half of the digit that lies in the shadow.
SHADOW_WEIGHT = 1.5
# Two guesses are one where they differ in at most this fraction of the ink.
_ALIKE = 0.02
_MARGIN = 2


def from_image(
    pixels: np.ndarray, predict: Callable[[DigitImage], Prediction] | None = None
) -> DigitImage | None:
    """Return what a network is given for an image of one digit, or None where no ink stands out.

    pixels: uint8 [height, width] or [height, width, 3], dark ink on light paper or the reverse.
    predict: a network that says which digit it sees, if any. Of several looks at the image that digit is
        taken which at least half of those see that find ink at all. Without it: the most usual guess.
    """
    if predict is None:
        images = (digit_image(guess) for look in ink_candidates.looks(pixels) for guess in look)
        return next((image for image in images if image is not None), None)
    return _elect(pixels, predict)


def _elect(pixels: np.ndarray, predict: Callable[[DigitImage], Prediction]) -> DigitImage | None:
    """Let each look vote for the first of its guesses that is predicted a digit."""
    memory: list[tuple[np.ndarray, DigitImage | None, Prediction | None]] = []
    votes: dict[int | None, list[float]] = {}  # by digit, None for no digit: the weights of the looks
    best: dict[int | None, tuple[float, DigitImage]] = {}  # by digit: how clear, and in what
    for look in ink_candidates.looks(pixels):
        vote, guess, image, clear = _vote(look, predict, memory)
        if guess is None or image is None:
            continue
        votes.setdefault(vote, []).append(SHADOW_WEIGHT if ink_candidates.SHADOWS in guess.left_out else 1.0)
        if vote not in best or clear > best[vote][0]:
            best[vote] = clear, image
        if len(votes) == 1 and len(votes[vote]) >= ENOUGH and vote is not None:
            break
    if not votes:
        return None
    weights = {digit: sum(each) for digit, each in votes.items()}
    digit = max(weights, key=lambda vote: (vote is not None, weights[vote], best[vote][0]))
    looks = sum(map(len, votes.values()))
    if None in best and looks > 2 and 2 * weights[digit] < sum(weights.values()):
        digit = None
    return _with_votes(best[digit][1], digit, len(votes[digit]), looks)


def _vote(
    look: Iterator[Guess], predict: Callable[[DigitImage], Prediction], memory: list
) -> tuple[int | None, Guess | None, DigitImage | None, float]:
    """Return (the digit that one look shows or None, by which guess, its image, how clear)."""
    abstained: tuple[Guess | None, DigitImage | None] = None, None
    for guess in look:
        image, prediction = _predicted(guess, predict, memory)
        if image is None or prediction is None:
            continue
        if prediction.digit is not None:
            is_digit = 1.0 if prediction.is_digit is None else prediction.is_digit
            return prediction.digit, guess, image, is_digit * float(prediction.probabilities.max())
        if abstained[0] is None:
            abstained = guess, image
    return None, *abstained, 0.0


def _predicted(guess: Guess, predict: Callable[[DigitImage], Prediction], memory: list) -> tuple:
    """Return (image, prediction) of a guess, from memory where a guess was like it."""
    for mask, image, prediction in memory:
        if is_alike(guess.mask, mask):
            return image, prediction
    image = digit_image(guess)
    memory.append((guess.mask, image, predict(image) if image else None))
    return memory[-1][1:]


def is_alike(mask: np.ndarray, other: np.ndarray) -> bool:
    """Do two guesses, bool [h, w], differ in so little of the ink that they are one?"""
    return bool((mask ^ other).sum() <= _ALIKE * other.sum())


def _with_votes(image: DigitImage, digit: int | None, count: int, looks: int) -> DigitImage:
    """Say in the step that shows the ink how many looks agreed."""
    first, ink, *others = image.steps
    note = f" {count} of {looks} ways to find the ink show a {digit}."
    if digit is None:
        note = f" Of {looks} ways to find the ink, most show no clear digit."
    return DigitImage(image.pixels, (first, replace(ink, note=ink.note + note), *others))


def digit_image(guess: Guess) -> DigitImage | None:
    """Return the ink of a guess by MNIST's recipe, or None where nothing is left of it."""
    drawn = _drawn(guess)
    if drawn is None:
        return None
    boxed, pen, new_pen = drawn
    pixels = _centred(boxed)
    grey, mask = guess.grey, guess.mask
    thickness = (
        f"The pen is {pen:.1f} pixels wide then, as in MNIST."
        if abs(pen - new_pen) < 0.05
        else f"The pen, {pen:.1f} pixels wide then, is drawn {new_pen:.1f} wide."
    )
    colour = "grey" if guess.channel == "grey" else f"its {guess.channel} light"
    clean = np.where(mask, guess.ink, 0).astype(np.float32)
    return DigitImage(
        pixels,
        (
            Step("Your picture", f"Read as {grey.shape[1]} by {grey.shape[0]} pixels of {colour}.", grey),
            Step("The ink and its box", _taken_away(guess.left_out), clean, box=_box(mask)),
            *last_steps(_block_mean(boxed), pixels, thickness),
        ),
    )


def digit_pixels(guess: Guess) -> np.ndarray | None:
    """Return what `digit_image` gives a network, float32 [28, 28], without the images of its steps."""
    drawn = _drawn(guess)
    return None if drawn is None else _centred(drawn[0])


def _drawn(guess: Guess) -> tuple[np.ndarray, float, float] | None:
    """Return what `_redraw` makes of a guess's ink, or None where nothing is left of it."""
    left, top, width, height = _box(guess.mask)
    fine = _enlarge(_near(guess.ink, guess.mask, top, left, height, width), height, width)
    mask = np.pad(fine > 0.5, 2)
    backbone = skeletonize(mask)
    if not backbone.any():
        return None
    drawn = _redraw(mask, backbone)
    return drawn if drawn[0].any() else None


def _box(mask: np.ndarray) -> tuple[int, int, int, int]:
    """Return left, top, width and height of the ink, bool [h, w]."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return columns[0], rows[0], columns[-1] + 1 - columns[0], rows[-1] + 1 - rows[0]


def _centred(boxed: np.ndarray) -> np.ndarray:
    """float32 [224, 224] -> float32 [28, 28], its centre of mass in the middle."""
    return _block_mean(_shifted(boxed, CENTRE * FINE - centre_of_mass(boxed)))


def _taken_away(left_out: tuple[str, ...]) -> str:
    """('shadows', 'lines') -> 'Paper, specks, shadows and lines are taken away.'"""
    removed = ["Paper", "specks", *left_out]
    return f"{', '.join(removed[:-1])} and {removed[-1]} are taken away."


def _near(ink: np.ndarray, mask: np.ndarray, top: int, left: int, height: int, width: int) -> np.ndarray:
    """Cut out the box with a margin of _MARGIN: the ink of the mask and right beside it, the rest paper."""
    place = np.s_[
        max(top - _MARGIN, 0) : top + height + _MARGIN, max(left - _MARGIN, 0) : left + width + _MARGIN
    ]
    near = np.where(ndimage.binary_dilation(mask[place]), ink[place], 0)
    around = [(max(_MARGIN - at, 0), _MARGIN) for at in (top, left)]
    return np.pad(near, around)[: height + 2 * _MARGIN, : width + 2 * _MARGIN]


def _enlarge(ink: np.ndarray, height: int, width: int) -> np.ndarray:
    """Scale a box of this size, cut out with a margin, smoothly, its longer side to BOX * FINE."""
    zoom = BOX * FINE / max(height, width)
    if zoom < 1:
        ink = thin_lines.thicken(ink, 1 / zoom, light_only=True)
    size = (round(ink.shape[1] * zoom), round(ink.shape[0] * zoom))
    return np.asarray(Image.fromarray(ink).resize(size, Image.Resampling.BICUBIC))


def _redraw(mask: np.ndarray, backbone: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Return float32 [224, 224] with the ink's longer side 160, and its pen width before and after.

    mask: bool [h, w], the ink; backbone: bool [h, w], its middle line. The edge of the ink is moved in or out
    until the pen has a width from PEN_WIDTHS. Where that would make thin places vanish, the middle line keeps
    them.
    """
    depth = ndimage.distance_transform_edt(mask) - 0.5  # pixels to the ink's edge
    pen = 2 * float(np.median(depth[backbone])) / FINE
    new_pen = pen if PEN_WIDTHS[0] <= pen <= PEN_WIDTHS[1] else 2 * STROKE_RADIUS
    if new_pen > pen:  # else nothing outside becomes ink, however near it is
        depth = np.where(mask, depth, 0.5 - ndimage.distance_transform_edt(~mask))
    inner = max(BOX - pen, 0.1)  # the longer side of the pen's path
    zoom = 1.0
    if new_pen != pen and pen < BOX / 2:
        zoom = (BOX - new_pen) / inner
    else:
        new_pen = pen
    radius = new_pen * FINE / 2
    field = depth * zoom + radius - pen * zoom * FINE / 2
    if new_pen < pen:
        field = np.maximum(field, radius - ndimage.distance_transform_edt(~backbone) * zoom)
    ink = np.clip(field + 0.5, 0, 1).astype(np.float32)
    side = SIZE * FINE
    offset = (side - np.array(ink.shape[::-1]) * zoom) / 2
    matrix = (1 / zoom, 0, -offset[0] / zoom, 0, 1 / zoom, -offset[1] / zoom)
    drawn = Image.fromarray(ink).transform(
        (side, side), Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR
    )
    return np.asarray(drawn), pen, new_pen


def _shifted(fine: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Move the image by whole working pixels, x and y, paper coming in at the edges."""
    moved = np.zeros_like(fine)
    # SciPy's `shift` takes six times as long.
    right, down = (int(n) for n in np.round(shift))
    into, of = zip(*(_overlap(n, size) for n, size in zip((down, right), fine.shape, strict=True)), strict=True)
    moved[into] = fine[of]
    return moved


def _overlap(by: int, size: int) -> tuple[slice, slice]:
    """Return which of `size` places are filled, and from which, where all move by some places."""
    return slice(max(by, 0), size + min(by, 0)), slice(max(-by, 0), size + min(-by, 0))


def _block_mean(fine: np.ndarray) -> np.ndarray:
    """float32 [224, 224] -> float32 [28, 28], the mean of each 8x8 block."""
    return fine.reshape(SIZE, FINE, SIZE, FINE).mean((1, 3)).astype(np.float32)
