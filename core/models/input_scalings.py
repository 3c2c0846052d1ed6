"""On what pixels a network was trained, where its file does not say: measured, and worked into its first layer.

Networks get 0..1 here, 0 = paper, 1 = ink. One that was trained on others reads badly, though nothing is wrong
with it, until its pixels are made what they were: each times a factor, plus an offset.

    >>> fitting({"0 to 1": Fit(0.086, 9.1), "inverted": Fit(0.928, 0.3), "-1 to 1": Fit(0.1, 5.0)})
    'inverted'

Called by `core.commands.evaluate`, `core.worker.run_results` and `ui.sections.run_panel`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.special import logsumexp

from core.nn import architectures, graph
from core.nn.architectures import (
    BatchNormalization,
    Conv2D,
    Dense,
    Layer,
    MaxPooling2D,
    PReLU,
    Shape,
)

SAMPLE_SIZE = 500  # that are read with each scaling
BETTER = 0.05  # accuracy by which another scaling has to read better
MIN_ACCURACY = 0.5  # accuracy from which a network can be said to read at all


@dataclass(frozen=True)
class Scaling:
    """words: the pixels, such as 'from 0 to 255'. What is read is factor * x + offset, of x = 0..1.

    factor, offset: one number for all channels, or one for each.
    """

    words: str
    factor: tuple[float, ...]
    offset: tuple[float, ...]


class Fit(NamedTuple):
    """How a network reads images that are scaled in one way: share right, mean loss in nats."""

    accuracy: float
    loss: float


PLAIN = "0 to 1"


def _standardised(means: tuple[float, ...], deviations: tuple[float, ...]) -> Scaling:
    pairs = tuple(zip(means, deviations, strict=True))
    factor, offset = tuple(1 / d for _, d in pairs), tuple(-m / d for m, d in pairs)
    return Scaling("less their mean and divided by their deviation", factor, offset)


def _usual(ink: str, paper: str, means: tuple[float, ...], deviations: tuple[float, ...]) -> dict[str, Scaling]:
    """The scalings that are usual for images whose 0 and 1 are called so."""
    return {
        PLAIN: Scaling(f"from 0 ({paper}) to 1 ({ink})", (1.0,), (0.0,)),
        "0 to 255": Scaling(f"from 0 ({paper}) to 255 ({ink})", (255.0,), (0.0,)),
        "inverted": Scaling(f"from 0 ({ink}) to 1 ({paper})", (-1.0,), (1.0,)),
        "inverted, 0 to 255": Scaling(f"from 0 ({ink}) to 255 ({paper})", (-255.0,), (255.0,)),
        "-1 to 1": Scaling(f"from -1 ({paper}) to 1 ({ink})", (2.0,), (-1.0,)),
        "inverted, -1 to 1": Scaling(f"from -1 ({ink}) to 1 ({paper})", (-2.0,), (1.0,)),
        "standardised": _standardised(means, deviations),
    }


# Those that are usual, by the channels of the image: MNIST's and CIFAR-10's means and deviations.
SCALINGS: dict[int, dict[str, Scaling]] = {
    1: _usual("ink", "paper", (0.1307,), (0.3081,)),
    3: _usual("bright", "dark", (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)),
}


def measure(
    logits: Callable[[np.ndarray], np.ndarray], images: np.ndarray, labels: np.ndarray
) -> dict[str, Fit]:
    """Return how a network reads labelled images with each usual scaling.

    logits: float32 [n, h, w] or [n, h, w, c] -> float [n, 10]. images: uint8, of which SAMPLE_SIZE are read.
    """
    chosen = np.random.default_rng(0).permutation(len(images))[:SAMPLE_SIZE]
    x, y = images[chosen].astype(np.float32) / 255, labels[chosen]
    channels = 1 if x.ndim == 3 else x.shape[-1]
    found = {}
    for name, scaling in SCALINGS[channels].items():
        answers = logits(apply(scaling, x)).astype(float)
        losses = logsumexp(answers, axis=1) - answers[np.arange(len(y)), y]
        found[name] = Fit(float((answers.argmax(1) == y).mean()), float(losses.mean()))
    return found


def apply(scaling: Scaling, x: np.ndarray) -> np.ndarray:
    """float32 [...] or [..., c], 0..1 -> the same shape, as a network was given it that was trained so."""
    return (x * np.array(scaling.factor) + np.array(scaling.offset)).astype(np.float32)


def fitting(found: Mapping[str, Fit]) -> str:
    """Return the scaling that a network was trained with: PLAIN unless another reads clearly better.

    Of those that read about as well it is the one with the least loss: networks of ReLUs hardly mind a factor,
    but are far too sure of what they read where it is too large.
    """
    enough = max(
        MIN_ACCURACY, found[PLAIN].accuracy + BETTER, max(fit.accuracy for fit in found.values()) - BETTER
    )
    able = [name for name, fit in found.items() if fit.accuracy >= enough]
    return min(able, key=lambda name: found[name].loss, default=PLAIN)


def sentence(found: Mapping[str, Fit], shape: Shape, noun: str) -> str:
    """Return what is to be said of a network that was trained on other pixels, or ''.

    noun: what it reads, 'digits' or 'images'.
    """
    usual, name = SCALINGS[shape[-1]], fitting(found)
    limit = max(fit.accuracy for fit in found.values())
    if name != PLAIN:
        return (
            f"It seems to have been trained on other pixels. Here they go {usual[PLAIN].words}, and it reads "
            f"{found[PLAIN].accuracy:.1%} of {SAMPLE_SIZE} test {noun}; {usual[name].words} it reads "
            f"{found[name].accuracy:.1%}."
        )
    if limit < MIN_ACCURACY:
        return (
            f"It reads {found[PLAIN].accuracy:.1%} of {SAMPLE_SIZE} test {noun}, and at most {limit:.1%} with "
            "any usual scaling of their pixels: it may have learnt something else."
        )
    return ""


def can_fold(layers: Sequence[Layer], scaling: Scaling) -> bool:
    """Can a scaling be worked into these layers' weights so that nothing else changes?"""
    return bool(_taking_it_in(layers, scaling))


def fold(
    layers: Sequence[Layer], weights: dict[str, np.ndarray], shape: Shape, scaling: Scaling
) -> dict[str, np.ndarray]:
    """Return weights that make of 0..1 what the given ones make of the scaled pixels.

    weights: as in `Network`. Raises ValueError where `can_fold` says no.
    """
    places = _taking_it_in(layers, scaling)
    if not places:
        raise ValueError("these layers cannot take in such a scaling")
    folded, given = dict(weights), architectures.inputs(layers, shape)
    for place in places:
        # After Flatten the channels still take turns, so their numbers repeat.
        factor, offset = (np.resize(values, given[place][-1]) for values in (scaling.factor, scaling.offset))
        name = architectures.names(layers)[place]
        if isinstance(layers[place], BatchNormalization):
            folded[f"{name}/gamma"] = weights[f"{name}/gamma"] * factor
            folded[f"{name}/moving_mean"] = (weights[f"{name}/moving_mean"] - offset) / factor
        else:
            kernel = weights[f"{name}/kernel"].astype(float)  # inputs are its last axis but one
            folded[f"{name}/kernel"] = kernel * factor[:, None]
            added = (kernel * offset[:, None]).reshape(-1, kernel.shape[-1]).sum(0)
            folded[f"{name}/bias"] = weights[f"{name}/bias"] + added
    return {name: array.astype(np.float32) for name, array in folded.items()}


def of(fits: np.ndarray, shape: Shape) -> Scaling | None:
    """Return what fits better than PLAIN, or None. fits: float [n, 2], what `measure` found, in its order."""
    usual = SCALINGS[shape[-1]]
    if fits.shape != (len(usual), 2):  # told by a version that knew others
        return None
    name = fitting({name: Fit(*map(float, fit)) for name, fit in zip(usual, fits, strict=True)})
    return None if name == PLAIN else usual[name]


def _taking_it_in(layers: Sequence[Layer], scaling: Scaling) -> list[int]:
    """The places of the first layers with weights, where a scaling of the image is one of what they get.

    One on each way from the image; none where some way has no such layer.
    """
    scaled, places = {graph.IMAGE}, []
    for place, (layer, read) in enumerate(zip(layers, graph.sources(layers), strict=True)):
        if scaled.isdisjoint(read):
            continue
        if isinstance(layer, Dense | BatchNormalization) or _takes_in(layer, scaling):
            places.append(place)
        elif len(read) == 1 and _hands_on(layer, scaling):
            scaled.add(place)
        else:
            return []
    return places


def _takes_in(layer: Layer, scaling: Scaling) -> bool:
    """Is it a convolution that does not put zeros around, which are not scaled?"""
    around = isinstance(layer, Conv2D) and layer.padding == "same" and layer.kernel > 1
    return isinstance(layer, Conv2D) and not (around and any(scaling.offset))


def _hands_on(layer: Layer, scaling: Scaling) -> bool:
    """Is of a scaled image what it gives scaled in the same way?"""
    if isinstance(layer, MaxPooling2D):
        return min(scaling.factor) > 0  # else the largest would become the least
    return not isinstance(layer, Conv2D | PReLU) and getattr(layer, "activation", "linear") == "linear"
