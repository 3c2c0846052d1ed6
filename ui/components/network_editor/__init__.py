"""The network that is being built, as an image on which layers are added, removed, made wider or narrower."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from core.nn import architectures
from core.nn.architectures import SETTINGS, Layer, LayerError, Shape
from core.words import counted
from ui.components import term_notes
from ui.figures import network_rows

HERE = Path(__file__).parent

# The number by which a layer is made more or less, and what it counts.
SIZES = {
    "filters": "kernels",
    "units": "units",
    "pool": "pixels of the window's side",
    "rate": "of the values set to 0",
}
_LADDER = sorted({1, *(2**n for n in range(13)), *(3 * 2**n for n in range(11))})

DIGITS = tuple("0123456789")

_component = st.components.v2.component(
    "digit_lab_network_editor",
    html='<div class="editor"></div>',
    css=(HERE / "network_editor.css").read_text(encoding="utf-8") + term_notes.LINKS,
    js=term_notes.bundled(HERE / "network_editor.js"),
)


def network_editor(
    layers: Sequence[Layer],
    shape: Shape,
    new: Mapping[str, Layer],
    *,
    key: str,
    changed: Callable[[Any], object],
    classes: Sequence[str] = DIGITS,
    flatten_at: int | None = None,
    heard: int = 0,
    said: str = "",
    can_undo: bool = False,
) -> None:
    """Show these layers. new: what is added, by its kind. flatten_at: before which layer Flatten is missing.
    classes: names of what it tells apart.

    changed: called with what the browser has sent, before the next run: `{"number": n, "layers": [...]}`, all
    layers as `architectures.to_json` has them, or `{"number": n, "undo": true}`. heard: the last such number
    that was heeded. said: why the last change was not.
    """

    def receive() -> None:
        changed(st.session_state[key].get("edit"))

    _component(
        key=key,
        data=data(
            layers,
            shape,
            new,
            classes=classes,
            flatten_at=flatten_at,
            heard=heard,
            said=said,
            can_undo=can_undo,
        ),
        on_edit_change=receive,
    )


def data(
    layers: Sequence[Layer],
    shape: Shape,
    new: Mapping[str, Layer],
    *,
    classes: Sequence[str] = DIGITS,
    flatten_at: int | None = None,
    heard: int = 0,
    said: str = "",
    can_undo: bool = False,
) -> dict[str, Any]:
    """Return what the component is given: its script says what each is."""
    digits = tuple(classes[:-1]) == DIGITS or tuple(classes) == DIGITS  # and what is none
    rows = network_rows.rows(layers, shape, digits=digits)
    return {
        "layers": architectures.to_json(layers),
        "input": asdict(rows[0]),
        "rows": [
            asdict(row)
            | {
                "field": _size(layer),
                "answers": place == len(layers) - 1 and _answers(layer, len(classes)),
                "mend": place == flatten_at,
            }
            for place, (layer, row) in enumerate(zip(layers, rows[1:], strict=True))
        ],
        "kinds": [
            {"name": kind, "about": network_rows.general(kind), "layer": architectures.to_json([layer])[0]}
            for kind, layer in new.items()
        ],
        "sizes": {name: {"words": words, "steps": steps(name)} for name, words in SIZES.items()},
        "total": _total(layers, shape),
        "heard": heard,
        "said": said,
        "undo": can_undo,
    }


def steps(name: str) -> list[float]:
    """Return the sizes that the buttons go through, ascending: 1, 2, 3, 4, 6, 8, 12, 16, 24 ... of units.

    name: a key of SIZES.
    """
    least, most = SETTINGS[name]
    if isinstance(least, float):
        return [round(float(value), 2) for value in np.arange(least, most + 0.01, 0.05)]
    if most < 20:
        return list(range(least, most + 1))
    return [size for size in _LADDER if least <= size <= most]


def _size(layer: Layer) -> str:
    return next((name for name in SIZES if hasattr(layer, name)), "")


def _answers(layer: Layer, classes: int) -> bool:
    """Does it give one probability per class? Then it stays, and as wide as it is."""
    return getattr(layer, "activation", "") == "softmax" and getattr(layer, "units", 0) == classes


def _total(layers: Sequence[Layer], shape: Shape) -> str:
    try:
        return f"{counted(architectures.parameters(layers, shape), 'parameter')} in all"
    except LayerError:
        return ""
