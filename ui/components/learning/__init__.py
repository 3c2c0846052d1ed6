"""A network as it learns: its first kernels, a wall of digits, the cloud that separates, a drawing's lines.

While it trains the latest state is shown; afterwards a slider goes over all of them, in the browser alone.
"""

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image

from core.data.datasets import Kind
from core.nn.architectures import Layer
from core.records import Metric, Probe, State
from core.training import states as moments
from ui.components import term_notes
from ui.components.star_map import COLOURS
from ui.widgets import thumbnails

HERE = Path(__file__).parent
COLUMNS = 10  # of the wall: one for each class, where there are ten
MAX_KERNELS = 24
MAX_POINTS = 120  # of the drawing's lines

_component = st.components.v2.component(
    "digit_lab_learning",
    html='<div class="learning"></div>',
    css=(HERE / "learning.css").read_text(encoding="utf-8") + term_notes.LINKS,
    js=term_notes.bundled(HERE / "learning.js"),
)


def learning(
    layers: Sequence[Layer],
    kind: Kind,
    probe: Probe,
    states: Sequence[State],
    points: Sequence[Metric],
    *,
    key: str,
    measured: str,
    total: int,
    whose: str = "",
    drawing: np.ndarray | None = None,
    readings: Mapping[int, np.ndarray] | None = None,
) -> None:
    """Show the last of these states as it comes, or with `readings`, after the training, all with a slider.

    measured: 'validation' or 'test'. total: images of the whole training. whose: 'Your drawing', 'A drawing'.
    drawing: float32 [28, 28]. readings: step -> float [classes], what the network of each state says of it.
    """
    _component(
        key=key,
        data=data(
            layers,
            kind,
            probe,
            states,
            points,
            measured=measured,
            total=total,
            whose=whose,
            drawing=drawing,
            readings=readings,
        ),
    )


def data(
    layers: Sequence[Layer],
    kind: Kind,
    probe: Probe,
    states: Sequence[State],
    points: Sequence[Metric],
    *,
    measured: str,
    total: int,
    whose: str = "",
    drawing: np.ndarray | None = None,
    readings: Mapping[int, np.ndarray] | None = None,
) -> dict[str, Any]:
    """Return what the component is given; arrays are base64, little-endian, as learning.js says."""
    read = [point for point in points if point.drawing is not None]
    read = [read[n] for n in np.unique(np.linspace(0, len(read) - 1, MAX_POINTS).astype(int))] if read else []
    return {
        "winds": readings is not None,
        "noun": kind.noun,
        "measured": measured,
        "sample": probe.sample,
        "total": total,
        "classes": list(kind.names),
        "colours": [COLOURS[n % len(COLOURS)] for n in range(len(kind.names))],
        "wall": {
            "src": _sprite(probe.images),
            "coloured": probe.images.ndim == 4,
            "labels": probe.labels.tolist(),
        },
        "cloud": probe.cloud_labels.tolist(),
        "layers": {"learning": moments.learning_layers(layers), "relu": moments.relu_layers(layers)},
        "states": [_state(state, layers, kind, readings) for state in states if state.view],
        "now": _now(points),
        "whose": whose,
        "drawing": None if drawing is None else thumbnails.ink_url(drawing),
        "lines": {
            "images": [p.images for p in read],
            "p": [[round(v, 4) for v in p.drawing or ()] for p in read],
        },
    }


def _now(points: Sequence[Metric]) -> dict[str, float] | None:
    """The latest measurement: the one big number while it trains."""
    point = next((p for p in reversed(points) if p.validation_accuracy is not None), None)
    if point is None:
        return None
    return {"images": point.images, "epoch": point.epoch, "accuracy": float(point.validation_accuracy or 0)}


def _state(
    state: State, layers: Sequence[Layer], kind: Kind, readings: Mapping[int, np.ndarray] | None
) -> dict[str, Any]:
    view = state.view
    assert view is not None
    said = (readings or {}).get(state.step)
    return {
        "step": state.step,
        "images": state.images,
        "epoch": state.epoch,
        "accuracy": view.accuracy,
        "kernels": _kernels(state, kind),
        "predicted": view.predicted.tolist(),
        "confidence": [round(float(p), 3) for p in view.confidence],
        "cloud": _packed(view.cloud.astype("<f4")),
        "confusion": view.confusion.ravel().tolist(),
        "gradients": _numbers(view.gradients),
        "updates": _numbers(view.updates),
        "silent": _numbers(view.silent),
        "said": None if said is None else [round(float(p), 4) for p in said],
    }


def _kernels(state: State, kind: Kind) -> dict[str, Any] | None:
    """The first layer's kernels as images: int8 [n, height, width], 127 being the largest of them all."""
    kernel = next(iter(state.weights.values()), None)
    if kernel is None:
        return None
    height, width, channels = kind.shape
    if kernel.ndim == 2:  # dense: a weight for each pixel
        if len(kernel) != height * width * channels:
            return None
        kernel = kernel.reshape(height, width, channels, -1)
    images = kernel.astype(np.float32).mean(axis=2).transpose(2, 0, 1)[:MAX_KERNELS]
    largest = float(np.abs(images).max())
    scaled = np.round(127 * images / (largest or 1.0)).astype(np.int8)
    return {"n": len(images), "of": kernel.shape[-1], "height": images.shape[1], "width": images.shape[2]} | {
        "values": _packed(scaled),
        "largest": largest,
    }


def _numbers(values: np.ndarray) -> list[float | None]:
    return [float(f"{value:.3g}") if np.isfinite(value) else None for value in values]


def _packed(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def _sprite(images: np.ndarray) -> str:
    """uint8 [n, h, w] or [n, h, w, 3] -> one PNG, the images of each class one below the other."""
    count, height, width = images.shape[:3]
    rows = -(-count // COLUMNS)
    sheet = np.zeros((rows * height, COLUMNS * width, *images.shape[3:]), np.uint8)
    for place, image in enumerate(images):
        column, row = divmod(place, rows)
        sheet[row * height : (row + 1) * height, column * width : (column + 1) * width] = image
    if images.ndim == 4:
        return thumbnails.image_url(Image.fromarray(sheet))
    return thumbnails.ink_url(sheet / np.float32(255))
