"""Own classes as a browser is told of them, so that it names what is drawn while the pen moves.

Called by `ui.components.own_bars`.
"""

import base64
import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from core.models import own_features, own_head
from core.models.own_head import Head


def told(head: Head, names: Sequence[str]) -> dict[str, Any]:
    """Return what ui/components/own_bars/own_head.js reads: arrays as base64, float32 but for `known`, int8.

    on: 'layer' where the features are those of the last hidden layer of the network that reads, else 'pixels'.
    """
    kernel, bias = head.on_features
    arrays = {
        "kernel": kernel,
        "bias": bias,
        "mean": head.mean,
        "spread": head.spread,
        "known": head.known,
        "scale": head.scale,
    }
    texts = {name: base64.b64encode(_bytes(array)).decode() for name, array in arrays.items()}
    digest = hashlib.sha256("".join([*names, *texts.values()]).encode()).hexdigest()[:16]
    on_layer = head.base is not None and own_features.has_hidden_layer(head.base)
    return {
        "head": digest,
        "names": list(names),
        "on": "layer" if on_layer else "pixels",
        "far": head.far,
        "sharpness": own_head.SHARPNESS,
        **texts,
    }


def _bytes(array: np.ndarray) -> bytes:
    return np.ascontiguousarray(array, "i1" if array.dtype == np.int8 else "<f4").tobytes()
