"""The batches of an epoch as TensorFlow graphs: images, their changes, losses, gradients.

The loop over the batches is in the graph, and the images lie in TensorFlow's memory, so Python is asked
only a few times a second, while `Model.fit` asks it at each batch. The biases' gradients and batch
normalisation use other kernels of TensorFlow than Keras does on a CPU, for the same numbers.
`epoch_program` makes one program of XLA's of it all, for a GPU.

Called by `core.worker.epoch_program` and `core.worker.training`.
"""

import weakref
from collections.abc import Callable, Sequence

from core.worker import devices, models, teachers  # isort: skip  # before TensorFlow: sets its log level

import keras
import numpy as np
import tensorflow as tf

from core.data import augmentation
from core.records import Dataset, TrainConfig

Normalise = Callable[[keras.layers.BatchNormalization, tf.Tensor], tf.Tensor]
Dropout = Callable[[keras.layers.Dropout, tf.Tensor], tf.Tensor]


class Steps:
    """The batches of an epoch as TensorFlow graphs."""

    def __init__(self, model, optimizer, config: TrainConfig, data: Dataset, strategy: tf.distribute.Strategy):
        self.model, self.optimizer, self.config, self.strategy = model, optimizer, config, strategy
        self.images = kept_on_device(data.x_train)
        self.labels = tf.constant(data.y_train.astype(np.int32))
        self.teachers = self._load_teachers() if config.teachers else []
        self.replicas = strategy.num_replicas_in_sync
        self.figures = 3 + len(model.trainable_variables)
        self.epoch = -1
        size, parameter_count = config.batch_size, augmentation.parameter_count(config.augmentation)
        order, warp_parameters, rate = (tf.TensorSpec([], t) for t in (tf.int32, tf.float32, tf.float32))

        def many_of(spec: tf.TensorSpec, *shape: int | None) -> tf.TensorSpec:
            return tf.TensorSpec(shape, spec.dtype)

        # There is no Python to be rewritten in these: to look for some would be a fifth of the first call.
        self.many = tf.function(
            self._many,
            (
                many_of(order, None, size),
                many_of(warp_parameters, None, size, parameter_count),
                many_of(rate, None),
            ),
            autograph=False,
        )
        self.distributed = tf.function(
            self._distributed,
            (many_of(order, None), many_of(warp_parameters, None, parameter_count), rate),
            autograph=False,
        )

    def _load_teachers(self) -> list:
        with self.strategy.scope():
            return teachers.load(self.config.teachers, self.model.input_shape[1:], self.model.output_shape[-1])

    def begin_epoch(self, indices: np.ndarray, epoch: int) -> None:
        """Shuffle, and draw the changes of each image; the same for the same seed and epoch."""
        self.epoch = epoch
        self.order, self.warp_parameters = augmentation.draw_epoch(
            self.config, indices, epoch, self.images.shape[1]
        )

    def prepare(self, indices: Callable[[], np.ndarray], epoch: int) -> None:
        """Here `begin_epoch` does all: the cores are needed for the batches."""

    def run(self, batch: int, count: int, rates: tf.Tensor) -> np.ndarray:
        """Learn from `count` batches, the first of which is number `batch` of the epoch.

        Returns float64 [3 + variables]: the sum of the losses, how many were correct, how many there were; and
        for each trainable variable the sum, over all steps, of its gradient's squares, 0 over several devices.
        """
        size, sums = self.config.batch_size, np.zeros(self.figures)
        first, last = batch * size, min((batch + count) * size, len(self.order))
        whole = (last - first) // size if self.replicas == 1 else 0
        if whole:
            cut = first + whole * size
            shape = (whole, size, -1)
            warp_parameters = self.warp_parameters[first:cut].reshape(
                whole, size, self.warp_parameters.shape[1]
            )
            sums += self.many(
                tf.constant(self.order[first:cut].reshape(shape[:2])), tf.constant(warp_parameters), rates
            ).numpy()
        for at in range(first + whole * size, last, size):  # a last, smaller batch, or several devices
            end, rate = min(at + size, last), rates[(at - first) // size]
            sums += self.distributed(
                tf.constant(self.order[at:end]), tf.constant(self.warp_parameters[at:end]), rate
            ).numpy()
        return sums

    def _many(self, order: tf.Tensor, warp_parameters: tf.Tensor, rates: tf.Tensor) -> tf.Tensor:
        def learn(i: tf.Tensor, sums: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            x, y = self._batch(order[i], warp_parameters[i])
            return i + 1, sums + self._step(x, y, rates[i], self.config.batch_size)

        end = tf.shape(order)[0]
        return tf.while_loop(lambda i, _: i < end, learn, (0, tf.zeros(self.figures)))[1]

    def _distributed(self, order: tf.Tensor, warp_parameters: tf.Tensor, rate: tf.Tensor) -> tf.Tensor:
        """One batch; over several devices, each takes every n-th image of it."""
        size = tf.shape(order)[0]
        if self.replicas == 1:
            return self._step(*self._batch(order, warp_parameters), rate, size)

        def per_replica() -> tf.Tensor:
            replica = tf.distribute.get_replica_context().replica_id_in_sync_group
            # With fewer images than devices, one that does not count: no kernel has to read nothing.
            mine = tf.range(replica, tf.maximum(size, replica + 1), self.replicas)
            x, y = self._batch(tf.gather(order, mine % size), tf.gather(warp_parameters, mine % size))
            return self._step(x, y, rate, size, tf.cast(mine < size, tf.float32))

        return self.strategy.reduce("SUM", self.strategy.run(per_replica), axis=None)

    def _batch(self, order: tf.Tensor, warp_parameters: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        x = tf.cast(tf.gather(self.images, order), tf.float32) / 255
        if warp_parameters.shape[-1]:
            x = self._warp(x, warp_parameters)
        return x, tf.gather(self.labels, order)

    def _warp(self, x: tf.Tensor, warp_parameters: tf.Tensor) -> tf.Tensor:
        if warp_parameters.shape[-1] > augmentation.AFFINE:
            return warp(x, warp_parameters)
        x = tf.raw_ops.ImageProjectiveTransformV3(
            images=x,
            transforms=tf.concat([warp_parameters, tf.zeros_like(warp_parameters[:, :2])], axis=1),
            output_shape=tf.shape(x)[1:3],
            fill_value=0.0,
            interpolation="BILINEAR",
        )
        return tf.ensure_shape(x, (None, *self.images.shape[1:]))

    def _step(
        self,
        x: tf.Tensor,
        y: tf.Tensor,
        rate: tf.Tensor,
        size: tf.Tensor | int,
        counts: tf.Tensor | float = 1.0,
    ) -> tf.Tensor:
        """Learn from one batch, or one device's share of a batch of `size`; sums as in `run`.

        counts: 0 for each image that does not count.
        """
        variables, smoothing = self.model.trainable_variables, self.config.label_smoothing
        if self.config.attack_budget:
            x = self.attacked(x, y)
        with tf.GradientTape() as tape:
            dtype = devices.compute_dtype(self.config.layers, self.model.input_shape[1:])
            logits = self._forward(tf.cast(x, dtype), counts)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits)
            aim = losses
            if self.teachers:
                aim = tf.nn.softmax_cross_entropy_with_logits(labels=self._taught(x), logits=logits)
            elif smoothing:
                over_all = -tf.reduce_mean(tf.nn.log_softmax(logits), axis=1)
                aim = (1 - smoothing) * losses + smoothing * over_all
            loss = tf.reduce_sum(counts * aim) / tf.cast(size, tf.float32)
        self.optimizer.learning_rate = rate
        gradients = tape.gradient(loss, [v.value for v in variables])
        self.optimizer.apply(gradients, variables)
        right = tf.cast(tf.argmax(logits, axis=1, output_type=tf.int32) == y, tf.float32)
        sums = [tf.reduce_sum(counts * figure) for figure in (losses, right, tf.ones_like(losses))]
        alone = float(self.replicas == 1)  # the squares of parts of a gradient do not add up to its own
        return tf.stack([*sums, *(2 * alone * tf.nn.l2_loss(gradient) for gradient in gradients)])

    def _taught(self, x: tf.Tensor) -> tf.Tensor:
        """The mean of what the teachers say of these images: float32 [n, classes], probabilities."""
        said = []
        for layers, teacher in self.teachers:
            dtype = devices.compute_dtype(layers, self.model.input_shape[1:])
            said.append(tf.nn.softmax(forward(teacher, tf.cast(x, dtype), *teachers.AS_IT_READS)))
        return tf.add_n(said) / len(said)

    def attacked(self, x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
        """x, changed by at most the budget so that the loss rises: one step up its slope, from a random start.

        The start is decided by the seed and the number of the step, so that a resumed training has the same.
        (Wong, Rice and Kolter, Fast is better than free: Revisiting adversarial training, 2020.)
        """
        budget, step = self.config.attack_budget, tf.cast(self.optimizer.iterations.value, tf.int32)
        change = self._uniform(x, [self.config.seed, step], budget)
        with tf.GradientTape() as tape:
            tape.watch(change)
            logits = models.logits(self.model, x + change)  # batch normalisation and dropout as when it reads
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits)
        change += 1.25 * budget * tf.sign(tape.gradient(losses, change))
        return tf.clip_by_value(x + tf.clip_by_value(change, -budget, budget), 0.0, 1.0)

    def _uniform(self, x: tf.Tensor, seed: list, limit: float) -> tf.Tensor:
        """Random numbers from -limit to limit in the shape of x."""
        return tf.random.stateless_uniform(tf.shape(x), seed, -limit, limit)

    def _forward(self, x: tf.Tensor, counts: tf.Tensor | float) -> tf.Tensor:
        """The logits while training. counts: as in `_step`."""
        return forward(self.model, x, _normalise, lambda layer, x: layer.call(x, training=True))


def on_device(images: np.ndarray) -> tf.Tensor:
    """Put uint8 [n, h, w] or [n, h, w, c] where training reads it: [n, h, w, c], 0..255.

    On a GPU as float16, which holds these numbers exactly: there TensorFlow gathers no uint8.
    """
    images = images[..., None] if images.ndim == 3 else images
    return tf.constant(images, tf.float16 if devices.has_gpu() else tf.uint8)


_kept: dict[tuple[int, bool], tuple[weakref.ref, tf.Tensor]] = {}  # of the last array alone, by its `id`


def kept_on_device(images: np.ndarray) -> tf.Tensor:
    """As `on_device`, once for trainings one after another that learn from the same array, while that is there.

    One that may be written into is put there each time.
    """
    if images.flags.writeable:
        return on_device(images)
    key = id(images), devices.has_gpu()
    of, tensor = _kept.get(key, (None, None))
    if of is None or of() is not images:
        tensor = on_device(images)
        _kept.clear()
        _kept[key] = weakref.ref(images, lambda _: _kept.pop(key, None)), tensor
    return tensor


def warp(x: tf.Tensor, warp_parameters: tf.Tensor) -> tf.Tensor:
    """`augmentation.warp` in TensorFlow: float32 [n, side, side, c] -> the changed images, same shape."""
    _, side, _, channels = x.shape
    wide = side + 3  # with an edge of 0; two at the end, so that the last has a neighbour
    row, column = (tf.constant(n.reshape(1, -1), tf.float32) for n in np.mgrid[:side, :side])
    a, b, c, d, e, f = tf.split(warp_parameters[:, : augmentation.AFFINE], 6, axis=1)
    at_x, at_y = a * column + b * row + c + 1, d * column + e * row + f + 1
    if warp_parameters.shape[-1] > augmentation.AFFINE:
        elastic_field = tf.reshape(warp_parameters[:, augmentation.AFFINE :], (-1, 2, augmentation.KNOTS**2))
        right, down = tf.unstack(elastic_field @ augmentation.spline(side).T, axis=1)
        at_x, at_y = at_x + right, at_y + down
    at_x, at_y = (tf.clip_by_value(at, 0, side + 1) for at in (at_x, at_y))
    left, top = tf.floor(at_x), tf.floor(at_y)
    right, down = (at_x - left)[..., None], (at_y - top)[..., None]
    first = tf.range(tf.shape(x)[0])[:, None] * (wide * wide)
    replica = first + tf.cast(top, tf.int32) * wide + tf.cast(left, tf.int32)
    values = tf.reshape(tf.pad(x, ((0, 0), (1, 2), (1, 2), (0, 0))), (-1, channels))
    upper = (1 - right) * tf.gather(values, replica) + right * tf.gather(values, replica + 1)
    lower = (1 - right) * tf.gather(values, replica + wide) + right * tf.gather(values, replica + wide + 1)
    return tf.reshape((1 - down) * upper + down * lower, (-1, side, side, channels))


def forward(model: keras.Model, x: tf.Tensor, normalise: Normalise, dropout: Dropout) -> tf.Tensor:
    """What `models.logits` gives while training, from the operations that are quickest on a CPU.

    The largest of four values stays the largest when the bias is added and the activation applied, so
    these come after a pooling, where fewer values are left. x: float32, or bfloat16 for everything up to the
    logits but the statistics of batch normalisation. Keras's `layer(x)` would make it float32 again.
    normalise, dropout: do these layers, the running averages and the seeds too.
    """
    *inner, (last, (end,)) = models.in_order(model)
    convolutions = [n for n, (layer, _) in enumerate(inner) if isinstance(layer, keras.layers.Conv2D)]
    later = {place for place in convolutions if _pools(inner, place + 1)}  # whose bias comes after a pooling
    made = {-1: x}
    for place, (layer, read) in enumerate(inner):
        x = made[read[0]]
        if isinstance(layer, keras.layers.Conv2D):
            x = models.convolve(x, tf.cast(layer.kernel, x.dtype), layer)
            x = x if place in later else _biased(layer, x)
        elif isinstance(layer, keras.layers.Dense):
            sums = tf.matmul(x, tf.cast(layer.kernel, x.dtype))
            x = layer.activation(sums + tf.cast(layer.bias, x.dtype))
        elif isinstance(layer, keras.layers.BatchNormalization):
            x = normalise(layer, x)
        elif isinstance(layer, keras.layers.Dropout):
            x = dropout(layer, x)
        elif isinstance(layer, keras.layers.PReLU):
            x = tf.where(x > 0, x, tf.cast(layer.alpha, x.dtype) * x)
        else:
            x = layer.call(x if len(read) == 1 else [made[at] for at in read])
            x = _biased(inner[place - 1][0], x) if place - 1 in later else x
        made[place] = x
    x = made[end]
    return tf.cast(tf.matmul(x, tf.cast(last.kernel, x.dtype)), tf.float32) + last.bias


def _pools(inner: Sequence[tuple[keras.layers.Layer, tuple[int, ...]]], place: int) -> bool:
    """Is the layer at that place a pooling by maximum that alone reads the one before it?"""
    if place >= len(inner) or not isinstance(inner[place][0], keras.layers.MaxPooling2D):
        return False
    return [at for at, (_, read) in enumerate(inner) if place - 1 in read] == [place]


def _biased(layer: keras.layers.Conv2D, x: tf.Tensor) -> tf.Tensor:
    """A convolution's sums with its bias, through its activation."""
    return layer.activation(_add_bias(x, tf.convert_to_tensor(layer.bias)))


@tf.custom_gradient
def _add_bias(x: tf.Tensor, bias: tf.Tensor):
    """x + bias. oneDNN joins the usual gradient with the kernels' into one that is up to four times slower."""

    def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        return upstream, tf.reduce_sum(tf.cast(upstream, bias.dtype), axis=[0, 1, 2])

    return tf.nn.bias_add(x, tf.cast(bias, x.dtype)), gradient


def _normalise(layer: keras.layers.BatchNormalization, x: tf.Tensor) -> tf.Tensor:
    """Keras's layer with TensorFlow's fused kernel, whose variance is divided by n - 1, not by n."""
    y, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
        x=tf.reshape(x, (-1, 1, 1, x.shape[-1])) if x.shape.rank == 2 else x,
        scale=layer.gamma,
        offset=layer.beta,
        mean=[],
        variance=[],
        epsilon=layer.epsilon,
    )
    count = tf.cast(tf.size(x) // x.shape[-1], tf.float32)
    keep_averages(layer, mean, variance * (1 - 1 / count))
    return tf.reshape(y, tf.shape(x)) if x.shape.rank == 2 else y


def keep_averages(layer: keras.layers.BatchNormalization, mean: tf.Tensor, variance: tf.Tensor) -> None:
    """Move a layer's running averages towards those of a batch, float32 [channels] each."""
    for moving, now in ((layer.moving_mean, mean), (layer.moving_variance, variance)):
        moving.assign(moving * layer.momentum + now * (1 - layer.momentum))
