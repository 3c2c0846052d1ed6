"""Trainings of a moment, and what one tells."""

import numpy as np

from core.data import datasets
from core.nn.architectures import (
    Activation,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPooling2D,
)
from core.records import Augmentation, TrainConfig
from core.worker import models, training
from core.worker.hooks import Hooks

END = (Flatten(), Dense(10, "softmax"))
SMALL = TrainConfig(
    layers=(Conv2D(4, 4), MaxPooling2D(3), *END),
    optimizer="Adam",
    learning_rate=0.01,
    batch_size=50,
    epochs=2,
    seed=3,
)
HELD_OUT = 400 / datasets.KINDS["mnist"].train  # the share that makes 400 validation digits


class Listener:
    """Keeps all that a training tells, and stops it after so many calls of the graph."""

    def __init__(self, stop_after=None, drawing=None):
        self.points, self.snapshots, self.checkpoints = [], [], []
        self.stop_after, self.drawing, self.asked = stop_after, drawing, 0

    def should_stop(self):
        self.asked += 1
        return self.stop_after is not None and self.asked > self.stop_after

    @property
    def whole(self):
        return [point for point in self.points if point.whole]


def train(config, data, listener=None, resume=None):
    heard = listener or Listener()
    hooks = Hooks(
        on_metric=heard.points.append,
        on_snapshot=heard.snapshots.append,
        on_checkpoint=heard.checkpoints.append,
        should_stop=heard.should_stop,
        drawing=lambda: heard.drawing,
    )
    return training.train(config, data, hooks, resume=resume)


def weights(trained):
    return models.get_weights(trained.model)


def differences(one, other):
    """The largest difference of each array of two networks."""
    assert one.keys() == other.keys()
    return {name: float(np.abs(one[name] - other[name]).max()) for name in one}


RICH = TrainConfig(
    layers=(
        Conv2D(4, 5, 3, activation="linear"),
        BatchNormalization(),
        Activation("relu"),
        Dropout(0.3),
        Flatten(),
        Dense(16),
        Dropout(0.2),
        Dense(10, "softmax"),
    ),
    optimizer="Adam",
    learning_rate=0.003,
    schedule="one-cycle",
    batch_size=100,
    epochs=2,
    train_size=300,
    augmentation=Augmentation(rotation=10, shear=5, scale=0.1, shift=2, elastic=0.5),
    label_smoothing=0.1,
)
