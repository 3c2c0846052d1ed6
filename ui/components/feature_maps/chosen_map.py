"""The map or unit that somebody has chosen: its numbers, how one was made, its weights, its strongest digits.

Called by `ui.components.feature_maps`.
"""

import math
from collections.abc import Iterator
from functools import lru_cache
from math import prod
from typing import Any

import numpy as np

from core.data import datasets
from core.models.classifiers import Classifier
from core.nn import architectures, unit_trace
from core.nn.architectures import Conv2D, Dense
from core.nn.top_activations import Search, TopActivations
from core.nn.weights import of_layer
from core.records import ColourImage, DigitImage
from ui.components import gallery
from ui.components.feature_maps import image_data
from ui.components.feature_maps.sums import explanation, json_number
from ui.components.feature_maps.views import View

_SEARCHES = 20  # networks whose strongest digits are kept: 9 numbers for each map


def data(
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
    """Why no test images can be looked for; '' where they can."""
    data = classifier.kind.tested_on
    if datasets.has(data):
        return ""
    return f"The test pictures that excite it most cannot be looked for. {datasets.absent(data)}"


def _weights(classifier: Classifier, view: View) -> dict[str, Any] | None:
    """What the chosen map or unit multiplies its input by: one image for each map of the layer before."""
    assert view.layer is not None
    layers = classifier.network.layers
    layer, name = layers[view.layer], architectures.names(layers)[view.layer]
    maps = "input map"
    if classifier.shape[-1] == 3 and unit_trace.is_of_pixels(layers, view.layer):
        maps = "of red, green and blue"
    if isinstance(layer, Conv2D):
        kernel = of_layer(classifier.network.weights, name)["kernel"][..., view.map]
        return image_data.sprite(kernel) | {"what": "kernel", "unit": maps}
    if not isinstance(layer, Dense):
        return None
    weights = of_layer(classifier.network.weights, name)["kernel"][:, view.map]
    if (flat := unit_trace.flattened(layers, view.layer)) is not None:
        shape = architectures.inputs(layers, classifier.shape)[flat]
        if len(shape) == 3:
            return image_data.sprite(weights.reshape(shape)) | {"what": "weights", "unit": maps}
    return image_data.sprite(weights) | {"what": "weights", "unit": "input unit"}


def _top_activations(classifier: Classifier, view: View) -> dict[str, Any]:
    """The test images that excite the chosen map most, or how far the search for them is."""
    assert view.layer is not None
    layers, kind = classifier.network.layers, datasets.KINDS[classifier.network.data]
    try:
        data = datasets.load(classifier.network.data)
        search = _search(classifier, datasets.version(classifier.network.data))
    except datasets.NoData as error:
        return {"failed": str(error)}
    if search.failed:
        return {"failed": f"The test {kind.noun} could not be read: {search.failed}"}
    name = architectures.names(layers)[view.layer]
    found = search.of(name)
    if found is None:
        return {"done": search.done, "total": search.total}
    labels = data.y_test.tolist() if kind.of_digits else [kind.classes[n] for n in data.y_test]
    digits = [
        {"number": image, "label": labels[image], "value": image_data.short(value), "box": box}
        for value, image, box in _excited(classifier, view, found)
    ]
    if not digits:
        return {"digits": []}
    images = [data.x_test[digit["number"]] for digit in digits]
    if classifier.shape[-1] == 3:
        sheet = gallery.sheet(np.stack(images), len(images))
        return {"digits": digits} | image_data.coloured(sheet, len(images), len(images), classifier.shape)
    return {"digits": digits} | image_data.sprite(np.stack(images, -1) / np.float32(255))


def _excited(
    classifier: Classifier, view: View, found: TopActivations
) -> Iterator[tuple[float, int, list[int] | None]]:
    """Of each image that excites the chosen map: its value, its number, and what of it that has seen."""
    assert view.layer is not None
    layers = classifier.network.layers
    shape = architectures.describe(layers, classifier.shape)[view.layer][0]
    field = unit_trace.receptive_fields(layers, classifier.shape)[view.layer]
    for value, image, position in zip(
        *(array[:, view.map].tolist() for array in (found.values, found.images, found.positions)), strict=True
    ):
        if image < 0 or not math.isfinite(value) or value == 0:  # what stays at 0 is not excited
            continue
        row, column = divmod(position, shape[1]) if field else (0, 0)
        yield value, image, [*field.rows[row], *field.columns[column]] if field else None


@lru_cache(_SEARCHES)
def _search(classifier: Classifier, _version: str) -> Search:
    layers = classifier.network.layers
    described = architectures.describe(layers, classifier.shape)
    sizes = {
        name: prod(shape)
        for name, layer, (shape, _) in zip(architectures.names(layers), layers, described, strict=True)
        if not unit_trace.is_copy(layer)
    }
    return Search(classifier.activations_many, sizes, datasets.load(classifier.network.data).x_test)
