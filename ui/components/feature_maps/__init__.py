"""All layers of a network as images, and how each of their numbers was made: one component.

Each layer's maps travel as one grey PNG; the browser colours them, cuts them out, and outlines what a number
sees. What somebody has chosen comes back as `view`; only then are the numbers of that map sent.
"""

import math
from collections.abc import Sequence
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from core.data import datasets
from core.models.classifiers import Classifier
from core.nn import architectures, top_activations, unit_trace
from core.nn.activations import softmax
from core.nn.architectures import (
    Activation,
    Conv2D,
    Dropout,
    Flatten,
    Layer,
    Shape,
)
from core.nn.weights import of_layer
from core.records import ColourImage, DigitImage
from core.words import dimensions
from ui.components import gallery, term_notes
from ui.components.feature_maps import chosen_map, image_data, views
from ui.components.feature_maps.sums import json_number, titled
from ui.components.feature_maps.views import View
from ui.figures import network_diagram
from ui.state import keys

HERE = Path(__file__).parent

AT_ONCE = 150_000  # numbers that are sent without being asked for
NO_MAPS = (
    "This network has no convolutions, so it makes no maps: each unit weighs all numbers before it at once. "
    "Tap or click a unit to see its weights as a picture, and its sum."
)

_component = st.components.v2.component(
    "digit_lab_maps",
    html='<div class="net"></div>',
    css=(HERE / "feature_maps.css").read_text(encoding="utf-8") + term_notes.LINKS,
    js=term_notes.bundled(HERE / "feature_maps.js"),
)


def network_maps(classifier: Classifier, image: DigitImage | ColourImage) -> None:
    """Show what each layer of the network made of this image."""
    view = views.viewed(classifier.network.layers, classifier.shape)
    _component(
        key=keys.MAPS,
        data=data(classifier, image, view) | {"begin": begin(view)},
        on_view_change=lambda: None,
        on_look_change=lambda: look(datasets.kind(classifier.network.data).test),
        on_poll_change=lambda: None,
    )


def begin(view: View) -> list[int] | None:
    """Return the layer and map that a link opens, until something is looked at: [layer, map], or None."""
    if view.layer is not None:
        st.session_state.pop(keys.INSIDE_BEGIN, None)
    opened = st.session_state.get(keys.INSIDE_BEGIN)
    return [n - 1 for n in opened] if opened else None


def has_maps(classifier: Classifier) -> bool:
    """Does any layer of this network make images?"""
    return any(isinstance(layer, Conv2D) for layer in classifier.network.layers)


def looked_for() -> int | None:
    """Return the number of the test image that was clicked on, here or elsewhere, once."""
    numbers = [st.session_state.pop(key, None) for key in (keys.MAPS_CLICKED, keys.INSIDE_CLICKED)]
    return next((number for number in numbers if number is not None), None)


def data(
    classifier: Classifier,
    image: DigitImage | ColourImage,
    view: View,
    activations: dict[str, np.ndarray] | None = None,
    at_once: int | None = None,
) -> dict[str, Any]:
    """Return what the component is given.

    activations: of this image, where they are known. at_once: how many numbers are sent unasked, by default
    AT_ONCE.
    """
    layers, names = classifier.network.layers, class_labels(classifier)
    activations = activations or classifier.activations(image)
    seen = unit_trace.receptive_fields(layers, classifier.shape)
    described = architectures.describe(layers, classifier.shape)
    sizes = [
        0 if unit_trace.is_copy(layer) else prod(shape)
        for layer, (shape, _) in zip(layers, described, strict=True)
    ]
    shown = top_activations.opened(sizes, AT_ONCE if at_once is None else at_once)
    rows, given = [], architectures.inputs(layers, classifier.shape)
    for number, (name, values) in enumerate(activations.items()):
        before, (after, count) = given[number], described[number]
        row = _about(layers, number, before, after, count, names if number == len(layers) - 1 else None)
        if unit_trace.is_copy(layers[number]):
            row["thin"] = True
        elif shown[number] or number in view.opened or number == view.layer:
            row |= image_data.sprite(values)
            row["kernels"] = _first_kernels(classifier, number, name, before)
        row["receptiveField"] = _receptive_field(seen[number], layers[number])
        rows.append(row)
    logits = activations[architectures.names(layers)[-1]]
    return {
        "network": classifier.network.name,
        "noun": classifier.kind.noun,
        "tested": datasets.kind(classifier.kind.tested_on).test,
        "input": image_data.image(image.pixels),
        "layers": rows,
        "softmax": [[label, json_number(p)] for label, p in zip(names, softmax(logits), strict=True)],
        "chosen": None if view.layer is None else chosen_map.data(classifier, image, activations, view),
    }


def look(count: int, key: str = keys.MAPS) -> None:
    """Keep which of so many test images was clicked on in the component of that key, for `looked_for`."""
    number = st.session_state[key].get("look")
    if isinstance(number, int | float) and 0 <= number < count:
        st.session_state[keys.MAPS_CLICKED] = int(number)


def _about(
    layers: Sequence[Layer], number: int, before: Shape, after: Shape, count: int, labels: Sequence[str] | None
) -> dict[str, Any]:
    """A layer in words: what it is, and what it does with what it is given.

    labels: what the last layer's units stand for.
    """
    layer = layers[number]
    look = network_diagram.LOOKS[layer.kind]
    further = look.label(layer)[1:]
    further = [word.replace("same", "zeros around the edge") for word in further if word not in ("", "linear")]
    if labels:
        further = [word for word in further if word != "softmax"]
    further += _reads(layers, number)
    return {
        "title": titled(layers, number),
        "about": ", ".join([look.about(layer, before), *further]),
        "shape": dimensions(after),
        "parameters": count,
        "what": "map" if len(after) == 3 else "unit",
        "sentence": _sentence(layer, before),
        "labels": labels,
        "count": after[-1],
    }


def _reads(layers: Sequence[Layer], number: int) -> list[str]:
    """Which layers this one is given the output of, where it is not just the one before; in words, or none."""
    if not layers[number].inputs:
        return []
    read = ["the picture" if at < 0 else titled(layers, at) for at in layers[number].inputs]
    return [f"of {', '.join(read[:-1])} and {read[-1]}" if len(read) > 1 else f"reads {read[0]}"]


def _sentence(layer: Layer, before: Shape) -> str:
    """What a layer that shows nothing of its own does."""
    match layer:
        case Flatten():
            rows = (
                f"The {' x '.join(map(str, before))} numbers are written one after the other; none is changed."
            )
            return rows
        case Dropout():
            return f"Sets {100 * layer.rate:g}% of the numbers to 0 while training; does nothing when reading."
        case Activation():
            return "Hands on every number as it is."
    return ""


def class_labels(classifier: Classifier) -> list[str]:
    """Return what the last layer's units stand for."""
    if classifier.labels:
        return list(classifier.labels)
    (count,) = architectures.describe(classifier.network.layers, classifier.shape)[-1][0]
    kind = datasets.KINDS[classifier.network.data]
    names = datasets.OR_NONE if kind.of_digits else kind.names
    return list(names[:count])


def _receptive_field(field: unit_trace.ReceptiveField | None, layer: Layer) -> dict[str, Any] | None:
    if field is None:
        return None
    return {"rows": field.rows, "columns": field.columns, "size": field.size, "jump": field.jump}


def _first_kernels(classifier: Classifier, number: int, name: str, before: Shape) -> dict[str, Any] | None:
    """The kernels that look at the image itself: one for each map, in colour where the image is."""
    layer = classifier.network.layers[number]
    if not isinstance(layer, Conv2D) or not unit_trace.is_of_pixels(classifier.network.layers, number):
        return None
    kernel = of_layer(classifier.network.weights, name)["kernel"]
    if before[-1] == 1:
        return image_data.sprite(kernel[:, :, 0])
    if not np.isfinite(kernel).all():
        return None
    limit = float(np.abs(kernel).max()) or 1.0
    shown = np.rint(127.5 + 127.5 * kernel / limit).astype(np.uint8).transpose(3, 0, 1, 2)
    columns = math.ceil(len(shown) ** 0.5)
    limits = f"{image_data.short(-limit)} … {image_data.short(limit)}"
    sheet = image_data.coloured(gallery.sheet(shown, columns), columns, len(shown), shown.shape[1:])
    return sheet | {"scale": f"grey where it is 0, redder where it weighs red more, {limits}"}
