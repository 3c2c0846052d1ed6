"""Named NumPy arrays <-> bytes, without pickles."""

import io

import numpy as np


def pack(arrays: dict[str, np.ndarray]) -> bytes:
    """Return the arrays as the bytes of an uncompressed .npz file; names may hold slashes."""
    out = io.BytesIO()
    np.savez(out, allow_pickle=False, **arrays)  # type: ignore[arg-type]
    return out.getvalue()


def unpack(data: bytes) -> dict[str, np.ndarray]:
    """Return what `pack` was given. Raises ValueError for anything that would need unpickling."""
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}
