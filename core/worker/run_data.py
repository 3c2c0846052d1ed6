"""What a run learns from: its images, the drawings among them, and the weights that it begins with.

Called by `core.worker.tasks` and `core.worker.run_results`.
"""

import contextlib
import os
import sys
from collections.abc import Callable

import numpy as np

from core.data import datasets, training_sets
from core.models import registry
from core.records import Dataset, DrawingArrays, TrainConfig
from core.storage import drawings, room_drawings
from core.storage.store import Store
from core.training import configs, finetuning
from core.worker import training


def _files(config: TrainConfig) -> training_sets.Files:
    return training_sets.Files(config.pen_digits, config.unipen_digits, config.unipen_characters)


# TrainConfig.data -> what is learnt from.
DATA: dict[str, Callable[[Store, TrainConfig, Callable[[float], object]], Dataset]] = {
    "mnist": lambda store, config, drawn: datasets.mnist(),
    "digit-lab": lambda store, config, drawn: training_sets.digit_lab(config.seed, _files(config), drawn),
    "cifar10": lambda store, config, drawn: cifar10(),
    **dict.fromkeys(datasets.IN_FILES, lambda store, config, drawn: datasets.load(config.data)),
    **dict.fromkeys(
        configs.FINE_TUNING_DATA,
        lambda store, config, drawn: finetuning.dataset(_drawings(store, config), config),
    ),
}

# TrainConfig.data -> images, not learnt from, on which it is calibrated; where it knows what is no digit.
HELD_OUT: dict[str, Callable[[TrainConfig], tuple[np.ndarray, np.ndarray]]] = {
    "digit-lab": lambda config: training_sets.held_out(_files(config), configs.divide(config)[1]),
    "hand or none": lambda config: finetuning.calibration(config.seed),
}


def cifar10() -> Dataset:
    """Return CIFAR-10, which Keras downloads first where it is not here yet. Raises NoData."""
    path = datasets.cifar10_path()
    if not path.exists():
        try:
            with contextlib.redirect_stdout(sys.stderr):  # what it says of the download is no line of --json's
                (x_train, y_train), (x_test, y_test) = training.keras.datasets.cifar10.load_data()
        except Exception as error:  # noqa: BLE001  # what Keras raises where a download fails
            raise datasets.NoData(
                f"CIFAR-10 could not be downloaded ({str(error).splitlines()[0]}). Train again with "
                f"internet, or put {datasets.CIFAR10_FILE} into {path.parent}."
            ) from None
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_suffix(f".{os.getpid()}.npz")  # nobody reads a file that is half written
        np.savez(half, x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)
        half.replace(path)
    return datasets.cifar10()


def _drawings(store: Store, config: TrainConfig) -> DrawingArrays:
    """The drawings that a network is fine-tuned on. Raises ValueError where there are none to learn from."""
    assert config.fine_tuning is not None
    whose, until = config.fine_tuning.visitor, config.fine_tuning.until
    if whose.startswith(room_drawings.PREFIX):
        found = room_drawings.arrays(store, int(whose.removeprefix(room_drawings.PREFIX)), until)
    else:
        found = drawings.load(store, whose, until)
    if found.held_out.all():
        raise ValueError("there is no drawing to learn from; those that are held back never are.")
    return found


def base_weights(store: Store, config: TrainConfig) -> dict[str, np.ndarray] | None:
    """The first weights, or None for random ones. Raises ValueError where their network is gone or another."""
    if config.fine_tuning is None or finetuning.learns_alone(config):
        return None
    network = registry.network(store, config.fine_tuning.base)
    if network is None or network.layers != config.layers:
        raise ValueError("the network that it begins with is not there any more.")
    return network.weights
