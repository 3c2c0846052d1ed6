"""The files as which a network can be taken away. A new one is one entry in FORMATS.

Called by `core.commands.evaluate` and `ui.widgets.downloads`.
"""

from collections.abc import Callable
from typing import NamedTuple

from core.models.exports import html_file, keras_files, onnx_file, pytorch
from core.records import Network


class Format(NamedTuple):
    """label: on the page. suffix: of the file, with its dot. make: returns it.

    beside: a second file, which belongs to it.
    """

    label: str
    suffix: str
    make: Callable[[Network], bytes]
    beside: "Beside | None" = None


class Beside(NamedTuple):
    """label, suffix: as in Format. make: returns it, of the network and the first file's name."""

    label: str
    suffix: str
    make: Callable[[Network, str], str]


FORMATS = {
    "html": Format("Page that draws and reads (.html)", ".html", html_file.make),
    "keras": Format("Keras model (.keras)", ".keras", keras_files.keras),
    "h5": Format("Keras 2 model (.h5)", ".h5", keras_files.h5),
    "tflite": Format("LiteRT model (.tflite)", ".tflite", lambda network: network.litert),
    "onnx": Format("ONNX model (.onnx)", ".onnx", onnx_file.make),
    "safetensors": Format(
        "PyTorch weights (.safetensors)",
        ".safetensors",
        pytorch.tensors,
        Beside("PyTorch module (.py)", ".py", pytorch.source),
    ),
}
