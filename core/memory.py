"""How much memory a training needs, roughly and beforehand, and how much there is."""

from math import prod
from pathlib import Path

import psutil

from core import architectures, configs
from core.records import TrainConfig

_FLOAT = 4  # bytes of a number
_COPIES = (
    7  # of each parameter: itself, its gradient, two of the optimizer, the best, and a checkpoint on its way
)
_USES = 3  # of each value that a layer gives: itself, its gradient, and room to compute them in
_TENSORFLOW = 700 * 10**6  # bytes that it takes by itself
_LIMIT = Path("/sys/fs/cgroup/memory.max")  # of a container under Linux


def needed(config: TrainConfig) -> int:
    """Return about how many bytes a training takes: its parameters, a batch's values, its pictures.

    Counted from the layers; of the same order as what is measured, no more. Raises LayerError.
    """
    kind = configs.kind(config)
    rows = architectures.describe(config.layers, kind.shape)
    values = prod(kind.shape) + sum(prod(shape) for shape, _ in rows)
    parameters = sum(count for _, count in rows)
    pictures = kind.train * prod(kind.shape)
    return (
        _TENSORFLOW
        + _FLOAT * (_COPIES * parameters + _USES * config.batch_size * values)
        + 3 * pictures  # read, kept by TensorFlow, validated
    )


def available() -> int:
    """Return how many bytes this computer has in all, or the container in which this runs."""
    total = psutil.virtual_memory().total
    limit = _LIMIT.read_text().strip() if _LIMIT.exists() else ""
    return min(total, int(limit)) if limit.isdecimal() else total


def check(config: TrainConfig) -> str:
    """Return one sentence that says why this training cannot fit into this computer's memory, or ''."""
    need, there = needed(config), available()
    if need <= there:
        return ""
    return (
        f"Batches of {config.batch_size:,} through these layers need about {need / 1e9:.1f} GB of memory; this "
        f"computer has {there / 1e9:.1f} GB. A smaller batch needs less."
    )
