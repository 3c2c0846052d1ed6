"""The network of the Train form as an image that is edited."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.nn import architectures, graph
from core.nn.architectures import MAX_LAYERS, Layer, LayerError
from core.training import configs
from core.words import capitalised
from ui.components.network_editor import network_editor
from ui.sections import layer_table
from ui.state import keys, train_config


def editable_diagram() -> None:
    """Show it; what is changed on it is in the configuration before the next run."""
    config = train_config.current()
    kind = configs.kind(config)
    shape = kind.shape
    network_editor(
        config.layers,
        shape,
        layer_table.NEW,
        key=keys.NETWORK_EDITOR,
        changed=take,
        classes=kind.classes,
        flatten_at=layer_table.flatten_place(config.layers, shape),
        heard=st.session_state.get(keys.NETWORK_EDITOR_HEARD, 0),
        said=st.session_state.get(keys.NETWORK_EDITOR_SAID, ""),
        can_undo=bool(st.session_state.get(keys.LAYERS_BEFORE)),
    )


def take(sent: Any) -> None:
    """Do what the browser asks for; where it cannot be done, say why and leave the network as it is."""
    if not isinstance(sent, Mapping) or not isinstance(number := sent.get("number"), int):
        return
    st.session_state[keys.NETWORK_EDITOR_HEARD] = number
    st.session_state[keys.NETWORK_EDITOR_SAID] = ""
    if sent.get("undo"):
        if st.session_state.get(keys.LAYERS_BEFORE):
            layer_table.undo()
        return
    try:
        layer_table.put(_layers(sent.get("layers")))
    except LayerError as error:
        st.session_state[keys.NETWORK_EDITOR_SAID] = f"{capitalised(str(error))}."


def _layers(sent: Any) -> list[Layer]:
    """What a browser sent -> layers. Raises LayerError, whose text says why not."""
    if not isinstance(sent, list) or not sent:
        raise LayerError("there is no layer; there has to be one")
    layers = train_config.current().layers
    if not graph.is_chain(layers):
        changed = architectures.from_json(sent)
        if [(one.kind, one.inputs) for one in changed] != [(one.kind, one.inputs) for one in layers]:
            raise LayerError(layer_table.JOINED[:-1])
        return list(changed)
    if len(sent) > MAX_LAYERS:
        raise LayerError(f"these are {len(sent)} layers; at most {MAX_LAYERS} are trained here")
    return list(architectures.from_json(sent))
