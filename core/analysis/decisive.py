"""The one piece of an image that decides most: what the network says with it, and what without.

Called by `ui.sections.attribution_panel`.
"""

from dataclasses import dataclass

import numpy as np

from core.analysis.attribution import GREY, PATCH, STEP, occlusion
from core.models.classifiers import Classifier
from core.records import ColourImage, DigitImage, Prediction


@dataclass(frozen=True)
class Piece:
    """A square that was covered, and what that changed.

    y, x: its middle in the image; patch: its side, cut off at the edges. target: the class asked about.
    rising: is it the piece that keeps the image from that class?
    image: the image with the piece covered. before, then: what the network says of the two.
    map: float32 [height, width], by how much the answer falls where the square's middle is; negative: it rises.
    """

    y: int
    x: int
    patch: int
    target: int
    rising: bool
    image: DigitImage | ColourImage
    before: Prediction
    then: Prediction
    map: np.ndarray

    @property
    def probabilities(self) -> tuple[float, float]:
        """Of the class, with the piece and without."""
        return probability(self.before, self.target), probability(self.then, self.target)


def decisive(
    classifier: Classifier,
    image: DigitImage | ColourImage,
    target: int,
    *,
    rising: bool = False,
    patch: int = PATCH,
) -> Piece:
    """Return the piece without which the class's probability is the lowest, or with `rising` the highest.

    target: 0..9 or NOT_A_DIGIT. patch: one of attribution.PATCHES. The pieces are those of
    `attribution.occlusion`, which covers ink with paper, and an image in colour with grey.
    """
    pixels = image.pixels
    found = occlusion(classifier, pixels, target, patch=patch).map
    y, x = (int(n) for n in np.unravel_index(int((-found if rising else found).argmax()), found.shape))
    colour = isinstance(image, ColourImage)
    if colour:  # there each number of the map is of STEP x STEP pixels
        y, x = (n - n % STEP + STEP // 2 for n in (y, x))
    half, covered = patch // 2, pixels.copy()
    covered[max(y - half, 0) : y + half + 1, max(x - half, 0) : x + half + 1] = GREY if colour else 0
    without = ColourImage(covered) if colour else DigitImage(covered)
    before, then = classifier.predict(image), classifier.predict(without)
    return Piece(y, x, patch, target, rising, without, before, then, found)


def probability(prediction: Prediction, target: int) -> float:
    """Return a class's probability as the Draw page says it; NOT_A_DIGIT only of a network that has it."""
    if target < len(prediction.probabilities):
        return float(prediction.probabilities[target])
    assert prediction.is_digit is not None
    return 1 - prediction.is_digit
