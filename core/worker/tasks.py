"""What `jobs` has done in the worker process. Everything comes from the database and goes back to it."""

import os
import platform
import time
from collections import deque
from collections.abc import Callable

import numpy as np
import psutil

from core import configs, datasets, drawings, hand, mixture, optimization, readers
from core.architectures import (
    Activation,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    LayerError,
    MaxPooling2D,
)
from core.operations import softmax
from core.records import Dataset, Hand, Metric, Run, TrainConfig
from core.store import Store, StoreError, open_store
from core.words import counted
from core.worker import devices, export, models, training

_POLL = 0.25  # seconds between two looks at the stop flag
_PACE_SECONDS = 3.0  # over which images per second are averaged

WARM_LAYERS = (
    Conv2D(8, 3, 2, "same", "linear"),
    BatchNormalization(),
    Activation("relu"),
    MaxPooling2D(2),
    Flatten(),
    Dropout(0.5),
    Dense(10, "softmax"),
)

# TrainConfig.data -> what is learnt from.
DATA: dict[str, Callable[[Store, TrainConfig, Callable[[float], object]], Dataset]] = {
    "mnist": lambda store, config, drawn: datasets.mnist(),
    "digit-lab": lambda store, config, drawn: mixture.digit_lab(config.seed, config.pen_digits, drawn),
    "cifar10": lambda store, config, drawn: cifar10(),
    **dict.fromkeys(configs.HAND, lambda store, config, drawn: hand.dataset(_hand(store, config), config)),
}

# TrainConfig.data -> pictures, not learnt from, on which it is calibrated; where it knows what is no digit.
HELD_OUT: dict[str, Callable[[TrainConfig], tuple[np.ndarray, np.ndarray]]] = {
    "digit-lab": lambda config: mixture.held_out(config.pen_digits, configs.divide(config)[1]),
    "hand or none": lambda config: hand.calibration(config.seed),
}

DIGITS = 0.9  # of what people draw is taken to be a digit, by the shipped network's judgement

_SENTENCES = {
    "finished": "",
    "stopped": "It was stopped; the best weights until then are kept.",
    "early": "It stopped early: no better validation accuracy in {epochs}.",
    "diverged": (
        "The loss grew beyond all bounds after {images:,} images, so the training ended; the best weights from "
        "before are kept. Try a learning rate smaller than {rate:g}."
    ),
}


def warm() -> tuple[str, str]:
    """Do once, on nearly nothing, what every training does. Returns this worker's name and its device."""
    devices.prepare()
    datasets.mnist()  # from the disk
    empty, labels = np.zeros((64, 28, 28), np.uint8), np.arange(64, dtype=np.uint8) % 10
    config = TrainConfig(WARM_LAYERS, optimizer="Adam", batch_size=32, epochs=1)
    model = training.train(config, Dataset(empty, labels, empty, labels)).model
    export.to_network(model, config.layers, "warm", {})
    return worker_name(), devices.describe()


def train_run(
    url: str,
    number: int,
    watch: Callable[[Metric], object] | None = None,
    drawn: Callable[[float], object] = lambda share: None,
) -> None:
    """Train, or go on training, what run `number` says. Does nothing if it is no longer queued.

    watch: called with each point, after it has been stored. drawn: with the share, 0..1, of the pictures that
    are drawn before, where the data need that.
    """
    devices.prepare()
    store = open_store(url)
    if not store.claim(number, worker_name(), devices.describe()):
        return
    run = store.run(number)
    assert run is not None
    try:
        _train(store, run, watch, DATA[run.config.data](store, run.config, drawn))
    except datasets.NoData as error:
        store.end(number, "failed", str(error))
    except (LayerError, ValueError, KeyError, MemoryError) as error:
        store.end(number, "failed", f"The training failed: {error}")
    except StoreError as error:
        _last_words(store, number, str(error))
        raise
    except Exception as error:
        # The edge of a process: whatever TensorFlow raises is recorded, and the next run goes on.
        _last_words(store, number, f"The training failed: {type(error).__name__}: {str(error).splitlines()[0]}")
        raise


def finish_run(url: str, number: int) -> None:
    """Make a readable network of the best weights that an interrupted run has left."""
    devices.prepare()
    store = open_store(url)
    run, checkpoint = store.run(number), store.checkpoint(number)
    if run and checkpoint:
        _store_network(store, run, _model(run, checkpoint.best))


def last_test_accuracy(url: str, number: int) -> float:
    """Return the share of the test pictures that a run's last weights read rightly, kept or not."""
    store = open_store(url)
    run, checkpoint = store.run(number), store.checkpoint(number)
    assert run is not None
    assert checkpoint is not None
    model, data = _model(run, checkpoint.best), datasets.load(run.config.data)
    for variable, value in zip(model.variables, checkpoint.state, strict=False):  # the optimizer's come after
        variable.assign(value)
    return float((training.read(model, data.x_test).argmax(1) == data.y_test).mean())


def open_network(url: str, number: int) -> None:
    """Make a readable network of an uploaded file's weights, which are the run's checkpoint."""
    devices.prepare()
    store = open_store(url)
    if not store.claim(number, worker_name(), devices.describe()):
        return
    run, checkpoint = store.run(number), store.checkpoint(number)
    assert run is not None
    assert checkpoint is not None
    try:
        _store_network(store, run, _model(run, checkpoint.best), "done", "It was opened from a file.")
    except (LayerError, ValueError, KeyError) as error:
        store.end(number, "failed", f"The file's network cannot be built: {error}")


def cifar10() -> Dataset:
    """Return CIFAR-10, which Keras downloads first where it is not here yet. Raises NoData."""
    path = datasets.cifar10_path()
    if not path.exists():
        try:
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


def worker_name() -> str:
    """Return 'host:process:start', which no other process ever has."""
    return f"{platform.node()}:{os.getpid()}:{psutil.Process().create_time():.2f}"


def _train(store: Store, run: Run, watch: Callable[[Metric], object] | None, data: Dataset) -> None:
    checkpoint = store.checkpoint(run.id)
    if checkpoint:
        store.forget_metrics_after(run.id, checkpoint.images)
    hooks = _hooks(store, run.id, watch, reads_digits=configs.reads_digits(run.config))
    start = _start(store, run.config)
    trained = training.train(run.config, data, hooks, resume=checkpoint, start=start)
    if not (trained.last.best_epoch or trained.last.best_accuracy):
        store.end(run.id, *_NOTHING_KEPT[trained.ended])
        return
    if trained.ended != "diverged":  # else the checkpoint before it is where one would go on
        store.set_checkpoint(run.id, trained.last)
    note = _SENTENCES[trained.ended].format(
        epochs=counted(run.config.patience or 0, "epoch"),
        images=trained.last.images,
        rate=optimization.highest_rate(run.config),
    )
    _store_network(store, run, trained.model, _STATUS[trained.ended], note)


def _hand(store: Store, config: TrainConfig) -> Hand:
    """The drawings that a network is retrained on. Raises ValueError where there are none to learn from."""
    assert config.retraining is not None
    found = drawings.load(store, config.retraining.visitor, config.retraining.until)
    if found.held_back.all():
        raise ValueError("there is no drawing to learn from; those that are held back never are.")
    return found


def _start(store: Store, config: TrainConfig) -> dict[str, np.ndarray] | None:
    """The first weights, or None for random ones. Raises ValueError where their network is gone or another."""
    if config.retraining is None:
        return None
    network = readers.network(store, config.retraining.start)
    if network is None or network.layers != config.layers:
        raise ValueError("the network that it begins with is not there any more.")
    return network.weights


def _hooks(
    store: Store, number: int, watch: Callable[[Metric], object] | None, reads_digits: bool
) -> training.Hooks:
    """What a training tells the database, and asks of it, with as few transactions as will do."""
    asked, stop = 0.0, False
    points: deque[tuple[float, int]] = deque([(0.0, 0)])  # (seconds, images) of the last points

    def should_stop() -> bool:
        nonlocal asked, stop
        if time.monotonic() - asked > _POLL:
            stop, asked = store.beat(number), time.monotonic()
        return stop

    def on_metric(metric: Metric) -> None:
        while len(points) > 1 and metric.seconds - points[1][0] > _PACE_SECONDS:
            points.popleft()
        seconds, images = points[0]
        pace = (metric.images - images) / max(metric.seconds - seconds, 1e-6)
        points.append((metric.seconds, metric.images))
        store.add_metric(number, metric, pace)
        if watch:
            watch(metric)

    return training.Hooks(
        on_metric=on_metric,
        on_snapshot=lambda snapshot: store.set_snapshot(number, snapshot),
        on_checkpoint=lambda checkpoint: store.set_checkpoint(number, checkpoint),
        should_stop=should_stop,
        drawing=lambda: store.drawing(number) if reads_digits else None,
    )


_STATUS = {"finished": "done", "early": "done", "stopped": "stopped", "diverged": "failed"}
_NOTHING_KEPT = {
    "stopped": ("stopped", "It was stopped before its first point, so there is nothing to keep."),
    "diverged": (
        "failed",
        "The loss grew beyond all bounds before the first point, so there is nothing to keep. "
        "Try a smaller learning rate.",
    ),
}


def _store_network(
    store: Store, run: Run, model: training.keras.Model, status: str | None = None, note: str | None = None
) -> None:
    calibration = None
    if run.config.data in HELD_OUT and run.recipe != "file":
        calibration = training.calibrate(model, *HELD_OUT[run.config.data](run.config), share=DIGITS)
    probabilities, accuracy = None, None
    try:
        data = datasets.load(run.config.data)
    except datasets.NoData as error:  # it reads all the same
        note = note and f"{note} Its accuracy is not measured. {error}"
    else:
        logits = training.read(model, data.x_test)
        probabilities, accuracy = softmax(logits), float((logits.argmax(1) == data.y_test).mean())
    store.finish(
        run.id,
        export.to_network(model, run.config.layers, run.name, {}, run.config.data),
        export.to_keras(model),
        probabilities,
        test_accuracy=accuracy,
        calibration=calibration,
        status=status,
        note=note,
    )


def _model(run: Run, weights: dict[str, np.ndarray]) -> training.keras.Model:
    model = models.build(run.config.layers, configs.kind(run.config).shape)
    models.set_weights(model, weights)
    return model


def _last_words(store: Store, number: int, note: str) -> None:
    """Record why a run failed; where even that cannot be stored, `jobs` tells it from the exception."""
    try:
        store.end(number, "failed", note)
    except StoreError:
        return
