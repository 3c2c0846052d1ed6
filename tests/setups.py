"""Random trainings that the form accepts: none of them may end the worker.

`python -m tests.setups 200` tries so many, one after the other in one process that is begun anew where it dies,
and prints each set-up that ended it or that raised. About ten minutes on two cores.
`python -m tests.setups 20 100` tries the twenty from number 100 on.
"""

import json
import multiprocessing
import resource
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import fields, replace
from itertools import islice
from typing import Any

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
from core.records import Augmentation, Change, Dataset, Metric, Probe, State, TrainConfig, View
from core.storage.steering import Request
from core.training import configs, memory, optimization, steering
from ui.components import learning

DATA = ("mnist", "mnist", "cifar10", "cifar10", "fashion-mnist", "emnist-letters", "emnist-balanced")
TRAIN, TEST = 400, 60  # images in each data set here
MAX_WORK = 2e10  # multiplications of one training, so that it takes a second or two
TRIES = 1000  # random layers until some are accepted
INNER = tuple(a for a in architectures.ACTIVATIONS if a != "softmax")
# The form offers these; "log" comes with an ensemble that was opened from a file.
FUNCTIONS = (*(f for f in architectures.FUNCTIONS if f not in ("softmax", "log")), "leaky_relu_0.3")


def setup(seed: int) -> TrainConfig:
    """Return a configuration that the form accepts; the same for the same seed."""
    rng = np.random.default_rng(seed)
    for _ in range(TRIES):
        data = str(rng.choice(DATA))
        layers = _layers(rng, len(configs.KINDS[data].classes))
        config = TrainConfig(layers, str(rng.choice([*optimization.OPTIMIZERS])), data=data)
        config = replace(config, **_settings(rng, configs.KINDS[data].train), augmentation=_augmentation(rng))
        if config.checkpoint_selection == "last" or not config.validation_split:
            config = replace(config, patience=None)
        if rng.random() < 0.3:
            changes = (Change(int(rng.integers(8)), *_changed(rng, config)) for _ in range(rng.integers(1, 5)))
            config = replace(config, changes=tuple(sorted(changes, key=lambda change: change.step)))
        if not (configs.check(config) or memory.check(config)) and _work(config) < MAX_WORK:
            return config
    raise AssertionError("no random layers were accepted")


def attempt(seed: int) -> str:
    """Train it on a little noise, export it, read with it; return how it ended. It may end the process."""
    from core.models import keras_import, keras_program, state_networks  # noqa: PLC0415
    from core.models.classifiers import Classifier  # noqa: PLC0415
    from core.worker import export, measure, training  # noqa: PLC0415
    from core.worker.hooks import Hooks  # noqa: PLC0415

    config, kept = setup(seed), Kept()
    trained = training.train(config, noise(config.data), kept.hooks(Hooks, asked(config, seed)))
    network = export.to_network(trained.model, config.layers, "noise", {}, config.data)
    pictures = noise(config.data).x_test[:1]
    by_keras, by_litert = (
        measure.logits(trained.model, pictures),
        Classifier(network).logits(pictures / np.float32(255)),
    )
    assert by_keras.shape == by_litert.shape == (1, len(configs.kind(config).classes))
    if trained.ended == "finished":
        layers, _, shape = keras_import.read(export.to_keras(trained.model))
        assert (_named(layers), shape) == (_named(config.layers), configs.kind(config).shape)
    assert json.dumps(kept.shown(config), allow_nan=False)  # what the page is sent
    assert architectures.from_json(architectures.to_json(network.layers)) == network.layers  # as it is stored
    for state in kept.states.values():
        state_networks.at(network, config.layers, state)
    compile(keras_program.source(config), "the same in Python", "exec")
    return f"{trained.ended}, {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.1f} GB at the most"


def _named(layers: Sequence[Layer]) -> list[Layer]:
    """But for the rates of dropout, which may have been changed on the way; one leaky ReLU has two names."""
    same: dict[Layer, Layer] = {Activation("leaky_relu_0.2"): Activation("leaky_relu")}
    return [Dropout(0.5) if isinstance(layer, Dropout) else same.get(layer, layer) for layer in layers]


class Kept:
    """What a training tells while it goes on."""

    def __init__(self) -> None:
        self.states: dict[int, State] = {}
        self.points: list[Metric] = []
        self.probe: Probe | None = None

    def hooks(self, hooks: Callable[..., Any], requests: Callable[[], Sequence[Request]]) -> Any:
        """Of a training that is asked for this meanwhile. hooks: the worker's."""
        return hooks(
            on_state=self._add,
            on_view=self._view,
            on_probe=self._watch,
            on_metric=self.points.append,
            moments=lambda: [(step, state.images) for step, state in self.states.items()],
            requests=requests,
        )

    def shown(self, config: TrainConfig) -> dict[str, Any]:
        """What the component that shows a network learn is given of it."""
        kind, states = configs.kind(config), [_stored(state) for state in self.states.values()]
        if self.probe is None:
            return {"nothing": True}  # of networks whose states are too large to keep
        told: dict[str, Any] = {"measured": configs.measured(config), "total": 1000, "readings": {}}
        return learning.data(config.layers, kind, self.probe, states, self.points, **told)

    def _add(self, state: State, gone: Sequence[int]) -> None:
        for step in gone:
            del self.states[step]
        self.states[state.step] = state

    def _view(self, step: int, view: View) -> None:
        self.states[step] = replace(self.states[step], view=view)

    def _watch(self, probe: Probe) -> None:
        self.probe = probe


def _stored(state: State) -> State:
    """As the page reads it from the database, with the first kernel alone."""
    kernel = next(((name, array) for name, array in state.weights.items() if name.endswith("/kernel")), None)
    return replace(state, weights=dict([kernel] if kernel else []))


def asked(config: TrainConfig, seed: int) -> Callable[[], list[Request]]:
    """Return what somebody who looks on asks for, one thing at each look; in the end it goes on in full."""
    rng = np.random.default_rng([seed, 1])
    if rng.random() < 0.4:
        return list
    wanted = [Request(n, *_changed(rng, config)) for n in range(rng.integers(1, 4))]
    wanted += [Request(9, name) for name in ("pause", "batch", "batch", "epoch", "slow", "resume")]
    waiting = iter(wanted)
    return lambda: list(islice(waiting, 1))


def _changed(rng: np.random.Generator, config: TrainConfig) -> tuple[str, float]:
    """A setting that is changed while it trains, to one of its ends or something between."""
    name = str(rng.choice(steering.offered(config)))
    least, most = steering.SETTINGS[name].min, steering.SETTINGS[name].max
    return name, float(rng.choice([least, most, least + (most - least) * rng.random()]))


def _tried(seed: int) -> str:
    """What `attempt` returns or raises, as text: some exceptions do not survive the way to another process."""
    try:
        return attempt(seed)
    except Exception:  # noqa: BLE001  # whatever it is, it is told, and the next is tried
        return f"RAISED {traceback.format_exc(limit=-3)}"


def noise(data: str) -> Dataset:
    """Images of the data set's shape in which there is nothing to learn."""
    rng = np.random.default_rng(0)
    kind = configs.KINDS[data]
    shape = kind.shape[: 2 if kind.shape[2] == 1 else 3]
    pictures = rng.integers(0, 256, (TRAIN + TEST, *shape), np.uint8)
    labels = rng.integers(0, len(kind.classes), TRAIN + TEST).astype(np.uint8)
    return Dataset(pictures[:TRAIN], labels[:TRAIN], pictures[TRAIN:], labels[TRAIN:])


def _layers(rng: np.random.Generator, classes: int) -> tuple[Layer, ...]:
    layers: list[Layer] = []
    for _ in range(rng.integers(0, 6)):
        layers.append(_of_images(rng))
        if isinstance(layers[-1], Conv2D) and rng.random() < 0.3:  # as recipes normalise
            layers[-1] = replace(layers[-1], activation="linear")
            layers += [BatchNormalization(), Activation(str(rng.choice(FUNCTIONS)))]
    layers.append(Flatten())
    for _ in range(rng.integers(0, 4)):
        layers.append(_of_vectors(rng))
    return (*layers, Dense(classes, "softmax"))


def _of_images(rng: np.random.Generator) -> Layer:
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
    return BatchNormalization(), Activation(str(rng.choice(FUNCTIONS))), Dropout(rate)


def _one_of(rng: np.random.Generator, *layers: Layer) -> Layer:
    return layers[rng.integers(len(layers))]


def _up_to(rng: np.random.Generator, most: int) -> int:
    """1..most, small numbers as often as large ones, and each end now and then."""
    return int(rng.choice([1, most, *np.exp(rng.uniform(0, np.log(most), 8)).astype(int)]))


def _settings(rng: np.random.Generator, images: int) -> dict:
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
        "momentum": _end_or_between(rng, "momentum"),
        "weight_decay": _end_or_between(rng, "weight_decay"),
        "beta_2": _end_or_between(rng, "beta_2"),
        "epsilon": _end_or_between(rng, "epsilon"),
    }


def _end_or_between(rng: np.random.Generator, name: str) -> float | None:
    """As it is usually, or one end of its range, or somewhere between."""
    least, most = configs.LIMITS[name]
    return None if rng.random() < 0.4 else float(rng.choice([least, most, rng.uniform(least, most)]))


def _augmentation(rng: np.random.Generator) -> Augmentation:
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
            ended = pool.submit(_tried, seed).result()
        except BrokenProcessPool:
            ended, pool = "ENDED THE PROCESS", ProcessPoolExecutor(1, context)
        print(f"{seed}: {ended}, {time.monotonic() - began:.1f} s", flush=True)
        if ended.startswith(("ENDED", "RAISED")):
            bad += 1
            print(json.dumps(configs.to_json(setup(seed))), flush=True)
    pool.shutdown()
    print(f"{bad} of {count} set-ups ended the process or raised")
    return bad


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:]]
    sys.exit(bool(main(numbers[1] if len(numbers) > 1 else 0, numbers[0] if numbers else 200)))
