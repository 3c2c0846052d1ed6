"""Which images a training learns from, epoch by epoch, and which it is measured on.

Called by `core.worker.training`.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.records import Dataset, TrainConfig
from core.training import configs

SAMPLE = 1000  # validation images that are measured between epochs


@dataclass(frozen=True)
class DataSplit:
    """The images of a data set, divided as a configuration says.

    chosen: indices in x_train, int [n], that each epoch learns from. added: how many stand before MNIST's, of
    which each epoch takes `extra_fraction`. x_validation, y_validation: uint8 [n, h, w] or [n, h, w, c], [n].
    first_validation: the index of the first of them as the data set numbers its images.
    """

    config: TrainConfig
    chosen: np.ndarray
    added: int
    x_validation: np.ndarray
    y_validation: np.ndarray
    first_validation: int

    def indices(self, epoch: int) -> np.ndarray:
        """Which images this pass learns from, int32: as many in each."""
        added = np.arange(self.added)
        if self.config.extra_fraction < 1:
            rng = np.random.default_rng([self.config.seed, epoch, 1])
            added = rng.permutation(self.added)[: round(self.config.extra_fraction * self.added)]
        return np.concatenate([added, self.chosen]).astype(np.int32)

    @cached_property
    def sample(self) -> np.ndarray:
        """Which validation images are measured between epochs, int [SAMPLE] at most."""
        return np.random.default_rng(0).permutation(len(self.x_validation))[:SAMPLE]


def split(config: TrainConfig, data: Dataset) -> DataSplit:
    """Divide `data`. Its test images stand in where none are held out."""
    held_out = configs.divide(config)[1]
    rest = len(data.x_train) - held_out
    added = max(0, len(data.x_train) - configs.kind(config).train)  # before MNIST's
    chosen = configs.training_indices(config, rest - added) + added
    if held_out:
        return DataSplit(config, chosen, added, data.x_train[rest:], data.y_train[rest:], rest - added)
    return DataSplit(config, chosen, added, data.x_test, data.y_test, 0)
