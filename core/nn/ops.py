"""The arithmetic of networks in NumPy, for teaching and for testing.

Images are float [h, w], or [h, w, channels]; y goes down, x to the right. As in every framework for
networks, "convolution" slides the kernel as it is written: mathematicians, who turn it by 180 degrees
first, call this cross-correlation. Sizes and paddings are TensorFlow's ("tf.nn.convolution", Notes on padding).
"""

from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np
from PIL import Image

from core.nn.padding import OperationError, Padding, output_size, paddings
from core.words import parse_number

LARGEST = 1e6  # number in a kernel


def pad(image: np.ndarray, kernel: int, stride: int, padding: Padding, fill: float = 0.0) -> np.ndarray:
    """Return [h + above + below, w + left + right, ...] with `fill` around the image.

    >>> pad(np.array([[7.0]]), 3, 1, "same")
    array([[0., 0., 0.],
           [0., 7., 0.],
           [0., 0., 0.]])
    """
    around = [paddings(n, kernel, stride, padding) for n in image.shape[:2]]
    return np.pad(image, around + [(0, 0)] * (image.ndim - 2), constant_values=fill)


def windows(
    image: np.ndarray, kernel: int, stride: int = 1, padding: Padding = "valid", fill: float = 0.0
) -> np.ndarray:
    """Return every window: [rows, columns, kernel, kernel] or [rows, columns, kernel, kernel, channels].

    What is left over at the right and at the bottom is in no window. Raises OperationError.

        >>> windows(np.arange(9.0).reshape(3, 3), 2, stride=2)
        array([[[[0., 1.],
                 [3., 4.]]]])
    """
    for size in image.shape[:2]:
        output_size(size, kernel, stride, padding)
    padded = pad(image, kernel, stride, padding, fill)
    every = np.lib.stride_tricks.sliding_window_view(padded, (kernel, kernel), (0, 1))
    return np.moveaxis(every[::stride, ::stride], 2, -1) if image.ndim == 3 else every[::stride, ::stride]


def convolve(image: np.ndarray, kernel: np.ndarray, stride: int = 1, padding: Padding = "valid") -> np.ndarray:
    """Return, for each window, the sum of its products with the kernel, float64.

    [h, w] with [k, k] gives [rows, columns]; [h, w, channels] with [k, k, channels, filters] gives
    [rows, columns, filters], the sum running over the channels too. Zeros are around the image.

    Goodfellow, Bengio and Courville, "Deep Learning", equations 9.6 and 9.7. Raises OperationError.

        >>> convolve(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 0.0], [0.0, 10.0]]))
        array([[41.]])
    """
    if kernel.ndim not in (2, 4) or kernel.shape[0] != kernel.shape[1]:
        raise OperationError(f"The kernel has the shape {kernel.shape}; a square one is needed.")
    if kernel.ndim == 4 and image.shape[2:] != kernel.shape[2:3]:
        raise OperationError(f"The kernel wants {kernel.shape[2]} channels, the picture is {image.shape}.")
    every = windows(np.asarray(image, float), len(kernel), stride, padding)
    terms = "rcyx,yx->rc" if kernel.ndim == 2 else "rcyxi,yxio->rco"
    return np.einsum(terms, every, kernel, optimize=True)


def _largest(image: np.ndarray, window: int, stride: int, padding: Padding) -> np.ndarray:
    return windows(image, window, stride, padding, fill=-np.inf).max((2, 3))


def _mean(image: np.ndarray, window: int, stride: int, padding: Padding) -> np.ndarray:
    sums = windows(image, window, stride, padding).sum((2, 3))
    return sums / windows(np.ones_like(image), window, stride, padding).sum((2, 3))


POOLINGS: dict[str, Callable[..., np.ndarray]] = {"max": _largest, "mean": _mean}


def pool(
    image: np.ndarray, how: str, window: int = 2, stride: int = 2, padding: Padding = "valid"
) -> np.ndarray:
    """Return the largest value or the mean of each window, channel by channel, float64.

    how: a key of POOLINGS. [h, w] gives [rows, columns], [h, w, channels] keeps its channels. Cells of the
    padding do not count, as in TensorFlow: they are never the largest, and a mean is over the others.
    Raises OperationError.

        >>> image = np.array([[0.0, 4.0], [1.0, 5.0]])
        >>> pool(image, "max"), pool(image, "mean")
        (array([[5.]]), array([[2.5]]))
    """
    if not isinstance(padding, str) and padding >= window:
        raise OperationError(f"With a padding of {padding}, windows of {window} would lie outside the picture.")
    return POOLINGS[how](np.asarray(image, float), window, stride, padding)


def grey(image: np.ndarray, side: int) -> np.ndarray:
    """uint8 [h, w, 3] -> uint8 [h', w'], 0 = black, 255 = white, its longer side at most `side`.

    Brightness is 0.299 red + 0.587 green + 0.114 blue (ITU-R BT.601).

        >>> grey(np.full((100, 300, 3), 255, np.uint8), 150).shape
        (50, 150)
    """
    small = Image.fromarray(image).convert("L")
    small.thumbnail((side, side), Image.Resampling.BOX)
    return np.asarray(small)


def shifted(image: np.ndarray, right: int, down: int = 0) -> np.ndarray:
    """Return the image moved by whole cells, zeros coming in, what leaves being lost.

    >>> shifted(np.array([[1, 2, 3]]), 1)
    array([[0, 1, 2]])
    """
    moved = np.zeros_like(image)
    height, width = image.shape[:2]
    moved[max(down, 0) : height + min(down, 0), max(right, 0) : width + min(right, 0)] = image[
        max(-down, 0) : height + min(-down, 0), max(-right, 0) : width + min(-right, 0)
    ]
    return moved


def change(before: np.ndarray, after: np.ndarray) -> float:
    """Return the sum of the absolute differences as a fraction of all that was there before.

    0: nothing changed. 2: as much as for two images of the same ink without a cell in common.

        >>> change(np.array([1.0, 1.0, 0.0]), np.array([0.0, 1.0, 1.0]))
        1.0
    """
    ink = np.abs(before).sum()
    return float(np.abs(after - before).sum() / ink) if ink else 0.0


def _kernel(numbers: str, divisor: float = 1) -> np.ndarray:
    return np.array([row.split() for row in numbers.split(",")], float) / divisor


# name: (float [3, 3], what it does). The numbers are those of image processing's textbooks (Gonzalez and
# Woods, "Digital Image Processing", chapter 3); emboss is the one of most drawing programs.
IMAGE_KERNELS: dict[str, tuple[np.ndarray, str]] = {
    "Identity": (_kernel("0 0 0, 0 1 0, 0 0 0"), "Each pixel stays as it is."),
    "Box blur": (
        _kernel("1 1 1, 1 1 1, 1 1 1", 9),
        "Each pixel becomes the mean of its nine: noise and detail are softened.",
    ),
    "Gaussian blur": (
        _kernel("1 2 1, 2 4 2, 1 2 1", 16),
        "A mean in which near pixels count more: softer than the box and without its corners.",
    ),
    "Sharpen": (
        _kernel("0 -1 0, -1 5 -1, 0 -1 0"),
        "What sets a pixel apart from its neighbours is added to it once more.",
    ),
    "Emboss": (
        _kernel("-2 -1 0, -1 1 1, 0 1 2"),
        "What lies below and to the right counts against what lies above and to the left: a relief.",
    ),
    "Sobel, left to right": (
        _kernel("-1 0 1, -2 0 2, -1 0 1"),
        "How much larger the values are on the right than on the left: upright edges.",
    ),
    "Sobel, top to bottom": (
        _kernel("-1 -2 -1, 0 0 0, 1 2 1"),
        "How much larger the values are below than above: level edges.",
    ),
    "Laplacian": (
        _kernel("0 1 0, 1 -4 1, 0 1 0"),
        "How far a pixel is from the mean of its four neighbours: edges of every direction, and dots.",
    ),
}


def read_kernel(texts: Sequence[Sequence[str]]) -> np.ndarray:
    """Return float64 [k, k] for numbers as people write them. Raises OperationError, which names the cell.

    >>> read_kernel([["1/4", "0,5"], ["-2", " 3 "]])
    array([[ 0.25,  0.5 ],
           [-2.  ,  3.  ]])
    """
    return np.array(
        [[_number(text, (i, j)) for j, text in enumerate(row, 1)] for i, row in enumerate(texts, 1)]
    )


def _number(text: str, position: tuple[int, int]) -> float:
    value = parse_number(text)
    if value is None or not abs(value) <= LARGEST:  # true for NaN and infinity too
        what = f"says '{text.strip()[:12]}'" if text.strip() else "is empty"
        raise OperationError(
            f"The kernel's row {position[0]}, column {position[1]} {what}; "
            "a number such as -1, 0.5 or 1/9 is needed, up to a million."
        )
    return value


def write_kernel(kernel: np.ndarray) -> list[list[str]]:
    """Return the numbers as people write them; those of no short fraction to three decimals.

    >>> write_kernel(np.array([[1 / 9, -2.0], [0.5, 0.1234567]]))
    [['1/9', '-2'], ['0.5', '0.123']]
    """
    return [[_text(float(value)) for value in row] for row in kernel]


def _text(value: float) -> str:
    fraction = Fraction(value).limit_denominator(64)
    is_short = fraction.denominator > 1 and abs(float(fraction) - value) < 1e-12
    plain = f"{round(value, 3) + 0.0:g}"  # + 0.0: no minus zero
    return str(fraction) if is_short and float(plain) != value else plain


def resized_kernel(texts: Sequence[Sequence[str]], size: int) -> list[list[str]]:
    """Return size x size numbers: zeros come in around, or the outermost leave.

    >>> resized_kernel([["7"]], 3)
    [['0', '0', '0'], ['0', '7', '0'], ['0', '0', '0']]
    """
    before = (size - 1) // 2 - (len(texts) - 1) // 2  # the middle stays the middle, also one by one

    def at(row: int, column: int) -> str:
        inside = 0 <= row < len(texts) and 0 <= column < len(texts)
        return texts[row][column] if inside else "0"

    return [[at(i - before, j - before) for j in range(size)] for i in range(size)]
