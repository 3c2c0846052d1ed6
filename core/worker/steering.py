"""A training as it is steered: paused, slowed down, and with other settings from a step on.

Called by `core.worker.training`.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from core.worker import models  # isort: skip  # before TensorFlow: sets its log level

import keras

from core.nn.architectures import Dropout
from core.records import Change, TrainConfig
from core.storage.steering import Request
from core.training import steering

WAIT = 0.05  # seconds between two looks, while it is paused
SLOW = 0.5  # seconds between two batches in slow motion

assert models


class Steering:
    """Heeds what is asked of one training. batches: of an epoch."""

    def __init__(
        self,
        config: TrainConfig,
        batches: int,
        requests: Callable[[], Sequence[Request]],
        on_heeded: Callable[[Request, int, int], object],
    ):
        self._config, self._changes, self._batches = config, list(config.changes), batches
        self._requests, self._on_heeded = requests, on_heeded
        self._pace, self._until = "resume", 0  # the step up to which a paused training goes on

    def heed(self, step: int, images: int) -> None:
        """Take over what was asked since, before this step; images: seen until then."""
        for request in self._requests():
            if request.name in steering.SETTINGS:
                self._changes.append(Change(step, request.name, request.value))
            elif request.name == "batch":
                self._until = max(self._until, step) + 1
            elif request.name == "epoch":
                self._until = (max(self._until, step) // self._batches + 1) * self._batches
            else:
                self._pace, self._until = request.name, 0
            self._on_heeded(request, step, images)

    @property
    def is_watched(self) -> bool:
        """Does somebody look at each batch, so that each makes a point?"""
        return self._pace != "resume"

    def waits(self, step: int, seconds: float) -> bool:
        """Is the next step not to be taken yet? seconds: since the last."""
        if self._pace == "pause":
            return step >= self._until
        return self._pace == "slow" and seconds < SLOW

    def most(self, step: int, count: int) -> int:
        """How many of the next `count` steps are taken before somebody looks, or something changes."""
        if self._pace == "slow":
            return 1
        ends = [change.step for change in self._changes if change.step > step]
        ends += [self._until] if self._pace == "pause" else []
        return min([count, *(end - step for end in ends)])

    def config(self, step: int) -> TrainConfig:
        """The configuration as it is before this step."""
        return steering.at(self._config, self._changes, step)


def apply(model: keras.Model, optimizer: keras.optimizers.Optimizer, config: TrainConfig) -> None:
    """Give a model and its optimizer what a configuration says; graphs that hold them are to be made anew."""
    for (layer, _), told in zip(models.in_order(model), config.layers, strict=True):
        if isinstance(told, Dropout):
            layer.rate = told.rate
    for name in ("momentum", "weight_decay"):
        if name in steering.offered(config):
            setattr(optimizer, name, steering.value(config, name))


def needs_new_graphs(one: TrainConfig, other: TrainConfig) -> bool:
    """Do these differ in more than the learning rate, which the graphs are given for each step?"""
    return replace(one, learning_rate=None) != replace(other, learning_rate=None)
