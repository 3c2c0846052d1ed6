"""Training: a configuration and data in, weights out, a Metric after every epoch."""

import time
from collections.abc import Callable

import keras
import numpy as np

from core.records import Dataset, Metric, TrainConfig
from core.worker import models

OPTIMIZERS = {
    "SGD": keras.optimizers.SGD,
    "RMSprop": keras.optimizers.RMSprop,
    "Adam": keras.optimizers.Adam,
}


def train(
    config: TrainConfig,
    data: Dataset,
    on_metric: Callable[[Metric], None],
    should_stop: Callable[[], bool] = lambda: False,
) -> keras.Model:
    """Train on data.x_train and return the model as it is after the last epoch.

    data.x_test is only measured, never learnt from and never used to choose.
    on_metric is called after each epoch; training ends early once should_stop() is true.
    """
    keras.utils.set_random_seed(config.seed)
    model = models.build(config.layers)
    rate = {} if config.learning_rate is None else {"learning_rate": config.learning_rate}
    model.compile(
        OPTIMIZERS[config.optimizer](**rate), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    model.fit(
        as_input(data.x_train),
        data.y_train,
        batch_size=config.batch_size,
        epochs=config.epochs,
        validation_data=(as_input(data.x_test), data.y_test),
        validation_batch_size=1000,
        verbose=0,
        callbacks=[_Report(on_metric, should_stop)],
    )
    return model


def as_input(pictures: np.ndarray) -> np.ndarray:
    """uint8 [n, 28, 28], 0..255 -> float32 [n, 28, 28, 1], 0..1: what every network is given."""
    return (pictures.astype(np.float32) / 255)[..., None]


class _Report(keras.callbacks.Callback):
    """Turns Keras's epoch logs into Metrics."""

    def __init__(self, on_metric: Callable[[Metric], None], should_stop: Callable[[], bool]):
        super().__init__()
        self.on_metric, self.should_stop = on_metric, should_stop

    def on_train_begin(self, logs=None):
        self.started = time.monotonic()

    def on_epoch_end(self, epoch, logs):
        self.on_metric(
            Metric(
                epoch=epoch + 1,
                seconds=time.monotonic() - self.started,
                train_accuracy=float(logs["accuracy"]),
                train_loss=float(logs["loss"]),
                test_accuracy=float(logs["val_accuracy"]),
                test_loss=float(logs["val_loss"]),
            )
        )
        if self.should_stop():
            self.model.stop_training = True
