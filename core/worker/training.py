"""Training: a configuration and data in, weights out, with points of the curves on the way.

Takes a third to three quarters of the time of `Model.fit`; `steps` and `optimizers` say how.

Called by `core.worker.run_data`, `core.worker.run_results` and `core.worker.tasks`.
"""

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

from core.worker import devices, models, optimizers, steering  # isort: skip  # before TensorFlow: sets its log level

import keras
import numpy as np
import tensorflow as tf

from core.data import datasets
from core.nn import metrics
from core.nn.activations import softmax
from core.records import Checkpoint, Dataset, Metric, Snapshot, State, TrainConfig
from core.training import configs, data_split, states
from core.worker.epoch_program import DeviceEvaluation, EpochProgram, is_used
from core.worker.hooks import Hooks, nothing
from core.worker.predictor import Evaluation, Predictor, Watched
from core.worker.steering import Steering
from core.worker.steps import Steps
from core.worker.watching import StepFigures, Watcher

FIRST_POINT = 0.1  # seconds of training before the first point
POINTS_PER_EPOCH = 8
LONGEST_GAP, SHORTEST_GAP = 3.0, 0.3  # seconds between two points
LIVE_FRACTION = (
    0.035  # of the time: while more goes into all that is shown live, no point between epochs is due
)
CHECKPOINT_FRACTION = 0.02  # and into checkpoints
MAX_LOSS = 1000.0  # mean cross-entropy in nats beyond which nothing is learnt any more; guessing has 2.3
_CALL = 0.15  # seconds of one call of the graph, so that a stop is soon seen


@dataclass(frozen=True)
class Trained:
    """model: with the weights that are kept. ended: finished, stopped, early, or diverged.

    best_epoch, best_accuracy: of the weights that are kept, as in Checkpoint. At a stop within an epoch these
    may be later and better than those of `last`, with which it goes on as if it had never been stopped.
    """

    model: keras.Model
    last: Checkpoint
    ended: str
    best_epoch: int
    best_accuracy: float


def train(
    config: TrainConfig,
    data: Dataset,
    hooks: Hooks | None = None,
    *,
    resume: Checkpoint | None = None,
    base_weights: dict[str, np.ndarray] | None = None,
    milestones: Collection[int] = (),
) -> Trained:
    """Train as `config` says and return the model with the weights that are kept.

    data: images uint8 [n, h, w] or [n, h, w, c]. With `resume` it goes on where that checkpoint was taken.
    base_weights: what it starts from, as in Network, in place of random ones; with `config.fine_tuning`, the
    model's are a mean of these and those that are kept. milestones: epochs after which all validation images
    are measured, whether they would be or not. Raises LayerError for layers that do not fit.
    """
    return _Training(config, data, hooks or Hooks(), base_weights, milestones).run(resume)


def kept(
    config: TrainConfig, base_weights: dict[str, np.ndarray] | None, best: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Return the weights that a training leaves; of a fine-tuning, a mean with the base weights.

    best: a checkpoint's. The mean forgets less. (Wortsman and others, Robust Fine-Tuning of Zero-Shot Models,
    2022.)
    """
    if not (base_weights and config.fine_tuning):
        return best
    mixing_weight = config.fine_tuning.mixing_weight
    return {name: base_weights[name] + mixing_weight * (end - base_weights[name]) for name, end in best.items()}


class _Training:
    """One training. Split up for reading; it lives as long as `train` does."""

    def __init__(
        self,
        config: TrainConfig,
        data: Dataset,
        hooks: Hooks,
        base_weights: dict[str, np.ndarray] | None = None,
        milestones: Collection[int] = (),
    ):
        keras.utils.set_random_seed(config.seed)
        self.config, self.hooks, self.base_weights = config, hooks, base_weights
        self.milestones = milestones
        self.classes = len(configs.kind(config).names)
        self.split = split = data_split.split(config, data)
        self.x_sample = split.x_validation[split.sample].astype(np.float32) / 255
        self.y_sample = split.y_validation[split.sample]

        count = len(split.indices(0))
        self.batches = -(-count // config.batch_size)
        self.total = self.batches * config.epochs
        self.steering = Steering(config, self.batches, hooks.requests, hooks.on_heeded)
        self.config = config = replace(config, changes=())  # as it is at the present step
        self.rates = tf.constant(configs.learning_rates(config, self.total))
        # Few training digits make short epochs; measuring everything after each would be most of the work. But
        # patience counts epochs without a better one, so then each has to be known.
        self.measure_every = 1 if config.patience else max(1, -(-len(split.x_validation) // (2 * count)))

        self._build(config, data)
        self.step = self.images = 0
        self.started = time.monotonic()
        self.seconds = 0.0  # of training before `self.started`
        self.best = models.get_weights(self.model)
        self.best_epoch, self.best_accuracy = 0, 0.0
        self.measured = False  # whether all validation images ever were
        total = self.total * config.batch_size
        images = split.x_validation[split.sample]
        keep = None if hooks.on_state is nothing else hooks.on_state
        self.watcher = Watcher(self.model, images, self.y_sample, total, keep)
        self.step_is_watched = True
        self.points, self.live_seconds, self.checkpoint_seconds = 0, 0.0, 0.0

    def _build(self, config: TrainConfig, data: Dataset) -> None:
        """The model, its optimizer, and the graphs that learn and measure."""
        self.strategy = devices.strategy()
        with self.strategy.scope():
            self.model = models.build(config.layers, configs.kind(config).shape)
            if self.base_weights:
                models.set_weights(self.model, self.base_weights)
            self.optimizer = optimizers.make(config)
            self.optimizer.build(self.model.trainable_variables)
        self.predictor = Predictor(self.model, states.projection(self.model.layers[-1].kernel.numpy()))
        of_images, of_batches = (DeviceEvaluation, EpochProgram) if is_used() else (Evaluation, Steps)
        self.evaluation = of_images(self.predictor, self.split.x_validation)
        self._graphs = lambda config: of_batches(self.model, self.optimizer, config, data, self.strategy)
        self.steps = self._graphs(config)

    def run(self, resume: Checkpoint | None) -> Trained:
        if resume:
            self._restore(resume)
            self.watcher.knows(self.hooks.moments())
        self.hooks.on_probe(self.watcher.probe)
        if self.watcher.limit and not self.watcher.moments:
            self.watcher.keep(self._state(), self.evaluation.watch(self.split.sample, None)[0])
        self.started = self.last_point = self.last_call = time.monotonic()
        ended = self._loop()
        last = self._checkpoint()  # before what an uninterrupted training would not measure
        if ended == "stopped" and self.step % self.batches and not self._measure_all(self.sums):
            ended = "diverged"
        for step, view in self.watcher.unseen(self.predictor, self.x_sample, last.seconds):
            self.hooks.on_view(step, view)
        models.set_weights(self.model, kept(self.config, self.base_weights, self.best))
        return Trained(self.model, last, ended, self.best_epoch, self.best_accuracy)

    def _loop(self) -> str:
        self.sums = sums = np.zeros(3)  # since the last point
        pace = 0.0
        while self.step < self.total:
            if not self._goes_on():
                return "stopped"
            epoch, batch = divmod(self.step, self.batches)
            if epoch != self.steps.epoch:
                self.steps.begin_epoch(self.split.indices(epoch), epoch)
                if epoch + 1 < self.config.epochs:
                    self.steps.prepare(partial(self.split.indices, epoch + 1), epoch + 1)
            count = self.steering.most(self.step, self._call_length(batch, pace))
            began = time.monotonic()
            done = self._take(batch, count)
            self.last_call = now = time.monotonic()
            if self.step:  # the first call has compiled the graph
                pace = (now - began) / count
            sums += done
            self.step += count
            self.images += round(done[2])
            if not sums[0] <= MAX_LOSS * sums[2]:  # NaN too
                return "diverged"
            end_of_epoch = self.step % self.batches == 0
            passes = self.step // self.batches
            if end_of_epoch and self._is_measured(passes):
                if not self._measure_all(sums):
                    return "diverged"
                sums[:] = 0
                if self.config.patience and passes - self.best_epoch >= self.config.patience:
                    return "early"
            elif self._point_is_due(now) or self.steering.is_watched:
                self._measure_sample(sums)
                sums[:] = 0
            elif self.watcher.is_due(self.images, self._elapsed()):
                with self._for_show():
                    self.watcher.keep(self._state())
                self.step_is_watched = True
        return "finished"

    def _is_measured(self, epoch: int) -> bool:
        """Are all validation images measured after this epoch, from 1?"""
        return epoch % self.measure_every == 0 or epoch in (*self.milestones, self.config.epochs)

    def _goes_on(self) -> bool:
        """Wait where it is paused, then take over what was changed. Returns False where it is to stop."""
        began = time.monotonic()
        while not (stops := self.hooks.should_stop()):
            self.steering.heed(self.step, self.images)
            if not self.steering.waits(self.step, time.monotonic() - self.last_call):
                break
            time.sleep(steering.WAIT)
        if (waited := time.monotonic() - began) > steering.WAIT:  # breaks are left out
            self.started, self.last_point = self.started + waited, self.last_point + waited
        if not stops and (config := self.steering.config(self.step)) != self.config:
            self._change(config)
        return not stops

    def _change(self, config: TrainConfig) -> None:
        """Go on with other settings. The order of the epoch's images, and chance, stay what they were."""
        before, self.config = self.config, config
        rates = configs.learning_rates(config, self.total)
        self.rates = tf.concat([self.rates[: self.step], rates[self.step :]], axis=0)
        if steering.needs_new_graphs(before, config):
            steering.apply(self.model, self.optimizer, config)
            self.steps = self._graphs(config)
            if self.step % self.batches:
                epoch = self.step // self.batches
                self.steps.begin_epoch(self.split.indices(epoch), epoch)

    def _take(self, batch: int, count: int) -> np.ndarray:
        """Learn from so many batches; returns the sums of the three figures of `Steps.run`.

        The first step after a point is taken alone, for what is shown of a single step.
        """
        rates = self.rates[self.step : self.step + count]
        if not self.step_is_watched:
            return self.steps.run(batch, count, rates)[:3]
        self.step_is_watched = False
        with self._for_show():
            figures = StepFigures(self.model)
        done = self.steps.run(batch, 1, rates[:1])
        with self._for_show():
            self.watcher.steps = figures.after(done[3:])
        return done[:3] + (self.steps.run(batch + 1, count - 1, rates[1:])[:3] if count > 1 else 0)

    def _state(self) -> State:
        """The moment, without its weights."""
        return State(self.step, self.images, self.step / self.batches, self._elapsed(), {})

    def _call_length(self, batch: int, pace: float) -> int:
        """How many batches the next call of the graph takes: about _CALL seconds, within the epoch."""
        few = max(1, int(_CALL / pace)) if pace else 2
        return min(few, self.batches - batch)

    def _epoch(self) -> int:
        """The number of the epoch that is under way or has just ended, from 1."""
        return max(1, -(-self.step // self.batches))

    def _elapsed(self) -> float:
        return self.seconds + time.monotonic() - self.started

    def _point_is_due(self, now: float) -> bool:
        elapsed, since = self._elapsed(), now - self.last_point
        if self.last_point == self.started:  # the first of all
            return elapsed > FIRST_POINT
        epoch_seconds = elapsed * self.batches / self.step
        gap = min(max(epoch_seconds / POINTS_PER_EPOCH, SHORTEST_GAP), LONGEST_GAP)
        return since >= gap and self.live_seconds <= LIVE_FRACTION * elapsed

    @contextmanager
    def _for_show(self) -> Iterator[None]:
        """What is done meanwhile is there to be looked at while it trains."""
        began = time.monotonic()
        yield
        self.live_seconds += time.monotonic() - began

    def _measure_sample(self, sums: np.ndarray) -> None:
        """A point between epochs, on a sample: cheap, and never what the best is chosen by."""
        began = time.monotonic()
        drawing = self.hooks.drawing()
        seen, read = self.evaluation.watch(self.split.sample, drawing)
        logits = seen.logits[:, : self.classes]
        if not np.isfinite(logits).all():  # the next batch will say so
            return
        accuracy, loss, _ = metrics.figures(logits, self.y_sample)
        self._report(sums, accuracy, loss, whole=False, read=read)
        self._keep_state(seen, np.arange(len(self.y_sample)))
        if not self.measured:  # something to keep, should the worker die within the first epoch
            self.best, self.best_accuracy = models.get_weights(self.model), accuracy
        self.last_point = time.monotonic()
        if self.points and not self.steering.is_watched:
            # The first counts as the second: it has compiled the graph, which measuring all needs as well.
            self.live_seconds += (self.last_point - began) * (2 if self.points == 1 else 1)
        self.points += 1
        self._maybe_checkpoint()

    def _measure_all(self, sums: np.ndarray) -> bool:
        """A point on all validation images. Returns False where these weights give no numbers any more."""
        seen, read = self.evaluation.watch(np.arange(len(self.split.y_validation)), self.hooks.drawing())
        logits = seen.logits[:, : self.classes]
        if not np.isfinite(logits).all():
            return False
        accuracy, loss, losses = metrics.figures(logits, self.split.y_validation)
        with self._for_show():
            self._report(sums, accuracy, loss, whole=True, read=read)
            self._keep_state(seen, self.split.sample)
        self.hooks.on_snapshot(self._snapshot(logits, losses))
        if (
            configs.kept(self.config) == "the last weights"
            or not self.measured
            or accuracy > self.best_accuracy
        ):
            self.best, self.best_accuracy = models.get_weights(self.model), accuracy
            self.best_epoch = self._epoch()
        self.measured = True
        self.last_point = time.monotonic()
        if not self.step % self.batches:
            self._maybe_checkpoint()
        return True

    def _keep_state(self, seen: Watched, sample: np.ndarray) -> None:
        """Keep the state of a point. sample: which of the images that were read are the sample's."""
        self.step_is_watched = True
        self.watcher.keep(self._state(), Watched(seen.logits[sample], seen.cloud[sample], seen.fired))

    def _report(
        self, sums: np.ndarray, accuracy: float, loss: float, *, whole: bool, read: np.ndarray | None
    ) -> None:
        if not sums[2]:  # a stop right after a point
            return
        self.hooks.on_metric(
            Metric(
                images=self.images,
                epoch=self.step / self.batches,
                seconds=self._elapsed(),
                train_accuracy=float(sums[1] / sums[2]),
                train_loss=float(sums[0] / sums[2]),
                validation_accuracy=accuracy,
                validation_loss=loss,
                whole=whole,
                drawing=None if read is None else tuple(map(float, softmax(read))),
            )
        )

    def _snapshot(self, logits: np.ndarray, losses: np.ndarray) -> Snapshot:
        read, truth = logits.argmax(1), self.split.y_validation
        confusion = metrics.confusion_matrix(truth, read, self.classes)
        wrong = np.flatnonzero(read != truth)
        worst = wrong[np.argsort(-losses[wrong], kind="stable")][:10]
        certain = softmax(logits[worst])[np.arange(len(worst)), read[worst]] if len(worst) else []
        return Snapshot(
            epoch=self._epoch(),
            confusion=tuple(tuple(map(int, row)) for row in confusion),
            worst=tuple(
                (int(i) + self.split.first_validation, int(truth[i]), int(read[i]), float(p))
                for i, p in zip(worst, certain, strict=True)
            ),
            images=datasets.digest(self.split.x_validation[worst]),
        )

    def _maybe_checkpoint(self) -> None:
        """Save now, unless that has lately taken more than its fraction of the time."""
        if self.checkpoint_seconds > CHECKPOINT_FRACTION * self._elapsed():
            return
        began = time.monotonic()
        self.hooks.on_checkpoint(self._checkpoint())
        self.checkpoint_seconds += time.monotonic() - began

    def _checkpoint(self) -> Checkpoint:
        return Checkpoint(
            step=self.step,
            images=self.images,
            seconds=self._elapsed(),
            state=tuple(v.value.numpy() for v in self._variables()),
            best=self.best,
            best_epoch=self.best_epoch,
            best_accuracy=self.best_accuracy,
        )

    def _variables(self) -> list:
        """The model's variables, the seeds of its dropout among them, and the optimizer's."""
        return [*self.model.variables, *self.optimizer.variables]

    def _restore(self, checkpoint: Checkpoint) -> None:
        for variable, value in zip(self._variables(), checkpoint.state, strict=True):
            variable.assign(value)
        self.step, self.images, self.seconds = checkpoint.step, checkpoint.images, checkpoint.seconds
        self.best, self.best_epoch = checkpoint.best, checkpoint.best_epoch
        self.best_accuracy, self.measured = checkpoint.best_accuracy, checkpoint.best_epoch > 0
