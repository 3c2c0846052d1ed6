"""What training costs, beside the tutorials' own code: `python -m benchmarks.training` (about eight minutes).

Ours and theirs take turns in one process, so that a busy machine slows both; medians are compared.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar
from unittest import mock

import keras
import numpy as np

from core.data import datasets
from core.records import Dataset, Metric, TrainConfig
from core.training import recipes
from core.worker import measure, models, training
from core.worker.hooks import Hooks

T = TypeVar("T")

TURNS = 3
BEST_EPOCHS = 40  # of the first tutorial's best network
PICTURES = {  # per pass, so that each takes about a second
    "first-conv": 12_800,
    "first-conv-best": 20_000,
    "simplified-lenet": 19_200,
    "perceptron": 60_000,
    "two-conv-one-pooling": 6_400,
}
PLAIN = {
    "SGD": keras.optimizers.SGD,
    "RMSprop": keras.optimizers.RMSprop,
    "Adam": keras.optimizers.Adam,
    "Adadelta": keras.optimizers.Adadelta,
}

TEXT = """## Training

From the call to the measured test accuracy, compiling and augmentation included, the import of TensorFlow
left out; medians of {turns} trainings that took turns, seeds 0 to {last_seed}. The tutorials' own code is
`model.fit` on NumPy arrays with the test digits as validation data.

| until | ours | test accuracy | the tutorial's own code | test accuracy | ratio |
|---|--:|--:|--:|--:|--:|
{races}

{scaled}Unchanged networks and batch sizes of the tutorials, pictures per second after the first pass:

| network | ours | `model.fit` | ratio |
|---|--:|--:|--:|
{speeds}

The live points of 'quick', each with a reading of a drawing, add {live:.1%} to its time (median of
{live_turns} trainings).
"""


@dataclass(frozen=True)
class Race:
    """Trainings of one kind against those of another.

    ours, theirs: seconds of each training. our_accuracies, their_accuracies: of each on the test digits.
    fraction: what part of the epochs of `theirs` was run; its seconds are scaled up to the whole.
    """

    ours: tuple[float, ...]
    theirs: tuple[float, ...]
    our_accuracies: tuple[float, ...]
    their_accuracies: tuple[float, ...]
    fraction: float = 1.0


@dataclass(frozen=True)
class Pair:
    """Two lists of the same quantity, taken in turns: images per second, or seconds."""

    ours: tuple[float, ...]
    theirs: tuple[float, ...]


def quick_race(turns: int = TURNS) -> Race:
    """(a) Our recipe 'quick' against the simplified LeNet, both beyond 98.54%."""
    both = [(_ours_timed("quick", seed), _timed(partial(_simplified_lenet, seed))) for seed in range(turns)]
    return Race(
        ours=tuple(seconds for (seconds, _), _ in both),
        theirs=tuple(seconds for _, (seconds, _) in both),
        our_accuracies=tuple(accuracy for (_, accuracy), _ in both),
        their_accuracies=tuple(accuracy for _, (_, accuracy) in both),
    )


def best_race(epochs: int = BEST_EPOCHS, our_turns: int = TURNS) -> Race:
    """(b) Our recipe 'minute' against the best network of the first tutorial, which takes one long turn."""
    ours = [_ours_timed("minute", seed) for seed in range(our_turns - 1)]
    seconds, accuracy = _timed(lambda: _first_best(0, epochs))
    ours.append(_ours_timed("minute", our_turns - 1))
    return Race(
        ours=tuple(s for s, _ in ours),
        theirs=(seconds * BEST_EPOCHS / epochs,),
        our_accuracies=tuple(a for _, a in ours),
        their_accuracies=(accuracy,),
        fraction=epochs / BEST_EPOCHS,
    )


def speed(recipe: str, turns: int = TURNS) -> Pair:
    """(c) Images per second with a recipe's unchanged network and batch size, ours and `model.fit`."""
    config = replace(
        recipes.RECIPES[recipe].config, train_size=PICTURES[recipe], epochs=3, validation_split=0.0
    )
    both = [(_our_speed(config), _their_speed(config)) for _ in range(turns)]
    ours, theirs = zip(*both, strict=True)
    return Pair(ours, theirs)


def live_cost(turns: int = 5) -> tuple[float, ...]:
    """(d) Which share of each training of 'quick', all else, its points between epochs add.

    Timed inside, as two whole trainings differ by more. The first point also compiles what the measurement
    at the end needs anyway, so it counts as much as the median of the others.
    """
    drawing = np.zeros((28, 28), np.float32)
    hooks = Hooks(on_metric=_Rows(), drawing=lambda: drawing)
    fractions = []
    for _ in range(turns):
        spent: list[float] = []
        point = training._Training._measure_sample

        def timed(*args: Any, point: Callable = point, spent: list[float] = spent) -> None:
            spent.append(_timed(lambda: point(*args))[0])

        with mock.patch.object(training._Training, "_measure_sample", timed):
            seconds, _ = _timed(
                lambda: training.train(recipes.RECIPES["quick"].config, datasets.mnist(), hooks)
            )
        points = len(spent) * float(np.median(spent[1:]))
        fractions.append(points / (seconds - points))
    return tuple(fractions)


def markdown(epochs: int = BEST_EPOCHS) -> str:
    """Measure all of it and return a section of docs/benchmarks.md. With fewer `epochs`, (b) is scaled."""
    quick, best = quick_race(), best_race(epochs)
    speeds = {name: speed(name) for name in PICTURES}
    live = live_cost()
    scaled = f"Of the first tutorial's {BEST_EPOCHS} passes {epochs} were run, and the time scaled.\n\n"
    return TEXT.format(
        turns=TURNS,
        last_seed=TURNS - 1,
        races="\n".join(
            (
                _race_row("98.54%", quick, "simplified LeNet, 5 passes"),
                _race_row("99.4%", best, f"first tutorial's best, {BEST_EPOCHS} passes"),
            )
        ),
        scaled=scaled if best.fraction < 1 else "",
        speeds="\n".join(_speed_row(name, pair) for name, pair in speeds.items()),
        live=np.median(live),
        live_turns=len(live),
    )


def _timed(call: Callable[[], T]) -> tuple[float, T]:
    """Return how many seconds the call takes, and what it returns."""
    started = time.perf_counter()
    result = call()
    return time.perf_counter() - started, result


def _ours_timed(recipe: str, seed: int) -> tuple[float, float]:
    """Return (seconds, test accuracy) of one training."""
    return _timed(lambda: _ours(recipe, seed))


def _ours(recipe: str, seed: int) -> float:
    """Train one of our recipes and return its accuracy on the test digits."""
    data = datasets.mnist()
    model = training.train(replace(recipes.RECIPES[recipe].config, seed=seed), data).model
    return float((measure.logits(model, data.x_test).argmax(1) == data.y_test).mean())


def _simplified_lenet(seed: int) -> float:
    """The workshop's code, as it would be written."""
    layers = keras.layers
    network = [
        keras.Input((28, 28, 1)),
        layers.Conv2D(32, (3, 3), activation="relu"),
        layers.MaxPooling2D((2, 2)),
        layers.Flatten(),
        layers.Dense(128, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ]
    return _fit(network, "adam", batch_size=128, epochs=5, seed=seed)


def _first_best(seed: int, epochs: int) -> float:
    """The first tutorial's code for its best network, as it would be written."""
    layers = keras.layers
    network = [
        keras.Input((28, 28, 1)),
        layers.Conv2D(16, 4, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(32, 4, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dropout(0.4),
        layers.Dense(100, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ]
    return _fit(network, keras.optimizers.RMSprop(0.001), batch_size=200, epochs=epochs, seed=seed)


def _fit(network: list, optimizer: object, *, batch_size: int, epochs: int, seed: int) -> float:
    """`model.fit` and `model.evaluate` as tutorials write them; returns the test accuracy."""
    keras.utils.set_random_seed(seed)
    data = datasets.mnist()
    x_train = data.x_train.reshape(60000, 28, 28, 1).astype("float32") / 255
    x_test = data.x_test.reshape(10000, 28, 28, 1).astype("float32") / 255
    y_train = keras.utils.to_categorical(data.y_train, 10)
    y_test = keras.utils.to_categorical(data.y_test, 10)
    model = keras.Sequential(network)
    model.compile(optimizer=optimizer, loss="categorical_crossentropy", metrics=["accuracy"])
    model.fit(
        x_train,
        y_train,
        batch_size=batch_size,
        epochs=epochs,
        verbose=0,
        validation_data=(x_test, y_test),
    )
    return float(model.evaluate(x_test, y_test, verbose=0)[1])


def _our_speed(config: TrainConfig) -> float:
    """Images per second of the passes after the first, live points and all."""
    full, rows = datasets.mnist(), _Rows()
    few = Dataset(full.x_train, full.y_train, full.x_test[:500], full.y_test[:500])  # `fit` measures none
    training.train(config, few, Hooks(on_metric=rows))
    ends = [metric for metric in rows if metric.whole]
    return (ends[-1].images - ends[0].images) / (ends[-1].seconds - ends[0].seconds)


def _their_speed(config: TrainConfig) -> float:
    """Images per second of `model.fit` in the passes after the first."""
    keras.utils.set_random_seed(config.seed)
    data, clock = datasets.mnist(), _Clock()
    x_train = data.x_train[: config.train_size, ..., None].astype("float32") / 255
    model = models.build(config.layers)
    rate = {} if config.learning_rate is None else {"learning_rate": config.learning_rate}
    model.compile(
        optimizer=PLAIN[config.optimizer](**rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    model.fit(
        x_train,
        data.y_train[: config.train_size],
        batch_size=config.batch_size,
        epochs=config.epochs,
        verbose=0,
        callbacks=[clock],
    )
    return (config.epochs - 1) * config.train_size / (clock.ends[-1] - clock.ends[0])


class _Clock(keras.callbacks.Callback):
    """Notes when each epoch of `model.fit` ends."""

    def __init__(self) -> None:
        super().__init__()
        self.ends: list[float] = []

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        self.ends.append(time.perf_counter())


class _Rows(list[Metric]):
    """The metrics of a training; called with each."""

    def __call__(self, metric: Metric) -> None:
        self.append(metric)


def _race_row(goal: str, race: Race, name: str) -> str:
    ours, theirs = np.median(race.ours), np.median(race.theirs)
    reached = "not measured" if race.fraction < 1 else _accuracies(race.their_accuracies)
    return (
        f"| {goal} | {ours:.1f} s | {_accuracies(race.our_accuracies)} "
        f"| {theirs:.1f} s ({name}) | {reached} | {theirs / ours:.1f} |"
    )


def _speed_row(name: str, pair: Pair) -> str:
    ours, theirs = np.median(pair.ours), np.median(pair.theirs)
    return f"| {name} | {ours:,.0f} | {theirs:,.0f} | {ours / theirs:.2f} |"


def _accuracies(accuracies: tuple[float, ...]) -> str:
    return ", ".join(f"{accuracy:.2%}" for accuracy in accuracies)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training", description=__doc__)
    parser.add_argument("--epochs", type=int, default=BEST_EPOCHS, help="passes of the first tutorial's best")
    print(markdown(parser.parse_args().epochs))
