"""The evaluation of a trained network: its outputs, its accuracy, and the temperature that calibrates it.

Called by `core.worker.run_results` and `core.worker.tasks`.
"""

from core.worker.predictor import Predictor  # isort: skip  # before Keras: sets TensorFlow's log level

import keras
import numpy as np
from scipy.special import logsumexp

from core.nn import architectures, calibration, metrics

_COPIED = 10_000  # of chosen images, at once: all of them may be 150 MB


def logits(model: keras.Model, images: np.ndarray) -> np.ndarray:
    """uint8 [n, h, w] or [n, h, w, c], or float32 as it is -> float32 [n, 10], the ten classes' logits."""
    return Predictor(model).logits(images)


def figures(
    model: keras.Model, images: np.ndarray, labels: np.ndarray, chosen: np.ndarray
) -> tuple[float, float]:
    """Return (accuracy, mean cross-entropy in nats) on the chosen images, dropout and augmentation off.

    images, labels: as in Dataset. chosen: int [n], indices of at least one.
    """
    predictor, sums = Predictor(model), np.zeros(2)
    for part in np.array_split(chosen, -(-len(chosen) // _COPIED)):
        accuracy, loss, _ = metrics.figures(predictor.logits(images[part]), labels[part])
        sums += np.array([accuracy, loss]) * len(part)
    return float(sums[0] / len(chosen)), float(sums[1] / len(chosen))


def calibrate(model: keras.Model, images: np.ndarray, labels: np.ndarray, prior: float) -> np.ndarray:
    """Make the probabilities of a network with an eleventh output true, by scaling its last layer.

    Returns float64 [3]: the temperature, a and b of `calibration`.
    images: uint8 [n, 28, 28], not learnt from. labels: 0..10. prior: as in `calibration.reject_calibration`.
    """
    logits = Predictor(model).outputs(images).astype(float)
    is_digit = labels < architectures.CLASSES
    digits, last = logits[:, : architectures.CLASSES], model.layers[-1]
    scale = calibration.temperature(digits[is_digit], labels[is_digit])
    together = logsumexp(digits / scale, axis=1)
    a, b = calibration.reject_calibration(together, logits[:, architectures.CLASSES], is_digit, prior)
    kernel, bias = last.get_weights()
    last.set_weights(calibration.scale_last_layer(kernel, bias, scale, a, b))
    return np.array([scale, a, b])
