"""Random trainings that the form accepts: none of them may end the worker.

`python -m tests.setups 200` tries so many, one after the other in one process that is begun anew where it dies,
and prints each set-up that ended it or that raised. About ten minutes on two cores.
"""

import json
import multiprocessing
import resource
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import fields, replace

import numpy as np

from core.data import augmentation, datasets
from core.nn import architectures
from core.nn.architectures import (
    Activation,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Layer,
    MaxPooling2D,
)
from core.records import Augmentation, Dataset, TrainConfig
from core.training import configs, memory, optimization

TRAIN, TEST = 400, 60  # pictures in each data set here
MAX_WORK = 2e10  # multiplications of one training, so that it takes a second or two
TRIES = 1000  # random layers until some are accepted
INNER = tuple(a for a in architectures.ACTIVATIONS if a != "softmax")


def setup(seed: int) -> TrainConfig:
    """Return a configuration that the form accepts; the same for the same seed."""
    rng = np.random.default_rng(seed)
    for _ in range(TRIES):
        data = str(rng.choice(["mnist", "cifar10"]))
        config = TrainConfig(_layers(rng, data), str(rng.choice([*optimization.OPTIMIZERS])), data=data)
        config = replace(config, **_settings(rng), augmentation=_changes(rng))
        if config.checkpoint_selection == "last" or not config.validation_split:
            config = replace(config, patience=None)
        if not (configs.check(config) or memory.check(config)) and _work(config) < MAX_WORK:
            return config
    raise AssertionError("no random layers were accepted")


def attempt(seed: int) -> str:
    """Train it on a little noise, export it, read with it; return how it ended. It may end the process."""
    from core.models import keras_import  # noqa: PLC0415
    from core.models.classifiers import Classifier  # noqa: PLC0415
    from core.worker import export, training  # noqa: PLC0415

    config = setup(seed)
    trained = training.train(config, noise(config.data))
    network = export.to_network(trained.model, config.layers, "noise", {}, config.data)
    pictures = noise(config.data).x_test[:1]
    by_keras, by_litert = (
        training.logits(trained.model, pictures),
        Classifier(network).logits(pictures / np.float32(255)),
    )
    assert by_keras.shape == by_litert.shape == (1, 10)
    layers, _, shape = (
        keras_import.read(export.to_keras(trained.model)) if trained.ended == "finished" else 3 * (None,)
    )
    assert layers is None or (layers, shape) == (config.layers, configs.kind(config).shape)
    return f"{trained.ended}, {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.1f} GB at the most"


def noise(data: str) -> Dataset:
    """Pictures of the data set's shape in which there is nothing to learn."""
    rng = np.random.default_rng(0)
    shape = configs.KINDS[data].shape[: 2 if data == "mnist" else 3]
    pictures = rng.integers(0, 256, (TRAIN + TEST, *shape), np.uint8)
    labels = rng.integers(0, 10, TRAIN + TEST).astype(np.uint8)
    return Dataset(pictures[:TRAIN], labels[:TRAIN], pictures[TRAIN:], labels[TRAIN:])


def _layers(rng: np.random.Generator, data: str) -> tuple[Layer, ...]:
    layers: list[Layer] = []
    for _ in range(rng.integers(0, 6)):
        layers.append(_of_pictures(rng, 32 if data == "cifar10" else 28))
    layers.append(Flatten())
    for _ in range(rng.integers(0, 4)):
        layers.append(_of_vectors(rng))
    return (*layers, Dense(10, "softmax"))


def _of_pictures(rng: np.random.Generator, side: int) -> Layer:
    kernel = min(int(rng.choice([1, 1, 2, 3, 3, 4, 5, 7, 28])), 28)
    convolution = Conv2D(
        _up_to(rng, 512), kernel, int(rng.integers(1, 9)) if rng.random() < 0.5 else 1,
        str(rng.choice(architectures.PADDINGS)), str(rng.choice(INNER)),
    )  # fmt: skip
    pool = int(rng.integers(1, 15)) if rng.random() < 0.3 else 2
    return _one_of(rng, convolution, convolution, MaxPooling2D(pool), AveragePooling2D(pool), *_of_any(rng))


def _of_vectors(rng: np.random.Generator) -> Layer:
    dense = Dense(_up_to(rng, 4096), str(rng.choice(INNER)))
    return _one_of(rng, dense, dense, *_of_any(rng))


def _of_any(rng: np.random.Generator) -> tuple[Layer, ...]:
    rate = float(rng.choice([0.0, 0.25, 0.9]))
    return BatchNormalization(), Activation(str(rng.choice(INNER))), Dropout(rate)


def _one_of(rng: np.random.Generator, *layers: Layer) -> Layer:
    return layers[rng.integers(len(layers))]


def _up_to(rng: np.random.Generator, most: int) -> int:
    """1..most, small numbers as often as large ones, and each end now and then."""
    return int(rng.choice([1, most, *np.exp(rng.uniform(0, np.log(most), 8)).astype(int)]))


def _settings(rng: np.random.Generator) -> dict:
    limits = configs.LIMITS
    held_out = int(rng.choice([0, 1, 20, 100]))
    return {
        "learning_rate": None if rng.random() < 0.3 else float(10 ** rng.uniform(-6, 4)),
        "schedule": str(rng.choice([*optimization.SCHEDULES])),
        "batch_size": _up_to(rng, limits["batch_size"][1]),
        "epochs": int(rng.integers(1, 4)),
        "seed": int(rng.integers(limits["seed"][1])),
        "train_size": int(rng.integers(10, TRAIN - held_out)),
        "validation_split": held_out / datasets.KINDS["mnist"].train,
        "checkpoint_selection": str(rng.choice(["best", "last"])),
        "patience": None if rng.random() < 0.5 else int(rng.integers(1, 4)),
        "attack_budget": float(rng.choice([0.0, 0.0, 0.2])),
        "label_smoothing": float(rng.choice([0.0, 0.1, 0.5])),
        "p_no_augment": float(rng.choice([0.0, 0.3, 1.0])),
    }


def _changes(rng: np.random.Generator) -> Augmentation:
    if rng.random() < 0.4:
        return augmentation.NONE
    most = {f.name: getattr(augmentation.LIMITS, f.name) for f in fields(Augmentation)}
    some = {name: value for name, value in most.items() if rng.random() < 0.4}
    return Augmentation(**some)


def _work(config: TrainConfig) -> float:
    work = architectures.multiply_adds(config.layers, configs.kind(config).shape)
    return 3.0 * work * config.train_size * config.epochs


def main(first: int, count: int) -> int:
    """Try the set-ups of so many seeds; return how many ended the process, raised, or hung."""
    context, bad = multiprocessing.get_context("spawn"), 0
    pool = ProcessPoolExecutor(1, context)
    for seed in range(first, first + count):
        began = time.monotonic()
        try:
            ended = pool.submit(attempt, seed).result()
        except BrokenProcessPool:
            ended, pool = "ENDED THE PROCESS", ProcessPoolExecutor(1, context)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is told, and the next is tried
            ended = f"RAISED {type(error).__name__}: {error}"
        print(f"{seed}: {ended}, {time.monotonic() - began:.1f} s", flush=True)
        if ended.startswith(("ENDED", "RAISED")):
            bad += 1
            print(json.dumps(configs.to_json(setup(seed))), flush=True)
    pool.shutdown()
    print(f"{bad} of {count} set-ups ended the process or raised")
    return bad


if __name__ == "__main__":
    sys.exit(bool(main(0, int(sys.argv[1]) if len(sys.argv) > 1 else 200)))
