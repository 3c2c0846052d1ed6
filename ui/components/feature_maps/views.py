"""What somebody looks at in a network: said by the browser, and held to what the network has.

Called by `ui.components.feature_maps`, `ui.components.feature_maps.chosen_map` and `ui.components.signal_flow`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.nn import architectures, unit_trace
from core.nn.architectures import Layer, Shape
from ui.state import keys


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
