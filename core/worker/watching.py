"""The states of a training: kept as it goes on, measured on a fixed probe, thinned as they become many.

Called by `core.worker.training`.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from core.worker import models  # isort: skip  # before TensorFlow: sets its log level

import keras
import numpy as np

from core.nn import architectures, metrics
from core.nn.activations import softmax
from core.records import State, View
from core.training import states
from core.worker.predictor import Predictor, Watched

ALLOWED = 0.05  # seconds more, so that one that was slow leaves no gap in a short training
LAST_SECONDS = 0.5  # in which, after the training, states are measured that were not on the way
FRACTION = 0.015  # of the training's time that keeping states may take
MOST = float(np.finfo(np.float16).max)
Keep = Callable[[State, Sequence[int]], object]


class Watcher:
    """Keeps the states of one training.

    x, y: the validation images, as in Dataset, that are measured between epochs: the sample.
    total: images that the whole training sees. keep: is told a state, and the steps of those that are to be
    forgotten; None where none are to be kept.
    """

    def __init__(self, model: keras.Model, x: np.ndarray, y: np.ndarray, total: int, keep: Keep | None):
        self.model, self.total, self._keep = model, total, keep
        self.probe, self._wall, self._cloud = states.probe(
            x, y, len(x), architectures.class_count(int(model.output_shape[-1]))
        )
        self.y = y
        self.limit = states.limit(max(1, sum(w.size for w in model.get_weights()))) if keep else 0
        self.moments: list[tuple[int, int]] = []  # (step, images) of the states that are kept
        self._unseen: dict[int, tuple[State, dict[str, np.ndarray]]] = {}
        self.seconds = 0.0
        self.steps: dict[str, np.ndarray] = {}  # the last figures of one step, as in View

    def knows(self, moments: Sequence[tuple[int, int]]) -> None:
        """Go on after these states, of before an interruption."""
        self.moments = list(moments)

    def is_due(self, images: int, elapsed: float) -> bool:
        """Is it time to keep a state that is measured later?"""
        if not self.limit or self.seconds > FRACTION * elapsed + ALLOWED:
            return False
        return states.is_due(images, self.moments[-1][1] if self.moments else 0, self.total)

    def keep(self, state: State, seen: Watched | None = None) -> None:
        """Keep this state, whose weights are read from the model; seen: the sample's images, where measured."""
        if not self.limit or not self._keep:
            return
        began = time.monotonic()
        kept = {
            name: w.clip(-MOST, MOST).astype(np.float16) for name, w in models.get_weights(self.model).items()
        }
        state = replace(state, weights=kept, view=None if seen is None else self.view(seen))
        earlier = [moment for moment in self.moments if moment[0] < state.step]
        self.moments = [*earlier, (state.step, state.images)]
        gone = states.surplus([images for _, images in self.moments], self.limit)
        steps = [self.moments[n][0] for n in gone]
        self.moments = [moment for moment in self.moments if moment[0] not in steps]
        for step in (*steps, state.step):
            self._unseen.pop(step, None)
        if state.view is None:
            self._unseen[state.step] = state, self.steps
        self._keep(state, steps)
        self.seconds += time.monotonic() - began

    def view(self, seen: Watched) -> View:
        """What is shown of the sample's images as they were read."""
        logits = seen.logits[:, : architectures.class_count(seen.logits.shape[1])]
        probabilities = softmax(logits)
        predicted = logits.argmax(1)
        unknown = np.full(len(learning(self.model)), np.nan, np.float32)
        return View(
            predicted=predicted[self._wall].astype(np.uint8),
            confidence=probabilities[self._wall].max(1).astype(np.float16),
            cloud=seen.cloud[self._cloud].clip(-MOST, MOST).astype(np.float16),
            confusion=metrics.confusion_matrix(self.y, predicted, logits.shape[1]).astype(np.uint16),
            accuracy=float((predicted == self.y).mean()),
            gradients=self.steps.get("gradients", unknown),
            updates=self.steps.get("updates", unknown),
            silent=np.array([1 - fired.mean() for fired in seen.fired], np.float32),
        )

    def unseen(self, predictor: Predictor, x: np.ndarray, elapsed: float) -> Iterator[tuple[int, View]]:
        """Measure, once the training has ended, the states that were not on the way, as far as time allows.

        Leaves other weights in the model. x: the sample's images.
        """
        began, steps = time.monotonic(), list(self._unseen)
        for step in (step for first in range(4) for step in steps[first::4]):  # spread, should time end
            state, self.steps = self._unseen[step]
            models.set_weights(self.model, state.weights)
            seen = predictor.watch(x)
            if np.isfinite(seen.logits).all():
                yield step, self.view(seen)
            if time.monotonic() - began > max(LAST_SECONDS, FRACTION * elapsed):
                return


class StepFigures:
    """Norms of the gradients and relative sizes of the update of one step, by layer that learns."""

    def __init__(self, model: keras.Model):
        self.kernels = learning(model)
        places = {id(v): n for n, v in enumerate(model.trainable_variables)}
        self._places = [places[id(kernel)] for kernel in self.kernels]
        self._before = [kernel.value.numpy() for kernel in self.kernels]

    def after(self, squares: np.ndarray) -> dict[str, np.ndarray]:
        """Return View's gradients and updates, of the one step since this was made.

        squares: float [variables], the sums of the squares of their gradients; [0] where they are not known.
        """
        changes = zip(self.kernels, self._before, strict=True)
        norm = np.linalg.norm
        updates = [
            float(norm(k.value.numpy() - before)) / (float(norm(before)) + 1e-12) for k, before in changes
        ]
        known = np.sqrt(squares[self._places]) if squares.any() else np.full(len(updates), np.nan)
        return {"gradients": known.astype(np.float32), "updates": np.array(updates, np.float32)}


def learning(model: keras.Model) -> list[keras.Variable]:
    """The kernels of the model, in the order of `states.learning_layers`."""
    return [layer.kernel for layer, _ in models.in_order(model) if hasattr(layer, "kernel")]
