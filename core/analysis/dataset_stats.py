"""Statistics of labelled images: counts, histograms, class means; and their preparation step by step.

Called by `pages.data`, `ui.figures.dataset_figures`, `ui.sections.augmentation_preview`,
`ui.sections.class_statistics`, `ui.sections.image_preparation` and `ui.sections.pixel_histogram`.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image

from core.analysis import evaluation_sets
from core.data import augmentation
from core.records import Augmentation, Labelled

LEVELS = 256  # a pixel is one of 0..255


@dataclass(frozen=True)
class Facts:
    """What is the same for everybody who looks at a set.

    counts: int [classes]. histogram: int [256], pixels of each value in all images and channels.
    means, standard_deviations: float32 [classes, height, width] or [..., 3], 0..1: each pixel's mean and
        standard deviation over the images of a class; zeros for a class without images.
    """

    counts: np.ndarray
    histogram: np.ndarray
    means: np.ndarray
    standard_deviations: np.ndarray


@dataclass(frozen=True)
class Stage:
    """One step of an image's preparation: what it does, as Python, and the array that it gives."""

    does: str
    code: str
    array: np.ndarray


@lru_cache(8)
def facts(name: str, visitor: str, version: str) -> Facts:
    """Return the facts of one of `evaluation_sets.SETS` in that version; 0.3 s for 60,000 digits, once."""
    return describe(evaluation_sets.SETS[name](visitor))


def describe(data: Labelled) -> Facts:
    """Return the facts of these images, of which there is at least one."""
    classes = range(len(data.classes))
    groups = [data.images[data.labels == c] for c in classes]
    blank = np.zeros(data.images.shape[1:], np.float32)
    return Facts(
        np.array([len(group) for group in groups]),
        histogram(data.images),
        np.stack([np.float32(group.mean(0)) / 255 if len(group) else blank for group in groups]),
        np.stack([group.std(0, dtype=np.float32) / 255 if len(group) else blank for group in groups]),
    )


def histogram(images: np.ndarray) -> np.ndarray:
    """uint8 of any shape -> int [256], how often each value occurs.

    By Pillow: `np.bincount` would make eight bytes of each pixel first, and take ten times as long.

        >>> histogram(np.array([[0, 0, 255]], np.uint8))[[0, 1, 255]]
        array([2, 0, 1])
    """
    return np.array(Image.fromarray(np.ascontiguousarray(images).reshape(1, -1)).histogram())


def moments(counts: np.ndarray) -> tuple[float, float]:
    """int [256], as from `histogram` -> (mean, standard deviation) of the pixels, 0..255."""
    values, total = np.arange(LEVELS), counts.sum()
    mean = counts @ values / total
    return float(mean), float(np.sqrt(counts @ (values - mean) ** 2 / total))


def one_hot(label: int, classes: int) -> np.ndarray:
    """Return float32 [classes]: 1 at the label, 0 elsewhere.

    >>> one_hot(2, 4)
    array([0., 0., 1., 0.], dtype=float32)
    """
    return np.eye(classes, dtype=np.float32)[label]


def preparation(image: np.ndarray, label: int, classes: int) -> tuple[list[Stage], list[Stage]]:
    """Return what an image and its label go through before a network learns from them, in order."""
    steps = [Stage("as it is stored", "x", image)]
    if image.ndim == 2:
        steps.append(
            Stage("one channel, grey, as a third axis", "x = x[..., None]", steps[-1].array[..., None])
        )
    steps.append(
        Stage("as floating-point numbers", 'x = x.astype("float32")', steps[-1].array.astype(np.float32))
    )
    steps.append(Stage("from 0 to 1", "x = x / 255", steps[-1].array / np.float32(255)))
    steps.append(Stage("in a batch, here of one", "x = x[None]", steps[-1].array[None]))
    return steps, [
        Stage("the label as it is stored", "y", np.array(label, np.uint8)),
        Stage("one-hot", f"y = np.eye({classes}, dtype='float32')[y]", one_hot(label, classes)),
    ]


def augmented(images: np.ndarray, settings: Augmentation, rng: np.random.Generator) -> np.ndarray:
    """uint8 [n, side, side] or [n, side, side, 3] -> float32 0..1 of the same shape, each changed by chance.

    Around a grey image is paper, around a coloured one black; its channels move together.
    """
    bright = images.astype(np.float32) / 255
    parameters = augmentation.warp_parameters(settings, len(images), rng, images.shape[2])
    if bright.ndim == 3:
        return augmentation.warp(bright, parameters)
    return np.stack([augmentation.warp(bright[..., channel], parameters) for channel in range(3)], axis=-1)
