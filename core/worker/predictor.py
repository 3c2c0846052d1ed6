"""What a model says of many images, while its weights may change between two calls.

Called by `core.worker.epoch_program`, `core.worker.measure`, `core.worker.training` and `core.worker.watching`.
"""

from dataclasses import dataclass

from core.worker import models  # isort: skip  # before TensorFlow: sets its log level

import keras
import numpy as np
import tensorflow as tf

from core.nn import architectures


@dataclass(frozen=True)
class Watched:
    """logits: float32 [n, 10 or 11]. cloud: float32 [n, 2], the last hidden layer through the projection.

    fired: for each layer with relu, bool [units or maps]: did any of the images make it fire?
    """

    logits: np.ndarray
    cloud: np.ndarray
    fired: list[np.ndarray]


class Predictor:
    """Reads many images with a model.

    projection: float32 [units of the last hidden layer, 2], of what `watch` returns.
    """

    def __init__(self, model: keras.Model, projection: np.ndarray | None = None):
        images = tf.TensorSpec((None, *model.input_shape[1:]), tf.float32)  # one graph for any number
        self.model = model
        self.plane = None if projection is None else tf.constant(projection)
        self._forward = tf.function(self._read, [images], autograph=False)
        self._batch = models.evaluation_batch(model)

    def logits(self, images: np.ndarray) -> np.ndarray:
        """uint8 [n, h, w] or [n, h, w, c], 0..255, or float32, 0..1 -> float32 [n, 10], of the ten classes."""
        outputs = self.outputs(images)
        return outputs[:, : architectures.class_count(outputs.shape[1])]

    def outputs(self, images: np.ndarray) -> np.ndarray:
        """The same with the eleventh class, where there is one: float32 [n, 10 or 11]."""
        return self.watch(images).logits

    def watch(self, images: np.ndarray) -> Watched:
        """The same, and what is shown of a training."""
        parts = (images[at : at + self._batch] for at in range(0, len(images), self._batch))
        read = [[part.numpy() for part in self._forward(_as_floats(images))] for images in parts]
        logits, cloud, *highest = zip(*read, strict=True)
        fired = [np.max(each, axis=0) > 0 for each in highest]
        return Watched(np.concatenate(logits), np.concatenate(cloud), fired)

    def _read(self, x: tf.Tensor) -> list[tf.Tensor]:
        logits, cloud, *highest = self.read(x)
        return [logits, cloud, *(tf.reduce_max(h, axis=0) for h in highest)]

    def read(self, x: tf.Tensor) -> list[tf.Tensor]:
        """What Watched holds of images, float32 [n, h, w, c], 0..1: logits, cloud, and for each layer with
        relu float32 [n, units or maps], how much each fires at most in an image; none without a projection.
        """
        highest: list[tf.Tensor] = []
        hidden = x

        def see(layer: keras.layers.Layer, x: tf.Tensor) -> None:
            nonlocal hidden
            hidden = x
            if self.plane is not None and getattr(layer, "activation", None) is keras.activations.relu:
                highest.append(tf.reduce_max(x, axis=list(range(1, len(x.shape) - 1))))

        logits = models.logits(self.model, x, see=see)
        if self.plane is None:
            return [logits, tf.zeros((tf.shape(logits)[0], 2))]
        return [logits, tf.cast(hidden, tf.float32) @ self.plane, *(tf.cast(h, tf.float32) for h in highest)]


class Evaluation:
    """Reads chosen ones of many images, and a drawing beside them."""

    def __init__(self, predictor: Predictor, images: np.ndarray):
        """images: uint8 [n, h, w] or [n, h, w, c], 0..255."""
        self.predictor, self.images = predictor, images

    def watch(self, chosen: np.ndarray, drawing: np.ndarray | None) -> tuple[Watched, np.ndarray | None]:
        """Return what is seen of the chosen images, and the ten classes' logits of the drawing, float32 [10].

        chosen: int [n], indices. drawing: float32 [h, w], 0..1.
        """
        read = None if drawing is None else self.predictor.logits(drawing[None])[0]
        return self.predictor.watch(self.images[chosen]), read


def as_input(images: np.ndarray) -> np.ndarray:
    """uint8 [n, h, w] or [n, h, w, c], 0..255 -> float32 [n, h, w, c], 0..1: what every network is given."""
    return _with_channels(images.astype(np.float32) / 255)


def _as_floats(images: np.ndarray) -> np.ndarray:
    return as_input(images) if images.dtype == np.uint8 else _with_channels(images)


def _with_channels(images: np.ndarray) -> np.ndarray:
    return images[..., None] if images.ndim == 3 else images
