"""Padding of a sliding window along one side of an image: what is added at its ends, and how often it fits.

As in TensorFlow ("tf.nn.convolution", Notes on padding).
"""

import math

Padding = str | int  # 'valid', 'same', or as many zeros on each of the four sides


class OperationError(ValueError):
    """Numbers that do not fit together; the text is one sentence for the person who chose them."""


def paddings(size: int, kernel: int, stride: int, padding: Padding) -> tuple[int, int]:
    """Return how many cells are added before and after a side of `size` cells.

    'same' adds what ceil(size / stride) windows need, split in halves; an odd one goes after, that is to
    the right and to the bottom. Raises OperationError.

        >>> paddings(5, 3, 1, "same"), paddings(6, 3, 2, "same"), paddings(5, 3, 2, 1)
        ((1, 1), (0, 1), (1, 1))
    """
    if stride < 1:
        raise OperationError(f"The stride is {stride}; a window that moves needs at least 1.")
    if kernel < 1:
        raise OperationError(f"The window is {kernel} wide; it needs at least 1.")
    if padding == "valid":
        return 0, 0
    if padding == "same":
        total = max((math.ceil(size / stride) - 1) * stride + kernel - size, 0)
        return total // 2, total - total // 2
    if not isinstance(padding, int) or padding < 0:
        raise OperationError(f"The padding is {padding}; 'valid', 'same' or a whole number from 0 is needed.")
    return padding, padding


def output_size(size: int, kernel: int, stride: int = 1, padding: Padding = "valid") -> tuple[int, int]:
    """Return (how many windows fit into a side of `size` cells, how many cells are left over at its end).

    (n + p_before + p_after - k) / s + 1, rounded down: Dumoulin and Visin, "A guide to convolution
    arithmetic for deep learning", 2016, relationship 6. Raises OperationError.

        >>> output_size(5, 3), output_size(5, 3, stride=2, padding=1), output_size(6, 3, stride=2)
        ((3, 0), (3, 0), (2, 1))
    """
    room = size + sum(paddings(size, kernel, stride, padding)) - kernel
    if room < 0:
        raise OperationError(
            f"The window is {kernel} wide and the picture with its padding only {room + kernel}: "
            "choose a smaller window or more padding."
        )
    return room // stride + 1, room % stride
