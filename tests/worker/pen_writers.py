"""Files of what ten writers have drawn with pens."""

import numpy as np

WRITERS = range(10)  # of whom 4 and 9 are held out


def arrays(**changes):
    """A file of 20 digits, each of two strokes: a line whose x is its writer, and a dot beside it.

    Writer 3's first digit: [[3, 0], [3, 1]] and [[3.5, 0]].
    """
    points, labels, writers = [], [], []
    for writer in WRITERS:
        for digit in (writer, 9 - writer):
            points += [(writer, 0), (writer, 1 + digit), (writer + 0.5, 0)]
            labels.append(digit)
            writers.append(writer)
    starts = np.arange(20) * 3
    return {
        "points": np.float32(points),
        "stroke_offsets": np.append(np.stack([starts, starts + 2], 1).ravel(), 60),
        "digit_offsets": np.arange(21) * 2,
        "labels": np.uint8(labels),
        "writer": np.int16(writers),
        **changes,
    }


def without(name):
    return {key: array for key, array in arrays().items() if key != name}
