"""All layers of a network as pictures, and how each of their numbers was made: one component.

Each layer's maps travel as one grey PNG; the browser colours them, cuts them out, and outlines what a number
sees. What somebody has chosen comes back as `view`; only then are the numbers of that map sent.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from core.data import datasets
from core.io.bundle import bundle
from core.models.classifiers import Classifier
from core.nn import architectures, sprites, top_activations, unit_trace
from core.nn.activations import softmax
from core.nn.architectures import (
    Activation,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Layer,
    Shape,
)
from core.nn.top_activations import Search
from core.nn.weights import of_layer
from core.records import ColourImage, DigitImage
from ui.components import gallery
from ui.components.feature_maps.sums import explanation, json_number, titled
from ui.figures import network_diagram
from ui.state import keys
from ui.widgets import thumbnails

HERE = Path(__file__).parent

AT_ONCE = 150_000  # numbers that are sent without being asked for
NO_MAPS = (
    "This network has no convolutions, so it makes no maps: each unit weighs all numbers before it at once. "
    "Tap or click a unit to see its weights as a picture, and its sum."
)
_SEARCHES = 20  # networks whose strongest digits are kept: 9 numbers for each map

_component = st.components.v2.component(
    "digit_lab_maps",
    html='<div class="net"></div>',
    css=(HERE / "feature_maps.css").read_text(),
    js=bundle(HERE / "feature_maps.js"),
)


@dataclass(frozen=True)
class View:
    """What somebody looks at: a layer and one of its maps or units, and the number in it.

    at: row and column; None for the largest. opened: folded layers that were opened. top_activations: are the
    test digits wanted that excite the map most?
    """

    layer: int | None = None
    map: int = 0
    at: tuple[int, int] | None = None
    opened: tuple[int, ...] = ()
    top_activations: bool = False


def network_maps(classifier: Classifier, image: DigitImage | ColourImage) -> None:
    """Show what each layer of the network made of this picture."""
    view = viewed(classifier.network.layers, classifier.shape)
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
    """Does any layer of this network make pictures?"""
    return any(isinstance(layer, Conv2D) for layer in classifier.network.layers)


def looked_for() -> int | None:
    """Return the number of the test picture that was clicked on, here or elsewhere, once."""
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

    activations: of this picture, where they are known. at_once: how many numbers are sent unasked, by default
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
            row |= sprite(values)
            row["kernels"] = _first_kernels(classifier, number, name, before)
        row["receptiveField"] = _receptive_field(seen[number], layers[number])
        rows.append(row)
    logits = activations[architectures.names(layers)[-1]]
    return {
        "network": classifier.network.name,
        "noun": classifier.kind.noun,
        "tested": datasets.kind(classifier.kind.tested_on).test,
        "input": _picture(image.pixels),
        "layers": rows,
        "softmax": [[label, json_number(p)] for label, p in zip(names, softmax(logits), strict=True)],
        "chosen": None if view.layer is None else _chosen(classifier, image, activations, view),
    }


def viewed(layers: tuple[Layer, ...], image: Shape = architectures.MNIST_SHAPE, key: str = keys.MAPS) -> View:
    """Return what the browser says is looked at, as far as this network has it. key: of the component."""
    said = (st.session_state.get(key) or {}).get("view")
    said = said if isinstance(said, Mapping) else {}
    shapes = [shape for shape, _ in architectures.describe(layers, image)]
    opened = tuple(n for n in _whole(said.get("opened")) if n < len(layers))
    view = View(opened=opened, top_activations=bool(said.get("topActivations")))
    position = _whole([said.get("layer"), said.get("map")])
    if len(position) < 2 or position[0] >= len(layers) or position[1] >= shapes[position[0]][-1]:
        return view
    if unit_trace.is_copy(layers[position[0]]):
        return view
    at = _whole(said.get("at"))
    shape = shapes[position[0]]
    inner = len(shape) == 3 and len(at) == 2 and at[0] < shape[0] and at[1] < shape[1]
    return View(position[0], position[1], (at[0], at[1]) if inner else None, opened, view.top_activations)


def _whole(items: Any) -> list[int]:
    """The whole numbers from 0 on in a list that comes from outside."""
    found = items if isinstance(items, Sequence) and not isinstance(items, str) else []
    return [int(n) for n in found if isinstance(n, int | float) and math.isfinite(n) and n >= 0]


def look(count: int, key: str = keys.MAPS) -> None:
    """Keep which of so many test pictures was clicked on in the component of that key, for `looked_for`."""
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
        "shape": " x ".join(map(str, after)),
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


def _picture(pixels: np.ndarray) -> dict[str, Any]:
    """The picture that is looked at: grey as a map of its own, in colour as it is."""
    if pixels.ndim == 2:
        return sprite(pixels[..., None])
    return _coloured(thumbnails.colour_url(pixels), 1, 1, pixels.shape)


def _coloured(url: str, columns: int, count: int, shape: tuple[int, ...]) -> dict[str, Any]:
    """Pictures of that shape side by side, which the browser shows in the colours they have."""
    return {
        "sprite": url,
        "columns": columns,
        "count": count,
        "height": shape[0],
        "width": shape[1],
        "colour": True,
        "signed": False,
    }


def sprite(values: np.ndarray, only: Sequence[int] | None = None) -> dict[str, Any]:
    """Return a layer's maps, all or only some of them, as one picture, its size and its scale."""
    made = sprites.sprite(values, only)
    height, width = values.shape[:2] if values.ndim == 3 else (1, 1)
    broken = int((~np.isfinite(values)).sum())
    scale = f"{short(made.low)} … {short(made.high)}"
    if made.high == 0:
        scale = "none is a number" if broken == values.size else "all others are 0" if broken else "all are 0"
    return {
        "sprite": thumbnails.png_url(sprites.png(made.codes)),
        "columns": made.columns,
        "count": made.count,
        "height": height,
        "width": width,
        "signed": made.low < 0,
        "scale": scale,
        "high": made.high,
        "broken": broken,
    }


def _receptive_field(field: unit_trace.ReceptiveField | None, layer: Layer) -> dict[str, Any] | None:
    if field is None:
        return None
    return {"rows": field.rows, "columns": field.columns, "size": field.size, "jump": field.jump}


def _first_kernels(classifier: Classifier, number: int, name: str, before: Shape) -> dict[str, Any] | None:
    """The kernels that look at the picture itself: one for each map, in colour where the picture is."""
    layer = classifier.network.layers[number]
    if not isinstance(layer, Conv2D) or not unit_trace.is_of_pixels(classifier.network.layers, number):
        return None
    kernel = of_layer(classifier.network.weights, name)["kernel"]
    if before[-1] == 1:
        return sprite(kernel[:, :, 0])
    if not np.isfinite(kernel).all():
        return None
    limit = float(np.abs(kernel).max()) or 1.0
    shown = np.rint(127.5 + 127.5 * kernel / limit).astype(np.uint8).transpose(3, 0, 1, 2)
    columns = math.ceil(len(shown) ** 0.5)
    scale = f"grey where it is 0, redder where it weighs red more, {short(-limit)} … {short(limit)}"
    return _coloured(gallery.sheet(shown, columns), columns, len(shown), shown.shape[1:]) | {"scale": scale}


def _chosen(
    classifier: Classifier, image: DigitImage | ColourImage, activations: dict[str, np.ndarray], view: View
) -> dict[str, Any]:
    """One map in full: its numbers, how the chosen one was made, its weights, its strongest digits."""
    assert view.layer is not None
    layers = classifier.network.layers
    name = architectures.names(layers)[view.layer]
    values = activations[name][..., view.map]
    at: tuple[int, ...] = ()
    if values.ndim:
        largest = np.unravel_index(np.argmax(np.where(np.isnan(values), -np.inf, values)), values.shape)
        at = view.at or tuple(int(n) for n in largest)
    explained = unit_trace.explain(classifier.network, image.pixels, activations, view.layer, (*at, view.map))
    return {
        "layer": view.layer,
        "map": view.map,
        "asked": view.at,
        "at": at or None,
        "values": [[json_number(v) for v in row] for row in np.atleast_2d(values)],
        "sum": explanation(explained, layers, view.layer, classifier.shape),
        "weights": _weights(classifier, view),
        "topActivations": _top_activations(classifier, view) if view.top_activations else None,
        "absent": _absent(classifier),
        "seconds": "10 to 60 seconds, once for each network",
    }


def _absent(classifier: Classifier) -> str:
    """Why no test pictures can be looked for; '' where they can."""
    data = classifier.kind.tested_on
    if datasets.has(data):
        return ""
    return f"The test pictures that excite it most cannot be looked for. {datasets.absent(data)}"


def _weights(classifier: Classifier, view: View) -> dict[str, Any] | None:
    """What the chosen map or unit multiplies its input by: one picture for each map of the layer before."""
    assert view.layer is not None
    layers = classifier.network.layers
    layer, name = layers[view.layer], architectures.names(layers)[view.layer]
    maps = "input map"
    if classifier.shape[-1] == 3 and unit_trace.is_of_pixels(layers, view.layer):
        maps = "of red, green and blue"
    if isinstance(layer, Conv2D):
        kernel = of_layer(classifier.network.weights, name)["kernel"][..., view.map]
        return sprite(kernel) | {"what": "kernel", "unit": maps}
    if not isinstance(layer, Dense):
        return None
    weights = of_layer(classifier.network.weights, name)["kernel"][:, view.map]
    if (flat := unit_trace.flattened(layers, view.layer)) is not None:
        shape = architectures.inputs(layers, classifier.shape)[flat]
        if len(shape) == 3:
            return sprite(weights.reshape(shape)) | {"what": "weights", "unit": maps}
    return sprite(weights) | {"what": "weights", "unit": "input unit"}


def _top_activations(classifier: Classifier, view: View) -> dict[str, Any]:
    """The test pictures that excite the chosen map most, or how far the search for them is."""
    assert view.layer is not None
    layers, kind = classifier.network.layers, datasets.KINDS[classifier.network.data]
    try:
        data, search = datasets.load(classifier.network.data), _search(classifier)
    except datasets.NoData as error:
        return {"failed": str(error)}
    if search.failed:
        return {"failed": f"The test {kind.noun} could not be read: {search.failed}"}
    name = architectures.names(layers)[view.layer]
    found = search.of(name)
    if found is None:
        return {"done": search.done, "total": search.total}
    shape = architectures.describe(layers, classifier.shape)[view.layer][0]
    field = unit_trace.receptive_fields(layers, classifier.shape)[view.layer]
    labels = data.y_test.tolist() if kind.of_digits else [kind.classes[n] for n in data.y_test]
    digits, images = [], []
    for value, image, position in zip(
        *(array[:, view.map].tolist() for array in (found.values, found.images, found.positions)), strict=True
    ):
        if image < 0 or not math.isfinite(value) or value == 0:  # what stays at 0 is not excited
            continue
        box = None
        if field:
            row, column = divmod(position, shape[1])
            box = [*field.rows[row], *field.columns[column]]
        digits.append(
            {
                "number": image,
                "label": labels[image],
                "value": short(value),
                "box": box,
            }
        )
        images.append(data.x_test[image])
    if not digits:
        return {"digits": []}
    if classifier.shape[-1] == 3:
        sheet = gallery.sheet(np.stack(images), len(images))
        return {"digits": digits} | _coloured(sheet, len(images), len(images), classifier.shape)
    return {"digits": digits} | sprite(np.stack(images, -1) / np.float32(255))


@lru_cache(_SEARCHES)
def _search(classifier: Classifier) -> Search:
    layers = classifier.network.layers
    described = architectures.describe(layers, classifier.shape)
    sizes = {
        name: prod(shape)
        for name, layer, (shape, _) in zip(architectures.names(layers), layers, described, strict=True)
        if not unit_trace.is_copy(layer)
    }
    return Search(classifier.activations_many, sizes, datasets.load(classifier.network.data).x_test)


def short(number: float) -> str:
    """Three significant digits, without an exponent where that is short enough."""
    return f"{number:.3g}".replace("-", "−") if math.isfinite(number) else "not a number"
