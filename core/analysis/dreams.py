"""What a network dreams: an image that makes one of its classes, or one of its maps, answer as high as it can.

It is grown from faint noise, up the slope of the answer with the image. Left alone that ends in noise that no
eye understands, so each of REGULARISERS holds it back in its way. (Erhan and others, Visualizing higher-layer
features of a deep network, 2009; Yosinski and others, Understanding neural networks through deep visualization,
2015.)

Called by `ui.sections.fool_dream` and `ui.state.link_parts`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

from core.data import datasets
from core.nn import architectures, backprop
from core.nn.activations import softmax
from core.records import Network

STEPS = 100
SHOWN = 30  # images on the way
_STRIDE, _LAST_STRIDE = 1.5, 0.4  # lengths of the first and last step, in L2

# name: (what it does, on the page; what it makes of an image after each step). float32 [h, w, c] each.
REGULARISERS: dict[str, tuple[str, Callable[[np.ndarray, np.random.Generator], np.ndarray]]] = {
    "L2 decay": ("every number fades a little", lambda x, rng: x * 0.99),
    "Blur": ("neighbours become more alike", lambda x, rng: gaussian_filter(x, (0.4, 0.4, 0))),
    "Jitter": (
        "it is shifted by a pixel, so that the place does not matter",
        lambda x, rng: np.roll(x, rng.integers(-1, 2, 2), (0, 1)),
    ),
    "Clip the faint": (
        "what is nearly paper becomes paper",
        lambda x, rng: np.where(x < 0.04, 0, x).astype(np.float32),
    ),
}


def units(network: Network) -> dict[str, int]:
    """Return the layers that can be excited, and of each its maps or units: all with weights but the last."""
    described = architectures.describe(network.layers, datasets.shape_of(network))
    named = zip(architectures.names(network.layers), network.layers, described, strict=True)
    kinds = architectures.Conv2D, architectures.Dense
    return dict([(name, shape[-1]) for name, layer, (shape, _) in named if isinstance(layer, kinds)][:-1])


@dataclass(frozen=True)
class Dream:
    """images: float32 [n, height, width] or [n, height, width, 3], 0..1, as it grew.

    answers: float [n], of what was asked for: a class's probability, or the mean of a map.
    """

    images: np.ndarray
    answers: np.ndarray


def grow(
    network: Network,
    *,
    layer: str = "",
    unit: int,
    regularisers: tuple[str, ...] = tuple(REGULARISERS),
    steps: int = STEPS,
    seed: int = 0,
) -> Dream:
    """Return an image that excites a class, or a unit or map of a layer.

    layer: a name of `architectures.names`; '' for the classes. unit: the class, the map or the unit.
    regularisers: keys of REGULARISERS.
    """
    if layer and layer not in (known := architectures.names(network.layers)):
        raise ValueError(f"The network has no layer {layer!r}; it has {', '.join(known)}.")
    rng = np.random.default_rng(seed)
    shape = datasets.shape_of(network)
    paper = 0.1 if shape[-1] == 1 else 0.5
    x = (paper + rng.normal(0, 0.1, shape)).clip(0, 1).astype(np.float32)
    kept = set(np.linspace(0, steps, SHOWN).astype(int).tolist())
    images, answers = [], []
    for step in range(steps + 1):
        values = backprop.forward(network, x[None])
        asked = layer or list(values)[-1]
        last = values[asked]
        if step in kept:
            images.append(x[..., 0] if shape[-1] == 1 else x)
            answers.append(_answer(last[0], layer, unit))
        weighting = np.zeros_like(last)
        weighting[..., unit] = 1
        if not layer:  # over the others: alone, all logits may rise together
            weighting[0] -= softmax(last[0] - 50 * np.eye(len(last[0]), dtype=last.dtype)[unit])
        slope = backprop.backward(network, values, weighting, begin=asked)["input"][0]
        stride = _STRIDE + (_LAST_STRIDE - _STRIDE) * step / steps
        x = x + stride * slope / max(float(np.sqrt((slope * slope).sum())), 1e-9)
        for name in regularisers:
            x = REGULARISERS[name][1](x, rng)
        x = x.clip(0, 1).astype(np.float32)
    return Dream(np.stack(images), np.array(answers))


def _answer(last: np.ndarray, layer: str, unit: int) -> float:
    return float(last[..., unit].mean() if layer else softmax(last.astype(float))[unit])
