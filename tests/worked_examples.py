"""The images and the kernel of the worked examples of a convolution and of pooling."""

import numpy as np

IMAGE = np.array(
    [
        [1, 1, 1, 0, 0],
        [0, 1, 1, 1, 0],
        [0, 0, 1, 1, 1],
        [0, 0, 1, 1, 0],
        [0, 1, 1, 0, 0],
    ]
)
KERNEL = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])
ZERO = np.array(
    [
        [0, 0, 0, 1, 0, 0, 0, 0],
        [0, 1, 2, 3, 2, 1, 0, 0],
        [0, 4, 3, 1, 3, 2, 0, 0],
        [1, 5, 2, 0, 0, 5, 1, 0],
        [2, 4, 0, 0, 0, 6, 2, 0],
        [1, 3, 0, 0, 0, 4, 1, 0],
        [0, 2, 3, 2, 1, 3, 0, 0],
        [0, 0, 3, 4, 3, 1, 0, 0],
    ]
)
