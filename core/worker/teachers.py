"""Trained networks that another one learns from.

Called by `core.worker.steps`.
"""

from pathlib import Path

from core.worker import models  # isort: skip  # before TensorFlow: sets its log level

import keras

from core.models import networks
from core.nn.architectures import Layer, Shape

# How `steps.forward` takes a network that does not learn: (normalise, dropout).
AS_IT_READS = (lambda layer, x: layer(x, training=False), lambda layer, x: x)


def load(folder: str, shape: Shape, classes: int) -> list[tuple[tuple[Layer, ...], keras.Model]]:
    """Return the layers and the model of each network that is saved in `folder`, by their folders' names.

    shape, classes: of the images and labels that they have to know. Raises ValueError where one cannot be read
    or knows others.
    """
    found = []
    for network in networks.load_all(Path(folder)):
        model = models.build(network.layers, shape)
        models.set_weights(model, network.weights)
        if model.output_shape[-1] != classes:
            raise ValueError(
                f"The teacher {network.name!r} tells {model.output_shape[-1]} classes apart, but the network "
                f"that learns from it {classes}."
            )
        found.append((network.layers, model))
    return found
