"""Trainings of a moment that are the same on each device."""

from dataclasses import replace

import numpy as np

from core.data import datasets
from core.nn.architectures import (
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPooling2D,
)
from core.records import Augmentation, Dataset, TrainConfig
from core.worker import models, training

CONFIG = TrainConfig(
    layers=(Conv2D(4, 5, 2), MaxPooling2D(2), Flatten(), Dense(10, "softmax")),
    optimizer="SGD",
    learning_rate=0.05,
    batch_size=60,  # three batches, and one of 1, of which the second device has nothing
    epochs=2,
    train_size=181,
    augmentation=Augmentation(rotation=10, shift=1),
    label_smoothing=0.1,
)
CONFIGS = {
    name: replace(CONFIG, optimizer=name, learning_rate=rate)
    for name, rate in (
        ("SGD", 0.05),
        ("SGD with momentum", 0.02),
        ("RMSprop", 0.001),
        ("Adam", 0.001),
        ("AdamW", 0.001),
        ("Adadelta", 0.5),
    )
}


def some_digits() -> Dataset:
    full = datasets.mnist()
    return Dataset(full.x_train[:181], full.y_train[:181], full.x_test[:50], full.y_test[:50])


def trained(config: TrainConfig) -> dict[str, np.ndarray]:
    return models.get_weights(training.train(config, some_digits()).model)


# On two devices dropout draws twice, so only its end is compared: it trains.
DROPPED = replace(
    CONFIG, layers=(Flatten(), Dense(20), BatchNormalization(), Dropout(0.5), Dense(10, "softmax"))
)
