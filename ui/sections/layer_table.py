"""The table of layers: each with its output shape and parameters, to be edited, moved, added, removed."""

import contextlib
import html
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from core.nn import architectures, graph
from core.nn.architectures import (
    LAYERS,
    SETTINGS,
    Activation,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Layer,
    LayerError,
    MaxPooling2D,
    PReLU,
)
from core.nn.layers import JOINS
from core.training import configs
from core.words import counted, dimensions
from ui.components import term_notes
from ui.content.glossary import note_in
from ui.state import keys, train_config

# What each kind is when it is added.
NEW: dict[str, Layer] = {
    layer.kind: layer
    for layer in (
        Conv2D(16, 3),
        MaxPooling2D(2),
        AveragePooling2D(2),
        BatchNormalization(),
        Activation("relu"),
        PReLU(),
        Flatten(),
        Dropout(0.5),
        Dense(64),
    )
}
LEAKY = "leaky_relu"
CALLED = {"elu": "ELU", LEAKY: "leaky ReLU", "gelu": "GELU", "silu": "SiLU"}
SLOPES = (0.0, 0.99)  # of a leaky ReLU, below 0
NONE = "none to learn"
MAX_UNDO = 100  # changes that are brought back
assert NEW.keys() == LAYERS.keys() - {layer.kind for layer in JOINS}
JOINED = (
    "In this network ways part and meet again. Its layers can be set here, but not moved, added or removed; a "
    "recipe brings others."
)


def layer_table() -> None:
    """One row per layer; a layer that cannot stand where it stands says why in its row."""
    layers, kind = train_config.current().layers, configs.kind(train_config.current())
    problems = architectures.problems(layers, kind.shape)
    with st.container(key="layers", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.html(f"a {kind.singular} comes in")
            st.html(_row_text(dimensions(kind.shape), ""), width=196)
        wrong = next((n for n, problem in enumerate(problems) if problem), len(layers))
        given = architectures.inputs(layers[:wrong], kind.shape)
        for place, layer in enumerate(layers):
            _row(place, layer, given[place] if place < wrong else None, problems[place])
        if not graph.is_chain(layers):
            st.caption(JOINED)
        _footer()


def _row(place: int, layer: Layer, shape: architectures.Shape | None, problem: str) -> None:
    """One layer. shape: of what it is given, None where that cannot be told, or the layer does not fit."""
    layers = train_config.current().layers
    joined = not graph.is_chain(layers)
    only = len(layers) == 1 or joined
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key=f"layer-{place}"):
        edition = st.session_state.get(keys.LAYERS_EDITION, 0)
        about = (type(layer).__doc__ or "").partition("\n")[0].replace("`", "")
        key = f"edit-{edition}-{place}"
        menu = st.popover(in_words(layer), key=key, on_change="rerun", width="stretch", help=about)
        if menu.open:
            with menu:
                _fields(place, layer)
        if shape is None:
            text = _row_text(problem, "", wrong=True)
        else:
            made = architectures.describe(layers[: place + 1], configs.kind(train_config.current()).shape)[-1]
            text = _row_text(dimensions(made[0]), counted(made[1], "parameter") if made[1] else NONE)
        st.html(text, width=132)
        up = {"disabled": place == 0 or joined, "on_click": _move, "help": "Move up"}
        up["args"] = (place, place - 1)
        st.button("Move up", icon=":material/arrow_upward:", key=f"up-{place}", type="tertiary", **up)  # type: ignore[arg-type]
        off = {"disabled": only, "on_click": _remove, "args": (place,), "help": "Remove"}
        st.button("Remove", icon=":material/close:", key=f"remove-{place}", type="tertiary", **off)  # type: ignore[arg-type]


def offer_flatten() -> None:
    """Where a layer does not fit for want of Flatten before it, a button that inserts it."""
    config = train_config.current()
    if (place := flatten_place(config.layers, configs.kind(config).shape)) is not None:
        label = f"Insert Flatten before {in_words(config.layers[place])}"
        st.button(label, key="insert-flatten", icon=":material/add:", on_click=_insert_flatten, args=(place,))


def flatten_place(layers: Sequence[Layer], shape: architectures.Shape) -> int | None:
    """Return before which layer a Flatten would let it stand where it is, None where none would."""
    problems = architectures.problems(layers, shape) if graph.is_chain(layers) else []
    place = next((n for n, problem in enumerate(problems) if problem), None)
    if place is None:
        return None
    mended = architectures.problems([*layers[:place], Flatten(), *layers[place:]], shape)
    return place if not any(mended[: place + 2]) else None


def _insert_flatten(place: int) -> None:
    layers = list(train_config.current().layers)
    layers.insert(place, Flatten())
    put(layers)


def _footer() -> None:
    layers, shape = train_config.current().layers, configs.kind(train_config.current()).shape
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        joined = not graph.is_chain(layers)
        with st.popover("Add a layer", icon=":material/add:", key="add-layer", disabled=joined):
            for kind, layer in NEW.items():
                st.button(kind, key=f"add-{kind}", on_click=_add, args=(layer,), width="stretch")
        st.button(
            "Undo",
            key="undo-layers",
            icon=":material/undo:",
            disabled=not st.session_state.get(keys.LAYERS_BEFORE),
            on_click=undo,
        )
        with contextlib.suppress(LayerError):
            term_notes.html(f"<b>{architectures.parameters(layers, shape):,}</b> parameters in all")


def in_words(layer: Layer) -> str:
    """Return such as 'Conv2D 16, 5x5, stride 2, same, relu': what is at its usual value is left out."""
    match layer:
        case Conv2D():
            parts = [str(layer.filters), f"{layer.kernel}x{layer.kernel}"]
            parts += [f"stride {layer.stride}"] if layer.stride > 1 else []
            parts += ["same"] if layer.padding == "same" else []
            parts += [layer.activation] if layer.activation != "linear" else []
        case MaxPooling2D() | AveragePooling2D():
            parts = [f"{layer.pool}x{layer.pool}"]
        case Dense():
            parts = [str(layer.units), *([layer.activation] if layer.activation != "linear" else [])]
        case Dropout():
            parts = [f"{layer.rate:g}"]
        case Activation():
            parts = [layer.activation]
        case _:
            parts = []
    return f"{layer.kind} {', '.join(parts)}".strip()


def _fields(place: int, layer: Layer) -> None:
    """The layer's settings as widgets."""
    for name, value in architectures.settings(layer).items():
        _widget(place, name, value, layer)
    if isinstance(layer, Activation) and (slope := architectures.leaky_slope(layer.activation)) is not None:
        _slope(place, slope)
    if not architectures.settings(layer):
        st.caption("There is nothing to set.")


def _widget(place: int, name: str, value: Any, layer: Layer) -> None:
    key = keys.layer_field(st.session_state.get(keys.LAYERS_EDITION, 0), place, name)
    allowed, label = SETTINGS[name], name.capitalize()
    if isinstance(layer, Activation):  # a layer by itself may apply more functions
        allowed, value = (
            architectures.FUNCTIONS,
            LEAKY if architectures.leaky_slope(value) is not None else value,
        )
    # The value goes with the widget, as in settings.py, so that one which comes late has it.
    told: dict[str, Any] = {"key": key, "on_change": _set, "args": (place, name, key), "help": note_in(label)}
    if isinstance(allowed[0], str):
        st.selectbox(
            label, allowed, allowed.index(value), format_func=lambda name: CALLED.get(name, name), **told
        )
        if name == "activation" and not isinstance(layer, Activation):
            term_notes.caption("ELU, leaky ReLU, GELU and SiLU are in a layer of their own, Activation.")
    elif isinstance(allowed[0], float):
        st.slider(label, *allowed, value=value, step=0.05, **told)
    else:
        st.number_input(label, *allowed, value=value, step=1, **told)


def _slope(place: int, value: float) -> None:
    """Of a leaky ReLU: how much of a negative number it lets through."""
    key = keys.layer_field(st.session_state.get(keys.LAYERS_EDITION, 0), place, "slope")
    st.slider(
        "Slope below 0",
        *SLOPES,
        value=value,
        step=0.01,
        key=key,
        on_change=lambda: _put_setting(place, "activation", f"{LEAKY}_{st.session_state[key]:g}"),
    )


def _set(place: int, name: str, key: str) -> None:
    _put_setting(place, name, st.session_state[key])


def _put_setting(place: int, name: str, value: Any) -> None:
    config = train_config.current()
    layers = list(config.layers)
    layers[place] = replace(layers[place], **{name: value})
    train_config.change(replace(config, layers=tuple(layers)))


def _row_text(text: str, parameters: str, wrong: bool = False) -> str:
    kind = "dl-wrong" if wrong else "dl-shape"
    shown = f'<span class="{kind}">{html.escape(text)}</span><small>{parameters}</small>'
    return f'<div class="dl-layer">{shown}</div>'


def put(layers: list[Layer]) -> None:
    """Build these layers from now on; those of before can be brought back."""
    config = train_config.current()
    before = [*st.session_state.get(keys.LAYERS_BEFORE, []), config.layers]
    st.session_state[keys.LAYERS_BEFORE] = before[-MAX_UNDO:]
    st.session_state[keys.LAYERS_EDITION] = st.session_state.get(keys.LAYERS_EDITION, 0) + 1
    train_config.change(replace(config, layers=tuple(layers)))


def _move(place: int, to: int) -> None:
    layers = list(train_config.current().layers)
    layers.insert(to, layers.pop(place))
    put(layers)


def _remove(place: int) -> None:
    layers = list(train_config.current().layers)
    del layers[place]
    put(layers)


def _add(layer: Layer) -> None:
    """Put a new layer before the last, which gives the ten probabilities."""
    layers = list(train_config.current().layers)
    layers.insert(max(0, len(layers) - 1), layer)
    put(layers)


def undo() -> None:
    """Bring back the layers that were there before the last change."""
    *earlier, layers = st.session_state[keys.LAYERS_BEFORE]
    put(list(layers))
    st.session_state[keys.LAYERS_BEFORE] = earlier
