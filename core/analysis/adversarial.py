"""The smallest change of an image that makes a network take it for something else.

    >>> found = attack(network, pixels, target=3)                 # pixels: float32 [28, 28]
    >>> found.images[-1], found.probabilities[-1, 3]              # the changed image, how sure it is

An attack climbs the slope of the answer with the image, which `core.nn.backprop` gives, and stays within a
budget: in L-infinity no number of the image changes by more, in L2 all changes together are no longer.
(Goodfellow, Shlens and Szegedy, Explaining and harnessing adversarial examples, 2015: one step, FGSM. Madry and
others, Towards deep learning models resistant to adversarial attacks, 2018: projected gradient descent.)

Called by `ui.lessons.error_analysis` and `ui.sections.fool_pixels`.
"""

from dataclasses import dataclass

import numpy as np

from core.data import datasets
from core.nn import architectures, backprop
from core.nn.activations import softmax
from core.records import Network

NORMS = ("L-infinity", "L2")
BUDGETS = {"L-infinity": 0.15, "L2": 2.0}  # with which most digits of most networks are taken for another
MOST = {"L-infinity": 0.5, "L2": 8.0}  # budgets that are tried: with more the digit itself is gone
STEPS = 20
PARTS = 100  # of the largest budget: as finely as the page's slider can set one
_TRIED = np.unique(np.ceil(PARTS * np.geomspace(1 / PARTS, 1, 12) - 1e-9)) / PARTS  # at once, of the largest


@dataclass(frozen=True)
class Attack:
    """An attack, step by step.

    norm: of NORMS. budget: how far it may go. images: float32 [1 + steps, ...], 0..1, the first is the image.
    probabilities: float [1 + steps, outputs], the network's for each of them, 'not a digit' with them.
    source: what the image was taken for. target: what it was to be taken for; None for any
        other class, of which 'not a digit' is none.
    """

    norm: str
    budget: float
    images: np.ndarray
    probabilities: np.ndarray
    source: int
    target: int | None

    @property
    def fools(self) -> bool:
        """Is it taken for another class at the end, or for the target where there is one?"""
        return bool(_fooled(self.probabilities[-1:], self.source, self.target)[0])

    @property
    def first(self) -> int | None:
        """The first step after which the network is fooled, None where it never is."""
        fooled = np.flatnonzero(_fooled(self.probabilities, self.source, self.target))
        return int(fooled[0]) if len(fooled) else None

    @property
    def change(self) -> float:
        """How long the whole change is, in the attack's norm."""
        return float(_length((self.images[-1] - self.images[0])[None], self.norm)[0])


def attack(
    network: Network,
    pixels: np.ndarray,
    *,
    target: int | None = None,
    norm: str = "L-infinity",
    budget: float | None = None,
    steps: int = STEPS,
) -> Attack:
    """Return an attack on one image. steps: 1 for FGSM, more for projected gradient descent.

    pixels: float32 [28, 28] or [height, width, 3], 0..1. target: an output of the network. Raises ValueError.
    """
    budget = BUDGETS[norm] if budget is None else budget
    (outputs,) = architectures.describe(network.layers, datasets.shape_of(network))[-1][0]
    if target is not None and not 0 <= target < outputs:
        raise ValueError(f"The target is {target}; accepted are 0 to {outputs - 1}.")
    images, probabilities = _climb(network, pixels[None], target, norm, np.array([budget]), steps)
    source = int(probabilities[0, 0].argmax())
    return Attack(norm, budget, images[:, 0], probabilities[:, 0], source, target)


def smallest(
    network: Network, pixels: np.ndarray, *, target: int | None = None, norm: str = "L-infinity"
) -> Attack | None:
    """Return the attack with the smallest of some budgets that fools the network; None where none does.

    Each is a multiple of 1 / PARTS of the largest. With a little more an attack may fail again, as its steps
    are others; so may it by itself, where rounding turns the sign of a slope that is nearly 0.
    """
    budgets = MOST[norm] * _TRIED
    _, probabilities = _climb(network, pixels[None].repeat(len(budgets), 0), target, norm, budgets, STEPS)
    source = int(probabilities[0, 0].argmax())
    for n in np.flatnonzero(_fooled(probabilities[-1], source, target)):
        found = attack(network, pixels, target=target, norm=norm, budget=float(budgets[n]))
        if found.fools:
            return found
    return None


def _climb(
    network: Network, pixels: np.ndarray, target: int | None, norm: str, budgets: np.ndarray, steps: int
) -> tuple[np.ndarray, np.ndarray]:
    """(float32 [1 + steps, n, ...] images, float [1 + steps, n, outputs] probabilities), n budgets at once."""
    x = start = pixels.astype(np.float32)
    wide = (-1, *[1] * (x.ndim - 1))
    budget = budgets.astype(np.float32).reshape(wide)
    stride = budget if steps == 1 else 2.5 * budget / steps
    images, probabilities, source = [x], [], None
    for step in range(steps + 1):
        values = backprop.forward(network, x)
        logits = list(values.values())[-1]
        probabilities.append(softmax(logits.astype(float)))
        if source is None:
            source = int(logits[0].argmax())
        if step == steps:
            break
        slope = backprop.backward(network, values, _aim(logits, source, target))["input"].reshape(x.shape)
        x = np.clip(_within(x + stride * _direction(slope, norm) - start, norm, budget) + start, 0, 1)
        images.append(x)
    return np.stack(images), np.stack(probabilities)


def _fooled(probabilities: np.ndarray, source: int, target: int | None) -> np.ndarray:
    """float [n, outputs] -> bool [n]."""
    read = probabilities.argmax(1)
    if target is not None:
        return read == target
    return (read != source) & (read < architectures.class_count(probabilities.shape[1]))


def _aim(logits: np.ndarray, source: int, target: int | None) -> np.ndarray:
    """What is to rise: the logit of the target, or of the class that comes next, over the highest other one.

    Unlike the cross-entropy's, its slope does not vanish where the network is sure. (Carlini and Wagner, 2017.)
    """
    rows, rivals = np.arange(len(logits)), logits.copy()
    rivals[:, [source, *range(architectures.class_count(logits.shape[1]), logits.shape[1])]] = -np.inf
    this = rivals.argmax(1) if target is None else np.full(len(logits), target)
    others = logits.copy()
    others[rows, this] = -np.inf
    margin = np.zeros_like(logits)
    margin[rows, this] = 1
    margin[rows, others.argmax(1)] -= 1
    return margin


def _direction(slope: np.ndarray, norm: str) -> np.ndarray:
    """The longest step uphill that has the length 1."""
    if norm == "L-infinity":
        return np.sign(slope)
    length = _length(slope, norm).reshape(-1, *[1] * (slope.ndim - 1))
    return slope / np.maximum(length, 1e-12).astype(slope.dtype)


def _within(change: np.ndarray, norm: str, budget: np.ndarray) -> np.ndarray:
    """The nearest change that is no longer than the budget."""
    if norm == "L-infinity":
        return np.clip(change, -budget, budget)
    length = _length(change, norm).reshape(budget.shape)
    return change * np.minimum(1, budget / np.maximum(length, 1e-12)).astype(change.dtype)


def _length(change: np.ndarray, norm: str) -> np.ndarray:
    flat = np.abs(change.reshape(len(change), -1).astype(float))
    return flat.max(1) if norm == "L-infinity" else np.sqrt((flat * flat).sum(1))
