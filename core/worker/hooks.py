"""What a training tells, and asks, while it goes on.

Called by `core.worker.tasks` and `core.worker.training`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from core.records import Checkpoint, Metric, Probe, Snapshot, State, View
from core.storage.steering import Request


def nothing(*_: object) -> None:
    """What a hook does that nobody listens to."""


@dataclass(frozen=True)
class Hooks:
    """What a training tells, and asks, while it goes on."""

    on_metric: Callable[[Metric], object] = nothing
    on_snapshot: Callable[[Snapshot], object] = nothing
    on_checkpoint: Callable[[Checkpoint], object] = nothing
    on_probe: Callable[[Probe], object] = nothing
    on_state: Callable[[State, Sequence[int]], object] = nothing  # and the steps of those to be forgotten
    on_view: Callable[[int, View], object] = nothing  # of the state at this step
    moments: Callable[[], Sequence[tuple[int, int]]] = tuple  # (step, images) of the states of before
    requests: Callable[[], Sequence[Request]] = tuple  # what was asked since the last call
    on_heeded: Callable[[Request, int, int], object] = nothing  # before which step, after how many images
    should_stop: Callable[[], bool] = lambda: False
    drawing: Callable[[], np.ndarray | None] = lambda: None  # float32 [28, 28], read at each point
