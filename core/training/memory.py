"""An estimate of the memory that a training needs, and how much there is.

Called by `core.commands.train`, `core.runs.control` and `core.runs.lost_workers`.
"""

from itertools import pairwise
from math import prod
from pathlib import Path

import psutil

from core.nn import architectures
from core.records import TrainConfig
from core.training import configs

_FLOAT = 4  # bytes of a number
_COPIES = (
    7  # of each parameter: itself, its gradient, two of the optimizer, the best, and a checkpoint on its way
)
_USES = 2  # of each value that a layer gives: itself and its gradient
_MEASURED = 500  # images that are read at once when accuracy is measured, a layer from the one before
_TENSORFLOW = 700 * 10**6  # bytes that it takes by itself
_MUCH = 0.5  # of what there is: the rest is the system's, the pages', and other programs'
_LIMIT = Path("/sys/fs/cgroup/memory.max")  # of a container under Linux


def needed(config: TrainConfig) -> int:
    """Return about how many bytes a training takes: its parameters, a batch's values, its images.

    Counted from the layers. Measured were 0.92, 1.48 and 1.54 GB where this says 0.84, 1.25 and 1.77: it is
    there to refuse what cannot fit, not to say what just does. Raises LayerError.
    """
    kind = configs.kind(config)
    rows = architectures.describe(config.layers, kind.shape)
    values = [prod(kind.shape), *(prod(shape) for shape, _ in rows)]
    learning = _USES * config.batch_size * sum(values)
    measuring = _MEASURED * max(before + after for before, after in pairwise(values))
    parameters = _COPIES * sum(count for _, count in rows)
    images = 3 * kind.train * values[0]  # read, kept by TensorFlow, validated; a byte a value
    return _TENSORFLOW + images + _FLOAT * (parameters + max(learning, measuring))


def available() -> int:
    """Return how many bytes this computer has in all, or the container in which this runs."""
    total = psutil.virtual_memory().total
    limit = _LIMIT.read_text(encoding="utf-8").strip() if _LIMIT.exists() else ""
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


def perhaps(config: TrainConfig) -> str:
    """Return what to add where a worker of this computer has ended without a word; '' where it needed little.

    A system that is short of memory ends whoever has most of it, and nothing in that process can say so.
    """
    need, there = needed(config), available()
    if need <= there * _MUCH:
        return ""
    return (
        f" Perhaps memory was short: it needs about {need / 1e9:.1f} GB of this computer's "
        f"{there / 1e9:.1f} GB. A smaller batch needs less."
    )
