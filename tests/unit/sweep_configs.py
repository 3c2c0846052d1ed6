"""The configuration whose settings the sweeps of tests vary."""

from core.nn.architectures import Dense, Flatten
from core.records import TrainConfig

CONFIG = TrainConfig((Flatten(), Dense(10, "softmax")), optimizer="Adam", validation_split=0.1, batch_size=32)
