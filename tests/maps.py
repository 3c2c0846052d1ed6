"""What the browser is told of a map, read again as it reads it."""

import gzip
import json

import numpy as np


def unpacked(compressed: bytes) -> dict:
    """The header of `map_export.packed`, and points [n, 2], vectors [n, k], labels and predicted [n]."""
    data = gzip.decompress(compressed)
    begin = 4 + int.from_bytes(data[:4], "little")
    header = json.loads(data[4:begin])
    count, width, places = header["count"], header["width"], header["arrays"]

    def array(name: str, kind: str, *shape: int) -> np.ndarray:
        return np.frombuffer(data, kind, int(np.prod(shape)), begin + places[name]).reshape(shape)

    return {
        **header,
        "points": array("points", "<f4", count, 2),
        "vectors": array("vectors", "<f2", width, count).T.astype(np.float32),
        "labels": array("labels", "u1", count),
        "predicted": array("predicted", "u1", count),
    }
