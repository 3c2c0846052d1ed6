"""Which moments of a training are kept, and how the last hidden layer is projected to a plane.

Called by `core.worker.training`, `core.worker.watching` and `ui.components.learning`.
"""

from collections.abc import Sequence

import numpy as np

from core.nn import architectures
from core.nn.architectures import Activation, Conv2D, Dense, Layer
from core.records import Probe

MAX_STATES = 40
MAX_BYTES = 64_000_000  # of the weights of all states of a run
WALL = 4  # images of each class on the wall, where there are ten
CLOUD = 300  # images in the cloud at most


def limit(weights: int) -> int:
    """Return how many states a run keeps whose network has so many weights, float16 each.

    The largest networks have fewer, and those of which two do not fit have none.

        >>> [limit(34_826), limit(1_000_000), limit(4_000_000), limit(20_000_000)]
        [40, 32, 8, 0]
    """
    found = min(MAX_STATES, MAX_BYTES // (2 * weights))
    return found if found > 1 else 0


def is_due(images: int, last: int, total: int) -> bool:
    """Is it time for a state again, after `images` of `total`, where the last was kept after `last`?

    Evenly over the root of the images seen, so that the early steps, which change most, are kept more densely.
    """
    return np.sqrt(images) - np.sqrt(last) >= np.sqrt(total) / MAX_STATES


def surplus(images: Sequence[int], most: int) -> list[int]:
    """Return which of the states after so many images are to go, so that `most` are left: their indices.

    images: ascending. The first and the last stay. What goes leaves the smallest gap between its neighbours,
    over the root of the images, so that what is left is evenly spread, however long a training becomes.

        >>> surplus([0, 100, 200, 300, 400, 10_000], 5)
        [3]
    """
    left, gone = list(range(len(images))), []
    root = np.sqrt(np.asarray(images, float))
    while len(left) > max(most, 2):
        gaps = root[left[2:]] - root[left[:-2]]
        gone.append(left.pop(1 + int(gaps.argmin())))
    return sorted(gone)


def probe(
    images: np.ndarray, labels: np.ndarray, sample: int, classes: int = architectures.CLASSES
) -> tuple[Probe, np.ndarray, np.ndarray]:
    """Choose the images that a training is watched on among `sample` of the validation images, in their order.

    Returns the Probe and the places, int [n], of those on the wall and of those in the cloud.
    images, labels: of the sample, as in Dataset. classes: how many there are; of many fewer of each are shown.
    """
    each = max(1, WALL // -(-classes // architectures.CLASSES))
    wall = np.concatenate([np.flatnonzero(labels == label)[:each] for label in range(classes)])
    cloud = np.flatnonzero(labels < classes)[:CLOUD]
    return Probe(images[wall], labels[wall], labels[cloud], sample), wall, cloud


def projection(last_kernel: np.ndarray) -> np.ndarray:
    """Return float32 [units, 2]: the plane onto which the last hidden layer is laid, the same for all states.

    last_kernel: float [units, outputs], the last layer's first weights, before any step. Each class has a
    direction there; they are laid round a circle.
    """
    classes = architectures.class_count(last_kernel.shape[1])
    angles = 2 * np.pi * np.arange(classes) / classes
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return (last_kernel[:, :classes] @ circle).astype(np.float32)


def learning_layers(layers: Sequence[Layer]) -> list[str]:
    """Return the names of the layers whose kernels are learnt, in order: those of View's gradients."""
    named = zip(architectures.names(layers), layers, strict=True)
    return [name for name, layer in named if isinstance(layer, Conv2D | Dense)]


def relu_layers(layers: Sequence[Layer]) -> list[str]:
    """Return the names of the layers that end in relu, in order: those of View's silent units."""
    named = zip(architectures.names(layers), layers, strict=True)
    return [
        name
        for name, layer in named
        if isinstance(layer, Conv2D | Dense | Activation) and layer.activation == "relu"
    ]
