"""Networks on disk: layers as JSON, weights as .npz without pickles, and LiteRT bytes."""

import json
from functools import cache
from pathlib import Path

import numpy as np

from core.data.datasets import ASSETS, KINDS
from core.io import arrays
from core.nn import architectures
from core.records import Network

DEFAULT = "digit-lab"


def shipped(name: str = DEFAULT) -> Network:
    """Return one of the networks that come with the app."""
    return _shipped(name)


def is_shipped(name: str) -> bool:
    """Does a network of that name come with the app?"""
    return (ASSETS / "models" / name / "network.json").is_file()


@cache
def _shipped(name: str) -> Network:
    return load(ASSETS / "models" / name)


def load(folder: Path) -> Network:
    """Return the network that `save` wrote to `folder`. Raises OSError, LayerError or ValueError."""
    about = json.loads((folder / "network.json").read_text(encoding="utf-8"))
    try:
        name, layers = about.pop("name"), architectures.from_json(about.pop("layers"))
        data = about.pop("data", Network.data)
        architectures.describe(layers, KINDS[data].shape)
        with arrays.Archive(folder / "weights.npz") as archive:
            weights = {name: archive.array(name) for name in archive.names}
    except (KeyError, TypeError, AttributeError, arrays.BadArrays, MemoryError) as error:
        raise ValueError(f"network.json or weights.npz is not as it was saved: {error}") from None
    return Network(name, layers, weights, (folder / "network.tflite").read_bytes(), about, data)


def load_all(folder: Path) -> list[Network]:
    """Return the network of each folder in `folder`, by name. Raises ValueError where one cannot be read."""
    found = []
    for path in sorted(folder.glob("*/network.json")):
        try:
            found.append(load(path.parent))
        except (OSError, ValueError) as error:
            raise ValueError(f"The network in {path.parent} cannot be read: {error}") from None
    if not found:
        raise ValueError(f"There is no network in {folder}: each has to stand in a folder of its own there.")
    return found


def save(network: Network, folder: Path) -> None:
    """Write network.json, weights.npz and network.tflite into `folder`, which is made if it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    layers = architectures.to_json(network.layers)
    facts = {"name": network.name, "data": network.data, "layers": layers, **network.about}
    (folder / "network.json").write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    np.savez_compressed(folder / "weights.npz", allow_pickle=False, **network.weights)
    (folder / "network.tflite").write_bytes(network.litert)
