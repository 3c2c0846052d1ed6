"""Inference with LiteRT, TensorFlow's small runtime: DigitImage -> Prediction, and all layers' activations."""

import threading
from collections.abc import Sequence
from functools import cache
from math import prod

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from core.data.datasets import KINDS
from core.models import networks
from core.nn import architectures, calibration
from core.nn.activations import softmax
from core.records import ColourImage, DigitImage, Network, Prediction

# For networks without a reject class: the more ink, the higher the confidence has to be. A
# digit holds about 100 pixels of ink, few over 190. Measured with the first tutorial's best: it rejects 0.5% of
# MNIST's training digits, 1% of pen-drawn ones, and of generated scribbles all spirals, 94% of zigzags, 35
# to 72% of looser ones.
INK_AMOUNTS, MIN_CONFIDENCE = (80, 110, 150), (0.5, 0.75, 0.98)
TOO_MUCH_INK = 230.0
# MNIST's ink is 20 pixels long; a dot, which is not enlarged, is 3.
SHORTEST_INK = 12

ONLY_A_DOT = "That is only a dot so far. Draw a whole digit."
NO_INK = "I see no ink: there is nothing to read."
NO_NUMBER = "Its answer is not a number (NaN)."
NO_DIGIT = "I don't think that is a digit. Try a clear digit from 0 to 9."
NOT_ONE_DIGIT = "I don't think that is one digit. Try a clear digit from 0 to 9."

_BATCH_VALUES = 8 * 28 * 28  # numbers of one batch: more take memory, 7 MB with 32, and save no time


class Classifier:
    """One network, ready for inference; safe for many threads at once.

    A LiteRT interpreter holds the tensors of its last call, so each call takes the lock for the
    0.2 ms that it needs.

    labels: what its outputs are called, where they are not the classes of its data.
    """

    labels: tuple[str, ...] = ()

    def __init__(self, network: Network):
        self.network = network
        self._names = architectures.names(network.layers)
        self.kind = KINDS[network.data]
        self.shape = self.kind.shape  # of one image: height, width, channels
        (self._outputs,) = architectures.describe(network.layers, self.shape)[-1][0]
        self.classes = architectures.class_count(self._outputs)  # that share out 100%
        self._batch = max(1, _BATCH_VALUES // prod(self.shape))
        self._batches = _Session(network.litert, self._batch)
        # Of a training's states, and of what is compared with, many images are read and never one alone.
        self._single = _Session(network.litert, 1, later=True)

    @property
    def has_reject_class(self) -> bool:
        """Has this network one output more, 'not a digit'?"""
        return self._outputs > self.classes

    def predict(self, image: DigitImage | ColourImage) -> Prediction:
        """Return the prediction for one image."""
        (logits,) = self._single.run(image.pixels.reshape(1, *self.shape), [self._names[-1]])
        (prediction,) = self._predictions([image], logits)
        return prediction

    def predict_many(self, images: Sequence[DigitImage]) -> list[Prediction]:
        """Return one Prediction per image, in order; several times as fast as one by one."""
        if not images:
            return []
        return self._predictions(images, self.outputs(np.stack([image.pixels for image in images])))

    def probabilities(self, pixels: np.ndarray) -> np.ndarray:
        """float32 [n, h, w] or [n, h, w, c] as for `logits` -> float32 [n, classes], rows summing to 1."""
        return softmax(self.logits(pixels))

    def logits(self, pixels: np.ndarray) -> np.ndarray:
        """float32 [n, h, w] or [n, h, w, c], 0..1 -> float32 [n, classes], before the softmax.

        Digits: 0 = paper, 1 = ink. Images in colour: red, green and blue.
        """
        return self.outputs(pixels)[:, : self.classes]

    def outputs(self, pixels: np.ndarray) -> np.ndarray:
        """The same with one number more, 'not a digit', where the network has it."""
        if len(pixels) == 1:  # a batch takes as long for one as for all its places
            return self._single.run(pixels.reshape(1, *self.shape), [self._names[-1]])[0]
        result = np.empty((len(pixels), self._outputs), np.float32)
        batch = np.zeros((self._batch, *self.shape), np.float32)
        for at in range(0, len(pixels), self._batch):
            part = pixels[at : at + self._batch].reshape(-1, *self.shape)
            batch[: len(part)] = part
            result[at : at + self._batch] = self._batches.run(batch, [self._names[-1]])[0][: len(part)]
        return result

    def activations(self, image: DigitImage | ColourImage) -> dict[str, np.ndarray]:
        """Return float32 arrays by layer name, in order, without the batch axis; the last are the logits."""
        outputs = self._single.run(image.pixels.reshape(1, *self.shape), self._names)
        return {name: output[0] for name, output in zip(self._names, outputs, strict=True)}

    def activations_many(self, pixels: np.ndarray, names: Sequence[str]) -> dict[str, np.ndarray]:
        """float32 [n, *shape] -> float32 [n, ...] for each of the layers named; n at most some hundreds.

        The images go through the whole network once, however many layers are asked for.
        """
        parts: list[list[np.ndarray]] = []
        for at in range(0, len(pixels), self._batch):
            part = pixels[at : at + self._batch].reshape(-1, *self.shape)
            batch = np.zeros((self._batch, *self.shape), np.float32)
            batch[: len(part)] = part
            parts.append([output[: len(part)] for output in self._batches.run(batch, names)])
        return {
            name: np.concatenate(arrays) for name, arrays in zip(names, zip(*parts, strict=True), strict=True)
        }

    def _predictions(self, images: Sequence[DigitImage | ColourImage], logits: np.ndarray) -> list[Prediction]:
        every, judged = calibration.split(logits)
        return [
            self._prediction(image, row, probabilities, None if judged is None else float(judged[n]))
            for n, (image, row, probabilities) in enumerate(zip(images, logits, every, strict=True))
        ]

    def _prediction(
        self,
        image: DigitImage | ColourImage,
        outputs: np.ndarray,
        probabilities: np.ndarray,
        is_digit: float | None,
    ) -> Prediction:
        logits, abstention = outputs[: self.classes], ""
        if not (np.isfinite(outputs).all() and np.isfinite(probabilities).all()):
            return Prediction(logits, probabilities, None, NO_NUMBER)
        if isinstance(image, DigitImage):
            if not image.pixels.any():  # whatever a network says of a blank
                abstention = NO_INK
            elif self.kind.of_digits:  # what others see of scribbles was never measured
                abstention = _abstention(image.pixels, float(probabilities.max()), is_digit)
        digit = None if abstention else int(probabilities.argmax())
        return Prediction(logits, probabilities, digit, abstention, is_digit)


def shipped(name: str = networks.DEFAULT) -> Classifier:
    """Return the classifier of a network that comes with the app, loaded once per process."""
    return _shipped(name)


@cache
def _shipped(name: str) -> Classifier:
    found = Classifier(networks.shipped(name))
    found.outputs(np.zeros((1, *found.shape), np.float32))  # so that no visitor's first stroke waits for it
    return found


class _Session:
    """A LiteRT interpreter for one batch size, and its lock; raises ValueError where it is given no model.

    later: it is made at its first use, for it holds all weights once more.
    """

    def __init__(self, model: bytes, batch: int, *, later: bool = False):
        self._model, self._batch = model, batch
        self._lock = threading.Lock()
        self._made = None if later else self._ready()

    def run(self, pixels: np.ndarray, names: Sequence[str]) -> list[np.ndarray]:
        with self._lock:
            self._made = interpreter, into, outputs = self._made or self._ready()
            interpreter.set_tensor(into, pixels)
            interpreter.invoke()
            return [interpreter.get_tensor(outputs[name]) for name in names]

    def _ready(self) -> tuple[Interpreter, int, dict[str, int]]:
        """Return the interpreter, the number of its input, and those of its outputs by layer."""
        made = Interpreter(model_content=self._model, num_threads=1)
        into, shape, outputs = _tensors(made)
        made.resize_tensor_input(into, (self._batch, *shape[1:]))
        made.allocate_tensors()
        return made, into, outputs


def _tensors(interpreter: Interpreter) -> tuple[int, np.ndarray, dict[str, int]]:
    """Return the input's index and shape, and the outputs' indices by layer name.

    A function of its own because the runner, while it lives, forbids resizing.
    """
    (signature,) = interpreter.get_signature_list()
    runner = interpreter.get_signature_runner(signature)
    (details,) = runner.get_input_details().values()
    outputs = {name: output["index"] for name, output in runner.get_output_details().items()}
    return details["index"], details["shape"], outputs


def _abstention(pixels: np.ndarray, confidence: float, is_digit: float | None) -> str:
    """Return why a network for digits abstains, or ''. Without `is_digit` it is a rule of thumb."""
    dark = pixels >= pixels.max() / 2  # a stored drawing may be faint
    length = max(np.ptp(np.flatnonzero(dark.any(axis))) for axis in (0, 1)) + 1
    if length < SHORTEST_INK:  # whatever a network says: it has seen no smaller digit
        return ONLY_A_DOT
    if is_digit is not None:
        return "" if is_digit >= calibration.MIN_IS_DIGIT else NO_DIGIT
    ink = float(pixels.sum())
    needed = np.interp(ink, INK_AMOUNTS, MIN_CONFIDENCE)
    if ink > TOO_MUCH_INK or confidence < needed:
        return NOT_ONE_DIGIT
    return ""
