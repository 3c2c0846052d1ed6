"""A network from left to right on one screen: what flows through it, from map to map, and how much.

Each layer that makes numbers of its own is a column of its strongest maps; what only hands on (Flatten,
Dropout) stands in the name of the next one. A map leads to the panel of ui/components/feature_maps, which shows
how its numbers were made; the data of the two are the same, and those of a map are sent when it is chosen.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from core.data import datasets
from core.models.classifiers import Classifier
from core.nn import architectures, contributions, graph, unit_trace
from core.nn.architectures import (
    Activation,
    Add,
    Average,
    AveragePooling2D,
    BatchNormalization,
    Concatenate,
    Conv2D,
    Dense,
    Layer,
    MaxPooling2D,
    PReLU,
    Shape,
)
from core.records import ColourImage, DigitImage
from ui.components import feature_maps, term_notes
from ui.components.feature_maps import image_data, views
from ui.components.feature_maps.views import View
from ui.figures import network_diagram
from ui.state import keys

HERE = Path(__file__).parent

FEW = {"map": 8, "unit": 12}  # of a layer that are shown unasked, the strongest
MANY = 256  # that are shown of one on demand
FEEDING = 12  # sources of a map that are named; of those that are shown, all
RUNS_OVER = 6  # input maps that the window of a chosen map can be watched on
FUNCTIONS = {
    "relu": "drops what is below 0",
    "sigmoid": "squeezes into 0 to 1",
    "tanh": "squeezes into −1 to 1",
    "softmax": "shares out 100%",
    "elu": "softens what is below 0",
    "leaky_relu": "weakens what is below 0",
    "gelu": "drops what is far below 0",
    "silu": "drops what is far below 0",
    "log": "takes the logarithm",
}

_component = st.components.v2.component(
    "digit_lab_flow",
    html='<div class="net flow"></div>',
    css="\n".join(
        (
            (Path(feature_maps.__file__).parent / "feature_maps.css").read_text(encoding="utf-8"),
            (HERE / "signal_flow.css").read_text(encoding="utf-8"),
            term_notes.LINKS,
        )
    ),
    js=term_notes.bundled(HERE / "signal_flow.js"),
)


def network_flow(classifier: Classifier, image: DigitImage | ColourImage, called: str) -> None:
    """Show how this image flows through the network. called: what the image is called, 'your drawing'."""
    view = views.viewed(classifier.network.layers, classifier.shape, keys.FLOW)
    _component(
        key=keys.FLOW,
        data=data(classifier, image, view, called) | {"begin": feature_maps.begin(view)},
        on_view_change=lambda: None,
        on_look_change=lambda: feature_maps.look(datasets.kind(classifier.network.data).test, keys.FLOW),
        on_poll_change=lambda: None,
    )


def data(
    classifier: Classifier, image: DigitImage | ColourImage, view: View, called: str = "your drawing"
) -> dict[str, Any]:
    """Return what the component is given: what feature_maps is, and 'flow' with columns and answers."""
    activations = classifier.activations(image)
    said = feature_maps.data(classifier, image, view, activations, at_once=0)
    return said | {
        "flow": {
            "called": called,
            "columns": _columns(classifier, image, activations, view),
            "answers": _answers(classifier, image),
            "sharing": classifier.classes,  # answers that share out 100%
            "run": _run(classifier, image, activations, view),
        }
    }


def _columns(
    classifier: Classifier, image: DigitImage | ColourImage, activations: dict[str, np.ndarray], view: View
) -> list[dict[str, Any]]:
    """Each layer that makes numbers of its own, from the first to the answers."""
    layers, network = classifier.network.layers, classifier.network
    last = max(n for n, layer in enumerate(layers) if not unit_trace.is_copy(layer))
    columns: list[dict[str, Any]] = []
    shown: dict[int, list[int]] = {-1: [0]}
    for number, values in enumerate(activations.values()):
        if unit_trace.is_copy(layers[number]):
            continue
        sources = contributions.all_feeding(layers, number, classifier.shape)
        kind = "map" if values.ndim == 3 else "unit"
        picked = _picked(values, FEW[kind], view, number, is_last=number == last)
        added = contributions.of_each(network, image.pixels, activations, number, picked)
        shown[number] = picked
        columns.append(
            {
                "layer": number,
                "plain": plain(layers, number, last, classifier.shape),
                "keras": _keras(layers, number),
                "maps": picked,
                "few": FEW[kind],
                "most": MANY,
                "largest": [image_data.short(_largest(values[..., m])) for m in picked],
                "feeds": _feeds(added, [shown[source.layer] for source in sources]),
                "sources": sum(source.maps for source in sources),
                "from": [source.layer for source in sources],
            }
            | ({} if number == last else image_data.sprite(values, picked))
        )
    return columns


def _picked(values: np.ndarray, few: int, view: View, number: int, *, is_last: bool) -> list[int]:
    """The maps of a column: the strongest, and one that is looked at; of the last layer all, in order."""
    if is_last:
        return list(range(values.shape[-1]))
    picked = contributions.strongest(values, MANY if number in view.opened else few)
    if number == view.layer and view.map not in picked:
        picked[-1] = view.map
    return picked


def _largest(values: np.ndarray) -> float:
    return float(np.where(np.isnan(values), -np.inf, values).max())


def _feeds(added: Sequence[np.ndarray], shown: Sequence[Sequence[int]]) -> list[list[list[float]]]:
    """For each map (source, its signed share), the largest first: all that are shown, and FEEDING more.

    Where several layers feed it there is a third number: which of them the source is of.
    """
    named = [(n, which) for which, one in enumerate(added) for n in range(one.shape[1])]
    found, wanted = [], [set(one) for one in shown]
    for row in contributions.fractions(np.concatenate(added, 1)):
        order = [int(n) for n in np.argsort(-np.abs(row), kind="stable") if row[n]]
        told = []
        for at, place in enumerate(order):
            n, which = named[place]
            if at < FEEDING or n in wanted[which]:
                told.append([n, round(float(row[place]), 4), *([which] if len(added) > 1 else [])])
        found.append(told)
    return found


def plain(layers: Sequence[Layer], number: int, last: int, shape: Shape) -> str:
    """Return what layer `number` does, in a pupil's words. last: the number of the layer that answers."""
    layer = layers[number]
    if number == last:
        return "answers"
    match layer:
        case Conv2D() if not unit_trace.is_of_pixels(layers, number):
            return "looks for patterns"
        case Conv2D():
            return "looks for strokes" if shape == architectures.MNIST_SHAPE else "looks for edges"
        case MaxPooling2D():
            return "keeps the strongest"
        case AveragePooling2D():
            return "takes the mean"
        case BatchNormalization():
            return "evens out"
        case PReLU():
            return FUNCTIONS["leaky_relu"]
        case Activation():
            leaks = architectures.leaky_slope(layer.activation) is not None
            return FUNCTIONS["leaky_relu" if leaks else layer.activation]
        case Dense():
            return "weighs up"
        case Add():
            return "adds up"
        case Average():
            return "takes the mean"
        case Concatenate():
            return "puts side by side"
    raise ValueError(f"{layer.kind} only hands on")


def _keras(layers: Sequence[Layer], number: int) -> list[str]:
    """The layer's name, after those before it that only hand on."""
    read, before = graph.sources(layers), [layers[number]]
    at = read[number][0]
    while at >= 0 and unit_trace.is_copy(layers[at]):
        before.insert(0, layers[at])
        at = read[at][0]
    return [network_diagram.called(layer) for layer in before]


def _answers(classifier: Classifier, image: DigitImage | ColourImage) -> list[list[Any]]:
    """[name, probability or None] for each output, as the answer beside the image says them."""
    prediction = classifier.predict(image)
    probabilities = [float(p) if np.isfinite(p) else None for p in prediction.probabilities]
    if classifier.has_reject_class:
        probabilities.append(None if prediction.is_digit is None else 1 - prediction.is_digit)
    names = feature_maps.class_labels(classifier)
    return [[name, probability] for name, probability in zip(names, probabilities, strict=True)]


def _run(
    classifier: Classifier, image: DigitImage | ColourImage, activations: dict[str, np.ndarray], view: View
) -> dict[str, Any] | None:
    """The chosen map's window, and the maps that it runs over, the largest addition first; or None."""
    layers, number = classifier.network.layers, view.layer
    if number is None or not isinstance(layers[number], Conv2D | MaxPooling2D | AveragePooling2D):
        return None
    before = unit_trace.given_to(layers, number, image.pixels, activations)[0]
    side, step, top, left = unit_trace.window_steps(layers[number], before.shape)
    run: dict[str, Any] = {"side": side, "step": step, "top": top, "left": left}
    source = contributions.feeding(layers, number, classifier.shape)
    if source.layer < 0:
        return run | {"maps": []}
    added = contributions.contributions(classifier.network, image.pixels, activations, number, [view.map])
    (fractions,) = contributions.fractions(added)
    order = [int(n) for n in np.argsort(-np.abs(fractions), kind="stable")[:RUNS_OVER] if fractions[n]] or [
        view.map
    ]
    order = [n for n in order if n < source.maps] or [0]
    return (
        run
        | {
            "maps": [[n, round(float(fractions[n]), 4)] for n in order],
            "layer": source.layer,
        }
        | image_data.sprite(before, order)
    )
