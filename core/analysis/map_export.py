"""The map of a network's test images as bytes for the browser (ui/components/star_map/map_data.js).

An unsigned number of 32 bits, the length of the header; the header, JSON; then the arrays that it names by
their place. The vectors are float16, one number of the hidden layer after the other, which packs best.
"""

import gzip
import json
from functools import lru_cache

import numpy as np

from core.analysis import embedding, placement, works
from core.analysis.embedding import Space
from core.data import datasets
from core.models.classifiers import Classifier

MAX_WIDTH = 128  # numbers of a hidden layer that a browser downloads gladly, and looks through at each frame


def pack(space: Space, points: np.ndarray, name: str, labels: np.ndarray) -> bytes:
    """Return the map as bytes. points: float32 [n, 2]. name: of `embedding.MAPS`. labels: uint8 [n]."""
    live = is_live(space)
    parts: dict[str, np.ndarray] = {
        "points": points.astype(np.float32),
        "vectors": np.ascontiguousarray(space.vectors.T, np.float16) if live else np.zeros(0, np.float16),
        "middle": space.middle.astype(np.float32) if live else np.zeros(0, np.float32),
        "components": space.components.astype(np.float32) if live else np.zeros(0, np.float32),
        "labels": labels.astype(np.uint8),
        "predicted": space.predicted.astype(np.uint8),
    }
    places: dict[str, int] = {}
    data = bytearray()
    for part, array in parts.items():
        places[part] = len(data)
        data += array.tobytes() + bytes(-array.nbytes % 4)
    header = {
        "map": name,
        "count": len(points),
        "width": space.width if live else 0,
        "perplexity": placement.PERPLEXITY,
        "neighbours": placement.NEIGHBOURS,
        "arrays": places,
    }
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 4)
    return len(text).to_bytes(4, "little") + text + bytes(data)


def is_live(space: Space) -> bool:
    """Does the browser get the vectors, so that it places the star by itself?"""
    fits = np.abs(space.vectors).max(initial=0) < np.finfo(np.float16).max
    return bool(not space.directions.size and space.width <= MAX_WIDTH and fits)


def address(classifier: Classifier, name: str) -> str:
    """Return what names the map of this network; `packed` knows it once both its works are done."""
    return f"{classifier.network.data}/{works.fingerprint(classifier.network)}/{name}"


def is_there(address: str) -> bool:
    """Is the map of this address kept, so that nobody has to wait for it?"""
    return embedding.is_kept(*address.split("/"))


def packed(data: str, fingerprint: str, name: str) -> bytes:
    """Return `pack`'s bytes, compressed with gzip, of what is kept of the network with this fingerprint.

    data: of `datasets.KINDS`. Raises LookupError where nothing is kept, and NoData where its images are gone.
    """
    return _packed(data, fingerprint, name, works.version(data))


@lru_cache(4)
def _packed(data: str, fingerprint: str, name: str, _version: str) -> bytes:
    space, points = embedding.kept(data, fingerprint, name)
    return gzip.compress(pack(space, points, name, datasets.load(data).y_test), mtime=0)
