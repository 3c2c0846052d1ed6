"""All batches of an epoch as one program of XLA's, for a GPU: images, their changes, gradients, steps.

Nothing is asked of Python between two batches: a kernel of a small network takes microseconds, a call some
hundred. A program has fixed shapes, so the last batch is filled up with images that do not count, and
how many batches a call takes is a number that it is given. On processors XLA's convolutions are three times
slower than TensorFlow's, so there `steps` is used; both learn the same numbers.

Called by `core.worker.training`.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from core.worker import devices, models  # isort: skip  # before TensorFlow: sets its log level

import keras
import numpy as np
import tensorflow as tf

from core.data import augmentation
from core.nn import architectures
from core.records import Augmentation, Dataset, TrainConfig
from core.worker import steps
from core.worker.predictor import Predictor, Watched


def is_used() -> bool:
    """Is there one GPU? Several share each batch, which `steps` does."""
    return devices.has_gpu() and devices.strategy().num_replicas_in_sync == 1


class EpochProgram(steps.Steps):
    """`Steps` in one program."""

    def __init__(self, model, optimizer, config: TrainConfig, data: Dataset, strategy: tf.distribute.Strategy):
        super().__init__(model, optimizer, config, data, strategy)
        self._next: tuple[tuple, Future] | None = None  # an epoch that is being drawn, and what will be drawn
        self._thread = ThreadPoolExecutor(1, "digit-lab-draws")
        self.program = tf.function(self._program, jit_compile=True, autograph=False)

    def begin_epoch(self, indices: np.ndarray, epoch: int) -> None:
        """As in Steps; what was drawn meanwhile is taken."""
        drawn = self._next[1].result() if self._next and self._next[0] == self._drawn_for(epoch) else None
        self.epoch, self._next = epoch, None
        self.order, self.warp_parameters = drawn or augmentation.draw_epoch(
            self.config, indices, epoch, self.images.shape[1]
        )
        size = self.config.batch_size
        self.batches = -(-len(indices) // size)
        self._arguments = tuple(
            tf.constant(_filled_up(array, self.batches * size).reshape(self.batches, size, *array.shape[1:]))
            for array in (self.order, self.warp_parameters)
        )

    def prepare(self, indices: Callable[[], np.ndarray], epoch: int) -> None:
        """Draw an epoch's order and warps meanwhile, in a thread. indices: returns as in `begin_epoch`."""
        config, side = self.config, self.images.shape[1]
        job = self._thread.submit(lambda: augmentation.draw_epoch(config, indices(), epoch, side))
        self._next = self._drawn_for(epoch), job

    def _drawn_for(self, epoch: int) -> tuple[int, Augmentation, float]:
        return epoch, self.config.augmentation, self.config.p_no_augment

    def arguments(self, batch: int, count: int, rates: np.ndarray) -> tuple[tf.Tensor, ...]:
        """What the program is given for `run`."""
        all_rates = np.zeros(self.batches, np.float32)
        all_rates[batch : batch + count] = rates
        numbers = (all_rates, np.int32(len(self.order)), np.int32(batch), np.int32(batch + count))
        return *self._arguments, *map(tf.constant, numbers)

    def run(self, batch: int, count: int, rates: tf.Tensor) -> np.ndarray:
        """As in Steps."""
        return self.program(*self.arguments(batch, count, np.asarray(rates))).numpy().astype(float)

    def _program(
        self,
        order: tf.Tensor,
        warp_parameters: tf.Tensor,
        rates: tf.Tensor,
        image_count: tf.Tensor,
        first: tf.Tensor,
        end: tf.Tensor,
    ) -> tf.Tensor:
        """Learn from the batches from `first` up to `end`; sums as in `run`, float32 [3 + variables].

        order: int32 [batches, size]. warp_parameters: float32 [batches, size, parameters]. rates: float32
        [batches]. image_count: how many the epoch has.
        """
        size = self.config.batch_size

        def learn(i: tf.Tensor, sums: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            counts = tf.cast(tf.range(size) < image_count - i * size, tf.float32)
            x, y = self._batch(order[i], warp_parameters[i])
            return i + 1, sums + self._step(x, y, rates[i], tf.reduce_sum(counts), counts)

        return tf.while_loop(lambda i, _: i < end, learn, (first, tf.zeros(self.figures)))[1]

    def _warp(self, x: tf.Tensor, warp_parameters: tf.Tensor) -> tf.Tensor:
        return steps.warp(x, warp_parameters)  # XLA has no ImageProjectiveTransformV3

    def _uniform(self, x: tf.Tensor, seed: list, limit: float) -> tf.Tensor:
        return _fractions(x.shape, tf.stack(seed)) * (2 * limit) - limit

    def _forward(self, x: tf.Tensor, counts: tf.Tensor | float) -> tf.Tensor:
        return steps.forward(self.model, x, lambda layer, x: _normalise(layer, x, counts), _dropout)


class DeviceEvaluation:
    """`Evaluation` in one program, of images that lie on the device."""

    def __init__(self, predictor: Predictor, images: np.ndarray):
        """images: uint8 [n, h, w] or [n, h, w, c], 0..255."""
        self.predictor, self.images, self.count = predictor, steps.on_device(images), len(images)
        self.size = min(models.evaluation_batch(predictor.model), self.count + 1)
        self.batches = -(-(self.count + 1) // self.size)
        self.program = tf.function(self._program, jit_compile=True, autograph=False)

    def watch(self, chosen: np.ndarray, drawing: np.ndarray | None) -> tuple[Watched, np.ndarray | None]:
        """As in Evaluation."""
        logits, cloud, *highest = (found.numpy() for found in self.program(*self.arguments(chosen, drawing)))
        count = len(chosen)
        read = None if drawing is None else logits[count, : architectures.class_count(logits.shape[1])]
        return Watched(logits[:count], cloud[:count], [high > 0 for high in highest]), read

    def arguments(self, chosen: np.ndarray, drawing: np.ndarray | None) -> tuple[tf.Tensor, ...]:
        """What the program is given for `watch`."""
        shape = self.images.shape[1:]
        image = np.zeros(shape, np.float32) if drawing is None else drawing.reshape(shape)
        order = np.append(chosen, self.count).astype(np.int32)  # beyond the last image: the drawing
        filled = _filled_up(order, self.batches * self.size).reshape(self.batches, self.size)
        return tf.constant(filled), tf.constant(image), tf.constant(np.int32(len(order)))

    def _program(self, order: tf.Tensor, drawing: tf.Tensor, count: tf.Tensor) -> list[tf.Tensor]:
        """Logits, cloud, how much units fire at most, of `count` images, the last of them the drawing."""

        def read(i: tf.Tensor) -> list[tf.Tensor]:
            images = tf.gather(self.images, tf.minimum(order[i], self.count - 1))
            is_drawing = (order[i] == self.count)[:, None, None, None]
            return self.predictor.read(tf.where(is_drawing, drawing, tf.cast(images, tf.float32) / 255))

        def step(i: tf.Tensor, arrays: list, highest: list) -> tuple[tf.Tensor, list, list]:
            logits, cloud, *fired = read(i)
            counts = (i * self.size + tf.range(self.size) < count - 1)[:, None]
            fired = [tf.reduce_max(tf.where(counts, each, -np.inf), axis=0) for each in fired]
            written = [array.write(i, new) for array, new in zip(arrays, (logits, cloud), strict=True)]
            return i + 1, written, [tf.maximum(*both) for both in zip(highest, fired, strict=True)]

        widths = [each.shape[-1] for each in read(tf.constant(0))]
        arrays = [tf.TensorArray(tf.float32, self.batches, element_shape=(self.size, n)) for n in widths[:2]]
        start = (tf.constant(0), arrays, [tf.fill([n], -np.inf) for n in widths[2:]])
        _, arrays, highest = tf.while_loop(lambda i, *_: i * self.size < count, step, start)
        return [*(tf.reshape(a.stack(), (-1, n)) for a, n in zip(arrays, widths, strict=False)), *highest]


def _filled_up(array: np.ndarray, length: int) -> np.ndarray:
    """The same with zeros at its end, up to a length."""
    return np.concatenate([array, np.zeros((length - len(array), *array.shape[1:]), array.dtype)])


def _normalise(layer: keras.layers.BatchNormalization, x: tf.Tensor, counts: tf.Tensor) -> tf.Tensor:
    """Keras's layer over the images that count. counts: float32 [n], 0 or 1."""
    values = tf.cast(x, tf.float32)
    counts = tf.reshape(counts, (-1, *[1] * (values.shape.rank - 1)))
    axes = list(range(values.shape.rank - 1))
    places = np.prod(values.shape[1:-1], dtype=np.float32)  # of each image
    count = tf.reduce_sum(counts) * places
    mean = tf.reduce_sum(counts * values, axes) / count
    variance = tf.reduce_sum(counts * tf.square(values - mean), axes) / count
    steps.keep_averages(layer, mean, variance)
    scale = tf.convert_to_tensor(layer.gamma) * tf.math.rsqrt(variance + layer.epsilon)
    return tf.cast((values - mean) * scale + layer.beta, x.dtype)


def _dropout(layer: keras.layers.Dropout, x: tf.Tensor) -> tf.Tensor:
    """Keras's layer."""
    if not layer.rate:
        return x
    seed = tf.cast(tf.math.floormod(layer.seed_generator.next(), tf.int32.max - 1), tf.int32)
    return tf.where(_fractions(x.shape, seed) >= layer.rate, x / (1 - layer.rate), tf.zeros_like(x))


def _fractions(shape: tf.TensorShape, seed: tf.Tensor) -> tf.Tensor:
    """`tf.random.stateless_uniform` as on a processor, 0..1. XLA makes other fractions of the same random bits.

    The first of more numbers are the same, so a batch that is filled up has those of the smaller one.
    """
    bits = tf.random.stateless_uniform(shape, seed, None, None, tf.uint32, alg="philox")
    return tf.cast(tf.bitwise.bitwise_and(bits, 0x7FFFFF), tf.float32) / 0x800000
