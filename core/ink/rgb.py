"""From a photograph in colour to the input of a network for CIFAR-10.

Called by `ui.sections.colour_image`, `ui.sections.own_images` and `ui.sections.sample_images`.
"""

import numpy as np
from PIL import Image


def square(image: np.ndarray) -> np.ndarray:
    """Return the largest square in the middle: [height, width, channels] -> [n, n, channels].

    >>> square(np.zeros((300, 401, 3))).shape
    (300, 300, 3)
    """
    height, width = image.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return image[top : top + side, left : left + side]


def shrink(image: np.ndarray, side: int = 32) -> np.ndarray:
    """uint8 [height, width, 3] -> float32 [side, side, 3], 0..1: its middle square, each pixel a mean.

    By a cubic filter as wide as the pixels that become one, so that fine patterns do not turn into others.
    """
    small = Image.fromarray(square(image))
    return np.asarray(small.resize((side, side), Image.Resampling.BICUBIC), np.float32) / 255
