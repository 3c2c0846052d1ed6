"""How much a network bears: its accuracy on test images against the damage to it, or to the images.

Called by `ui.sections.break_drawing` and `ui.sections.break_network`.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

import numpy as np

from core.analysis import distortions
from core.data import datasets
from core.models.classifiers import Classifier
from core.models.patching import Changed
from core.nn import architectures, damage
from core.nn.damage import NONE, WHOLE, Damage
from core.records import Network

COUNT = 2_000  # test images beside a slider
FEWER = 500  # for each point of a curve

# What can be taken further and further: (its amounts, the damage at one, how an amount is called).
CURVES: dict[str, tuple[tuple[float, ...], Callable[[float], Damage], str]] = {
    "Prune": (
        (0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.96, 0.98, 0.99),
        lambda a: replace(NONE, prune=a),
        "weights pruned",
    ),
    "Noise": (
        (0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.25, 1.5),
        lambda a: replace(NONE, noise=a),
        "noise, of the weights' deviation (drawn once)",
    ),
    "Bits": ((WHOLE, 8, 6, 5, 4, 3, 2), lambda a: replace(NONE, bits=int(a)), "bits per weight"),
}


def held_images(data: str, count: int) -> tuple[np.ndarray, np.ndarray]:
    """(float32 [count, ...], 0..1; labels) of the test images, the same each time. Raises NoData."""
    images, labels = datasets.test_sample(data, count)
    return images.astype(np.float32) / 255, labels.astype(int)


def accuracy(outputs: np.ndarray, labels: np.ndarray) -> float:
    """How many are right by the ten classes; no answer counts as none where an output is no number."""
    read = outputs[:, : architectures.class_count(outputs.shape[1])]
    return float(((read.argmax(1) == labels) & np.isfinite(read).all(1)).mean())


def damaged(network: Network, how: Damage) -> Changed:
    """Return a network with this damage done to it; the network itself stays as it is."""
    return Changed(network, damage.apply(network, how))


@lru_cache(64)
def network_curve(classifier: Classifier, what: str) -> tuple[tuple[float, float], ...]:
    """(amount, accuracy) pairs of a network that is damaged further and further. what: a key of CURVES."""
    steps, at, _ = CURVES[what]
    pixels, labels = held_images(classifier.network.data, FEWER)
    return tuple((a, accuracy(damaged(classifier.network, at(a)).outputs(pixels), labels)) for a in steps)


@lru_cache(64)
def drawing_curve(classifier: Classifier, what: str) -> tuple[tuple[float, float], ...]:
    """(amount, accuracy) pairs of a network on images that are distorted further and further."""
    pixels, labels = held_images(classifier.network.data, FEWER)
    return tuple(
        (float(a), accuracy(classifier.outputs(distortions.distorted(pixels, what, a)), labels))
        for a in distortions.amounts(what)
    )
