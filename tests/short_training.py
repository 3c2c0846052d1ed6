"""A training of seconds, for pages and for the queue."""

from core.nn.architectures import Conv2D, Dense, Flatten
from core.records import TrainConfig

SHORT = TrainConfig(
    (Conv2D(4, 5, stride=3), Flatten(), Dense(10, "softmax")),
    optimizer="Adam",
    learning_rate=0.005,
    batch_size=50,
    epochs=2,
    train_size=1000,
    validation_split=0.02,
)
