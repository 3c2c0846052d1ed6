"""Ink, the image that is made of it, and what a network says of that image."""

from dataclasses import dataclass

import numpy as np

from core.records.checks import ROUNDING, check_image, is_length


@dataclass(frozen=True)
class Drawing:
    """Ink as the pen left it.

    strokes: float32 [points, 2] each: x to the right, y down, in the unit of the canvas.
    brushes: the pen's width for each stroke in the same unit; empty if unknown.
    canvas: the side of the square that was drawn on; None if unknown.
    """

    strokes: tuple[np.ndarray, ...]
    brushes: tuple[float, ...] = ()
    canvas: float | None = None

    def __post_init__(self) -> None:
        if any(stroke.ndim != 2 or stroke.shape[1] != 2 or not len(stroke) for stroke in self.strokes):
            raise ValueError("A stroke is no list of points; each is float32 [points, 2].")
        if self.strokes and not np.isfinite(np.concatenate(self.strokes)).all():
            raise ValueError("A stroke has a point that is no number.")
        if self.brushes and len(self.brushes) != len(self.strokes):
            raise ValueError(f"There are {len(self.brushes)} brushes for {len(self.strokes)} strokes.")
        if not all(map(is_length, self.brushes)):
            raise ValueError(f"The brushes are {self.brushes}; accepted are widths above 0.")
        if self.canvas is not None and not is_length(self.canvas):
            raise ValueError(f"The canvas is {self.canvas}; accepted is a side above 0, or None.")


@dataclass(frozen=True)
class Step:
    """One stage on the way from ink to network, kept for showing.

    name: a few words, such as 'centred by mass'.
    note: one sentence with this drawing's own numbers.
    image: float32 [height, width], 0 = paper, 1 = ink.
    box: (left, top, width, height) in pixels of `image`, to be outlined; None for no outline.
    mark: (x, y) in pixels of `image`, to be marked; None for no mark.
    """

    name: str
    note: str
    image: np.ndarray
    box: tuple[float, float, float, float] | None = None
    mark: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        check_image(self.image, (None, None), f"The picture of {self.name!r}")


@dataclass(frozen=True)
class DigitImage:
    """The input of a network for digits: every prediction, chart and explanation uses this same record.

    pixels: float32 [28, 28], 0 = paper, 1 = ink; the longer side of the ink is 20 pixels and its
        centre of mass lies at the centre of the image, as in MNIST.
    steps: how it was made, in order.
    """

    pixels: np.ndarray
    steps: tuple[Step, ...] = ()

    def __post_init__(self) -> None:
        check_image(self.pixels, (28, 28), "The digit's image")


@dataclass(frozen=True)
class ColourImage:
    """The input of a network for CIFAR-10, in colour.

    pixels: float32 [height, width, 3], 0..1, red, green and blue.
    """

    pixels: np.ndarray

    def __post_init__(self) -> None:
        check_image(self.pixels, (None, None, 3), "The image in colour")


@dataclass(frozen=True)
class Prediction:
    """The output of a network for one DigitImage or ColourImage.

    logits: float32 [10], the numbers before the softmax, any range. Those of a network whose weights have left
        the numbers are NaN or infinite, and the probabilities with them; then there is no digit, and
        `abstention` says so.
    probabilities: float32 [10], the softmax of the logits, summing to 1: which digit, if it is one.
    digit: the most probable digit 0..9, or None when the ink does not look like one digit; of an image in
        colour the most probable class, always.
    abstention: one sentence that says why there is no digit; '' when there is one.
    is_digit: the probability that the ink is one digit at all, 0..1; None where the network has no reject
        class.
    """

    logits: np.ndarray
    probabilities: np.ndarray
    digit: int | None
    abstention: str = ""
    is_digit: float | None = None

    def __post_init__(self) -> None:
        if not self.is_number and self.digit is None and self.abstention:
            return
        if not self.is_number or self.probabilities.min() < 0 or abs(self.probabilities.sum() - 1) > ROUNDING:
            raise ValueError(f"The probabilities are {self.probabilities}; accepted is a softmax of numbers.")
        if self.is_digit is not None and not 0 <= self.is_digit <= 1:
            raise ValueError(f"That it is a digit has the probability {self.is_digit}; accepted are 0 to 1.")

    @property
    def is_number(self) -> bool:
        """Has the network answered with numbers at all?"""
        return bool(np.isfinite(self.logits).all() and np.isfinite(self.probabilities).all())


@dataclass(frozen=True)
class DigitOfNumber:
    """One digit of a number, cut out of its ink.

    image: the network's input. prediction: its output, which always has a digit.
    box: (left, top, width, height) of its ink in the unit of the drawing, or in pixels of the image.
    drawing: its own strokes; None where it was cut out of an image.
    """

    image: DigitImage
    prediction: Prediction
    box: tuple[float, float, float, float]
    drawing: Drawing | None = None

    def __post_init__(self) -> None:
        if self.prediction.digit is None:
            raise ValueError(f"A part of a number is no digit: {self.prediction.abstention}")


@dataclass(frozen=True)
class NumberPrediction:
    """Ink that was predicted to be digits side by side, from left to right, or a single digit.

    point: how many digits stand before the decimal point; 0 where there is none.
    """

    digits: tuple[DigitOfNumber, ...]
    point: int = 0

    def __post_init__(self) -> None:
        if not self.digits:
            raise ValueError("A number has at least one digit; this one has none.")
        if not 0 <= self.point < len(self.digits):
            raise ValueError(
                f"A point stands between two digits, not after {self.point} of {len(self.digits)}."
            )

    @property
    def number(self) -> str:
        """As text: '42', '007', '2.50'."""
        text = "".join(str(digit.prediction.digit) for digit in self.digits)
        return f"{text[: self.point]}.{text[self.point :]}" if self.point else text
