"""A network that tells somebody's own classes apart: a new last layer on the features of one that is trained.

    >>> head = fit(classifier, own)                        # a fraction of a second
    >>> head.answer(pixels)                                # float32 [28, 28]
    Answer(probabilities=..., none=0.03)

Each drawing is learnt from in some variants, turned, shifted and scaled a little. The last layer is softmax
regression; what lies farther from all drawings than these from one another is none of the classes.

Called by `core.models.own_live`, `ui.components.own_bars` and `ui.sections.own_answer`.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, logsumexp

from core.data.own_classes import OwnClasses
from core.models import classifiers, litert_head, own_features
from core.models.classifiers import Classifier
from core.nn import architectures
from core.nn.activations import softmax
from core.nn.architectures import Dense, Flatten
from core.records import ColourImage, DigitImage, Network, Prediction

_PENALTY = 0.003  # on the squares of the weights
_FAR = 1.35  # times the distance of a drawing from its like: from there on it is none of these, evenly
SHARPNESS = 6.0
_KNOWN = 1_000  # drawings and variants that a new one is compared with, at most


@dataclass(frozen=True)
class Answer:
    """probabilities: float [classes], summing to 1, as if it were one of them. none: that it is none, 0..1."""

    probabilities: np.ndarray
    none: float


@dataclass(frozen=True, eq=False)
class Head:
    """What was learnt. base: None where it looks at pixels.

    mean, spread: float32 [features] of the drawings. kernel: float32 [features, classes], bias: [classes].
    known: int8 [n, features] of the drawings, and scale: float32 [n, 1], whose product is unit vectors; of 8
    bits, so that a browser, which is sent these, measures the same. far: the distance from which one is none.
    """

    base: Classifier | None
    mean: np.ndarray
    spread: np.ndarray
    kernel: np.ndarray
    bias: np.ndarray
    known: np.ndarray
    scale: np.ndarray
    far: float

    @property
    def is_finite(self) -> bool:
        """Was there anything to learn? Not where the base gives NaN or infinite numbers for a drawing."""
        return all(np.isfinite(array).all() for array in (self.mean, self.spread, self.kernel, self.scale))

    def answer(self, pixels: np.ndarray) -> Answer:
        """float32 [28, 28], 0 = paper, 1 = ink -> what it is; NaN where the base's features are not finite."""
        x = self._scaled(own_features.of(self.base, pixels[None]))
        likeness = (self.known @ _unit(x)[0]) * self.scale[:, 0]
        distance = np.sqrt(np.maximum(2 - 2 * likeness.max(), 0))
        none = expit(SHARPNESS * (distance / self.far - 1) * 2)
        return Answer(softmax((x @ self.kernel + self.bias)[0].astype(float)), float(none))

    def predict(self, pixels: np.ndarray) -> np.ndarray:
        """float32 [n, 28, 28] -> int [n], the most probable class of each."""
        return self.logits(pixels).argmax(1)

    def logits(self, pixels: np.ndarray) -> np.ndarray:
        """float32 [n, 28, 28] -> float32 [n, classes], before the softmax."""
        return self._scaled(own_features.of(self.base, pixels)) @ self.kernel + self.bias

    def _scaled(self, x: np.ndarray) -> np.ndarray:
        return (x - self.mean) / self.spread

    @property
    def on_features(self) -> tuple[np.ndarray, np.ndarray]:
        """(kernel, bias) for features as they are, neither centred nor scaled."""
        kernel = (self.kernel / self.spread[:, None]).astype(np.float32)
        return kernel, (self.bias - self.mean @ kernel).astype(np.float32)

    def network(self, name: str) -> Network:
        """Return it as a network of its own: the base's layers, and a new last one."""
        kernel, bias = self.on_features
        last = Dense(len(self.bias), "softmax")
        if self.base is None:
            like = classifiers.shipped().network
            litert = litert_head.on_pixels(like.litert, architectures.names(like.layers)[-1], kernel, bias)
            return Network(
                name, (Flatten(), last), {"dense_1/kernel": kernel, "dense_1/bias": bias}, litert, {}
            )
        network = self.base.network
        layers = (*network.layers[:-1], last)
        end = architectures.names(layers)[-1]
        weights = {key: w for key, w in network.weights.items() if not key.startswith(f"{end}/")}
        weights |= {f"{end}/kernel": kernel, f"{end}/bias": bias}
        litert = litert_head.with_last_layer(network.litert, end, kernel, bias)
        return Network(name, layers, weights, litert, {}, network.data)


class OwnClassifier(Classifier):
    """What was learnt as a network like any other; its outputs are the classes, however many, in order."""

    def __init__(self, head: Head, own: OwnClasses):
        super().__init__(head.network(own.name))
        self.labels = own.classes
        self.classes = len(own.classes)

    @property
    def has_reject_class(self) -> bool:
        return False

    def predict(self, image: DigitImage | ColourImage) -> Prediction:
        """Return the probabilities of all classes; none of them is a digit."""
        logits = self.outputs(image.pixels[None])[0]
        return Prediction(logits, softmax(logits.astype(float)), None, "")


def fit(base: Classifier | None, own: OwnClasses) -> Head:
    """Return what was learnt from all drawings; `own` is to be trainable."""
    return fit_arrays(base, *own.images(), len(own.classes))


@np.errstate(invalid="ignore")  # of a base that gives NaN: `Head.is_finite` says so
def fit_arrays(base: Classifier | None, pixels: np.ndarray, labels: np.ndarray, classes: int) -> Head:
    """The same of float32 [n, 28, 28] and int [n]."""
    x = own_features.of_variants(base, pixels)
    y = np.tile(labels, own_features.VARIANTS)
    mean = x.mean(0)
    spread = np.maximum(x.std(0), 0.1 * float(x.std()) + 1e-6).astype(np.float32)
    scaled = (x - mean) / spread
    kernel, bias = _regression(scaled, y, classes)
    known = _unit(scaled)
    few = known[: max(len(pixels), _KNOWN)]
    scale = np.abs(few).max(1, keepdims=True) / np.float32(127)
    whole = np.rint(few / scale).astype(np.int8)
    return Head(base, mean, spread, kernel, bias, whole, scale, _far(known, len(pixels)))


def _far(known: np.ndarray, count: int) -> float:
    """From where on a drawing is none of these: farther than most are from the nearest other drawing."""
    if count < 2:
        return _FAR
    first = known[:count]
    likeness = first @ known.T
    place = np.arange(known.shape[0]) % count
    likeness[place[None, :] == np.arange(count)[:, None]] = -1  # itself, and its own variants
    nearest = np.sqrt(np.maximum(2 - 2 * likeness.max(1), 0))
    return max(0.2, _FAR * float(np.quantile(nearest, 0.9)))


def _unit(x: np.ndarray) -> np.ndarray:
    return (x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-9)).astype(np.float32)


def _regression(x: np.ndarray, y: np.ndarray, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Softmax regression by L-BFGS, each class counting alike: (kernel, bias), as in `Head`."""
    x = x.astype(float)
    n, width = x.shape
    weight = (1 / np.maximum(np.bincount(y, minlength=classes), 1))[y]
    weight /= weight.sum()
    aim = np.eye(classes)[y]

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        kernel, bias = flat[: width * classes].reshape(width, classes), flat[width * classes :]
        logits = x @ kernel + bias
        total = logsumexp(logits, axis=1)
        error = weight[:, None] * (np.exp(logits - total[:, None]) - aim)
        value = float(weight @ (total - logits[np.arange(n), y])) + _PENALTY * float((kernel**2).sum())
        slope = np.concatenate([(x.T @ error + 2 * _PENALTY * kernel).ravel(), error.sum(0)])
        return value, slope

    begin = np.zeros((width + 1) * classes)
    found = minimize(loss, begin, jac=True, method="L-BFGS-B", options={"maxiter": 100}).x
    kernel = found[: width * classes].reshape(width, classes)
    return kernel.astype(np.float32), found[width * classes :].astype(np.float32)


# -- how good it is


def accuracy(base: Classifier | None, own: OwnClasses) -> float | None:
    """Return how many drawings are read rightly by what has learnt from the others, 0..1; None of too few."""
    found = cross_validated(base, own)
    return None if found is None else float((found.argmax(1) == own.images()[1]).mean())


@lru_cache(32)
def cross_validated(base: Classifier | None, own: OwnClasses, parts: int = 5) -> np.ndarray | None:
    """Return float32 [drawings, classes], rows summing to 1: what each is taken for; None of too few.

    Each drawing is asked about once, of a head that has learnt from those of the other parts.
    """
    if not own.trainable or min(count for count in own.counts if count) < 2:
        return None
    pixels, labels = own.images()
    part, found = _parts(labels, parts), np.zeros((len(labels), len(own.classes)), np.float32)
    for n in range(parts):
        held = part == n
        if held.any():
            head = fit_arrays(base, pixels[~held], labels[~held], len(own.classes))
            found[held] = softmax(head.logits(pixels[held]).astype(float))
    return found


@lru_cache(32)
def learning_curve(base: Classifier | None, own: OwnClasses) -> tuple[tuple[int, float], ...]:
    """(drawings of each class, accuracy on the last third, which nothing learns from) pairs."""
    pixels, labels = own.images()
    held, learnt = _split(labels)
    if not held.any():
        return ()
    most = int(np.bincount(labels[learnt]).max())
    found = []
    for count in sorted({n for n in (1, 2, 3, 5, 8, 12, 20, most) if n <= most}):
        chosen = learnt & (_rank(labels, learnt) < count)
        if len(np.unique(labels[chosen])) < 2:
            continue
        head = fit_arrays(base, pixels[chosen], labels[chosen], len(own.classes))
        found.append((count, float((head.predict(pixels[held]) == labels[held]).mean())))
    return tuple(found)


def _rank(labels: np.ndarray, among: np.ndarray) -> np.ndarray:
    """Which of its class each is, counted among those only."""
    rank = np.zeros(len(labels), int)
    for label in np.unique(labels):
        here = (labels == label) & among
        rank[here] = np.arange(here.sum())
    return rank


def _parts(labels: np.ndarray, parts: int) -> np.ndarray:
    return _rank(labels, np.ones(len(labels), bool)) % parts


def _split(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(held, learnt): of each class its last third, of three drawings and more."""
    rank, counts = _rank(labels, np.ones(len(labels), bool)), np.bincount(labels)
    held = (counts[labels] >= 3) & (rank >= counts[labels] - np.maximum(1, counts[labels] // 3))
    return held, ~held
