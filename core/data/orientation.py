"""How characters lie in a data set: transposed as EMNIST is published, turned, mirrored, or dark on light.

The mean image of each class is compared with the same character traced from handwriting fonts, in all eight
ways in which a square can lie: an O says nothing, an L or a 7 says much, and all together leave no doubt.

Called by `core.data.datasets` and `core.data.labelled_files`.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np

from core.data import glyphs
from core.ink import preprocessing

_ASKED = 6_000  # images that are measured
_FONTS = 12  # of each character
_SIZE = 200.0  # at which glyphs are drawn before they are made small

# How images may lie -> what puts them right, on [n, 28, 28].
WAYS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "upright": lambda x: x,
    "transposed": lambda x: x.transpose(0, 2, 1),
    "turned by 90 degrees": lambda x: np.rot90(x, 3, (1, 2)),
    "upside down": lambda x: np.rot90(x, 2, (1, 2)),
    "turned by 270 degrees": lambda x: np.rot90(x, 1, (1, 2)),
    "mirrored": lambda x: x[:, :, ::-1],
    "mirrored upside down": lambda x: x[:, ::-1],
    "transposed and upside down": lambda x: np.rot90(x.transpose(0, 2, 1), 2, (1, 2)),
}


def way(images: np.ndarray, labels: np.ndarray, classes: Sequence[str]) -> str:
    """Return how the images lie, a key of WAYS.

    images: uint8 [n, 28, 28], 0 = paper. labels: int [n]. classes: one character each.
    """
    step = max(1, len(images) // _ASKED)
    some, known = images[::step], labels[::step]
    present = [label for label in range(len(classes)) if (known == label).any()]
    means = _centred(np.stack([some[known == label].mean(0) for label in present]))
    wanted = templates(tuple(classes))[present]
    return max(WAYS, key=lambda name: float((WAYS[name](means) * wanted).sum()))


def is_dark_on_light(images: np.ndarray) -> bool:
    """Is the paper bright? By the frame of pixels around them, where there is hardly any ink."""
    some = images[:: max(1, len(images) // _ASKED)]
    frame = np.concatenate([some[:, 0], some[:, -1], some[:, :, 0], some[:, :, -1]], axis=1)
    return float(np.median(frame)) > 127


@lru_cache(4)
def templates(classes: tuple[str, ...]) -> np.ndarray:
    """Return float [classes, 28, 28], centred: what each character looks like on average, in handwriting fonts.

    A capital stands for its small letter, too, where that is no class of its own.
    """
    drawn: dict[str, list[np.ndarray]] = {name: [] for name in classes}
    for glyph in glyphs.load(held_out=False):
        name = glyph.character if glyph.character in drawn else glyph.character.upper()
        if len(drawn.get(name, [None] * _FONTS)) < _FONTS:
            strokes = [stroke * np.float32(_SIZE) for stroke in glyph.strokes]
            drawn[name].append(preprocessing.normalise(strokes)[1])
    side = preprocessing.SIZE
    return _centred(np.stack([np.mean(d, axis=0) if d else np.zeros((side, side)) for d in drawn.values()]))


def _centred(images: np.ndarray) -> np.ndarray:
    """Each with mean 0 and length 1."""
    centred = images - images.mean((1, 2), keepdims=True)
    return centred / np.maximum(np.linalg.norm(centred, axis=(1, 2), keepdims=True), 1e-9)
