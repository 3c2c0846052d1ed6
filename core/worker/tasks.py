"""The tasks that `core.runs.queue` has done in the worker. Everything comes from the database and goes back to
it.

Called by `core.commands.reproduce`, `core.commands.train`.
"""

import contextlib
from collections import deque
from collections.abc import Callable, Sequence

import numpy as np

from core.data import datasets
from core.nn.architectures import (
    Activation,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    LayerError,
    MaxPooling2D,
)
from core.records import Checkpoint, Dataset, Metric, Run, TrainConfig
from core.runs import processes
from core.storage import sweeps
from core.storage.run_access import NotMine
from core.storage.store import Store, StoreError, open_store
from core.training import configs, search
from core.words import counted
from core.worker import devices, export, measure, run_data, run_results, training, writer
from core.worker.hooks import Hooks

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

_RESUMABLE = "The training was interrupted; it can be resumed."
_UNREADABLE = "What is stored of it cannot be read, so it cannot be trained."
_NO_MEMORY = "There was not enough memory for its batches; smaller ones, or fewer values per layer, need less."
_SENTENCES = {
    "finished": "",
    "stopped": "It was stopped; {kept} until then are kept.",
    "gave way": "It was paused for ten minutes while others waited; it can be resumed.",
    "early": "It stopped early: no better validation accuracy in {epochs}.",
    "diverged": (
        "The loss grew beyond all bounds after {images:,} images, so the training ended; {kept} from "
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
    return processes.name(), devices.describe()


def train_run(
    url: str,
    run_id: int,
    watch: Callable[[Metric], object] | None = None,
    drawn: Callable[[float], object] = lambda fraction: None,
) -> None:
    """Train, or go on training, what run `run_id` says. Does nothing if it is no longer queued.

    watch: called with each point, after it has been stored; who watches trains nothing else, so nobody waits
    for it. drawn: with the fraction, 0..1, of the images that are drawn before, where the data need that.
    Raises what the run's own note could not be told, and anything that is no fault of the configuration.
    """
    devices.prepare()
    store = open_store(url)
    if not (token := store.claim(run_id, processes.name(), devices.describe())):
        return
    sweep = sweeps.of_run(store, run_id)
    with writer.Writer(store, run_id, token, gives_way=watch is None) as mine, contextlib.suppress(NotMine):
        try:
            with devices.on_one(sweep is not None):
                _train(mine, watch, drawn, search.judged_after(sweep.config, sweep.plan) if sweep else [])
        except (training.tf.errors.ResourceExhaustedError, MemoryError):
            mine.end("failed", _NO_MEMORY)
        except datasets.NoData as error:
            mine.end("failed", str(error))
        except (LayerError, ValueError, KeyError) as error:
            mine.end("failed", f"The training failed: {error}")
        except NotMine:
            raise
        except StoreError as error:
            _record_failure(mine, "interrupted", f"{error} {_RESUMABLE}")
            raise
        except Exception as error:
            # The edge of a process: whatever TensorFlow raises is recorded, and the next run goes on.
            line = str(error).splitlines()[0] if str(error) else ""
            _record_failure(mine, "failed", f"The training failed: {type(error).__name__}: {line}")
            raise


def finish_run(url: str, run_id: int) -> None:
    """Make a readable network of the best weights that an interrupted run has left, if nobody does."""
    devices.prepare()
    store = open_store(url)
    if not (token := store.claim_rest(run_id, processes.name())):
        return
    with writer.Writer(store, run_id, token) as mine, contextlib.suppress(NotMine):
        run, checkpoint = store.run(run_id), store.checkpoint(run_id)
        if run and checkpoint:
            run_results.store_network(mine, run, run_results.keras_model(run, _left(store, run, checkpoint)))


def _left(store: Store, run: Run, checkpoint: Checkpoint) -> dict[str, np.ndarray]:
    """The best weights that a run has left, as they are kept."""
    if run.kind == "imported":
        return checkpoint.best
    base_weights = None
    with contextlib.suppress(ValueError):  # it is gone, so there is nothing to take a mean with
        base_weights = run_data.base_weights(store, run.training)
    return training.kept(run.training, base_weights, checkpoint.best)


def last_test_accuracy(url: str, run_id: int) -> float:
    """Return the fraction of the test images that a run's last weights predict correctly, kept or not."""
    store = open_store(url)
    run, checkpoint = store.run(run_id), store.checkpoint(run_id)
    assert run is not None
    assert checkpoint is not None
    model, data = run_results.keras_model(run, checkpoint.best), datasets.load(run.config.data)
    for variable, value in zip(model.variables, checkpoint.state, strict=False):  # the optimizer's come after
        variable.assign(value)
    return float((measure.logits(model, data.x_test).argmax(1) == data.y_test).mean())


def open_network(url: str, run_id: int) -> None:
    """Make a readable network of an uploaded file's weights, which are the run's checkpoint."""
    devices.prepare()
    store = open_store(url)
    if not (token := store.claim(run_id, processes.name(), devices.describe())):
        return
    with writer.Writer(store, run_id, token) as mine, contextlib.suppress(NotMine):
        run, checkpoint = store.run(run_id), store.checkpoint(run_id)
        if run is None or checkpoint is None:
            mine.end("failed", _UNREADABLE)
            return
        try:
            model = run_results.keras_model(run, checkpoint.best)
            fits, found = run_results.scaling(run, model)
            run_results.store_network(mine, run, model, "done", f"It was opened from a file.{fits}", fits=found)
        except (LayerError, ValueError, KeyError) as error:
            mine.end("failed", f"The file's network cannot be built: {error}")


def _train(
    mine: writer.Writer,
    watch: Callable[[Metric], object] | None,
    drawn: Callable[[float], object],
    milestones: Sequence[int],
) -> None:
    store, run_id = mine.store, mine.run_id
    run, checkpoint = store.run(run_id), store.checkpoint(run_id)
    if run is None:
        mine.end("failed", _UNREADABLE)
        return

    config = run.training
    mine.begin()
    try:
        data = _data(mine, config, drawn)
    except _Stopped:
        kept = _SENTENCES["stopped"].format(kept=configs.kept(config))
        mine.end("stopped", kept if checkpoint else _NOTHING_KEPT["stopped"][1])
        return
    if checkpoint:
        mine.forget_after(checkpoint)
    hooks = _hooks(mine, watch, reads_drawings=configs.reads_drawings(config))
    base = run_data.base_weights(store, config)
    trained = training.train(config, data, hooks, resume=checkpoint, base_weights=base, milestones=milestones)
    ended = "gave way" if mine.gave_way and trained.ended == "stopped" else trained.ended
    if not (trained.best_epoch or trained.best_accuracy):
        mine.end(*_NOTHING_KEPT[ended])
        return
    if ended != "diverged":  # else the checkpoint before it is where one would go on
        mine.set_checkpoint(trained.last)
    mine.now()
    note = _note(ended, config, trained.last.images)
    best = (trained.best_epoch, trained.best_accuracy) if trained.best_epoch else None
    dtype = devices.compute_dtype(config.layers, configs.kind(config).shape)
    run_results.store_network(
        mine, run, trained.model, _STATUS.get(ended, "stopped"), note, best=best, dtype=dtype
    )


class _Stopped(Exception):
    """It was asked to stop before its images were drawn."""


def _data(mine: writer.Writer, config: TrainConfig, drawn: Callable[[float], object]) -> Dataset:
    """What is learnt from. Raises _Stopped."""

    def go_on(fraction: float) -> None:
        drawn(fraction)
        if mine.should_stop():
            raise _Stopped

    return run_data.DATA[config.data](mine.store, config, go_on)


def _note(ended: str, config: TrainConfig, images: int) -> str:
    """How it ended, in a sentence. images: seen until then."""
    return _SENTENCES[ended].format(
        kept=configs.kept(config),
        epochs=counted(config.patience or 0, "epoch"),
        images=images,
        rate=configs.peak_learning_rate(config),
    )


def _hooks(mine: writer.Writer, watch: Callable[[Metric], object] | None, reads_drawings: bool) -> Hooks:
    """What a training tells the database, and asks of it."""
    points: deque[tuple[float, int]] = deque([(0.0, 0)])  # (seconds, images) of the last points

    def on_metric(metric: Metric) -> None:
        while len(points) > 1 and metric.seconds - points[1][0] > _PACE_SECONDS:
            points.popleft()
        seconds, images = points[0]
        pace = (metric.images - images) / max(metric.seconds - seconds, 1e-6)
        points.append((metric.seconds, metric.images))
        mine.add_metric(metric, pace)
        if watch:
            watch(metric)

    return Hooks(
        on_metric=on_metric,
        on_snapshot=mine.set_snapshot,
        on_checkpoint=mine.set_checkpoint,
        on_probe=mine.set_probe,
        on_state=mine.add_state,
        on_view=mine.set_view,
        moments=mine.moments,
        requests=mine.requests,
        on_heeded=mine.heeded,
        should_stop=mine.should_stop,
        drawing=mine.drawing if reads_drawings else lambda: None,
    )


_STATUS = {"finished": "done", "early": "done", "diverged": "failed", "gave way": "interrupted"}
_NOTHING_KEPT = {
    "gave way": ("interrupted", _SENTENCES["gave way"]),
    "stopped": ("stopped", "It was stopped before its first point, so there is nothing to keep."),
    "diverged": (
        "failed",
        "The loss grew beyond all bounds before the first point, so there is nothing to keep. "
        "Try a smaller learning rate.",
    ),
}


def _record_failure(mine: writer.Writer, status: str, note: str) -> None:
    """Record how a run ended; where even that cannot be stored, the queue tells it from the exception."""
    with contextlib.suppress(StoreError):
        mine.store.end(mine.run_id, status, note, token=mine.token)
