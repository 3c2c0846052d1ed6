"""What the database keeps of a run: a configuration, a checkpoint, a point of its curves."""

import numpy as np

from core.nn.architectures import Dense, Flatten
from core.records import Checkpoint, Metric, TrainConfig

CONFIG = TrainConfig((Flatten(), Dense(10, "softmax")), optimizer="SGD", epochs=2)
CHECKPOINT = Checkpoint(3, 500, 1.5, (np.zeros(3, np.float32),), {"a/b": np.eye(2)}, 1, 0.5)
POINT = Metric(
    images=500,
    epoch=0.5,
    seconds=1.5,
    train_accuracy=0.75,
    train_loss=0.9,
    validation_accuracy=0.8,
    validation_loss=0.7,
    whole=True,
    drawing=(0.1,) * 10,
)
