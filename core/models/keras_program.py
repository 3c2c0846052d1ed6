"""A configuration as a Keras program, to be pasted into a notebook; nothing in it is ours.

    >>> print(source(RECIPES["perceptron"].config))
    ...
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Flatten(),
            layers.Dense(512, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    ...

What is at its default is left out. A new kind of layer is one entry in CALLS, a new optimizer one in
OPTIMIZERS, a new schedule one in SCHEDULES.
"""

from collections.abc import Callable
from math import radians, tan

from core.data import augmentation
from core.nn import architectures
from core.nn.architectures import Layer
from core.records import TrainConfig
from core.training import configs, optimization

# Each kind of layer -> the arguments of the Keras layer of the same name.
CALLS: dict[type[Layer], Callable[..., list[str]]] = {
    architectures.Conv2D: lambda layer: [
        f"{layer.filters}, {layer.kernel}",
        *([f"strides={layer.stride}"] if layer.stride != 1 and not _skipped(layer) else []),
        *([f'padding="{layer.padding}"'] if layer.padding != "valid" else []),
        *_activation(layer.activation),
    ],
    architectures.MaxPooling2D: lambda layer: [f"{layer.pool}"],
    architectures.AveragePooling2D: lambda layer: [f"{layer.pool}"],
    architectures.BatchNormalization: lambda layer: [],
    architectures.Activation: lambda layer: [f'"{layer.activation}"'],
    architectures.Flatten: lambda layer: [],
    architectures.Dropout: lambda layer: [f"{layer.rate}"],
    architectures.Dense: lambda layer: [f"{layer.units}", *_activation(layer.activation)],
}

# Keras's class and its further arguments; the keys are those of `optimization.OPTIMIZERS`.
OPTIMIZERS: dict[str, tuple[str, list[str]]] = {
    "SGD": ("SGD", []),
    "SGD with momentum": ("SGD", ["momentum=0.9"]),
    "RMSprop": ("RMSprop", []),
    "Adam": ("Adam", []),
    "AdamW": ("AdamW", []),
    "Adadelta": ("Adadelta", []),
}

# What defines `rate`, the learning rate; the keys are those of `optimization.SCHEDULES`.
SCHEDULES = {
    "constant": "",
    "cosine": """\
steps = epochs * math.ceil(len(x_train) / batch_size)
rate = keras.optimizers.schedules.CosineDecay({highest}, steps)
""",
    "one-cycle": '''
class OneCycle(keras.optimizers.schedules.LearningRateSchedule):
    """The learning rate climbs for the first quarter of all steps, then falls to nothing."""

    def __init__(self, highest, steps):
        self.highest = highest
        self.steps = steps

    def __call__(self, step):
        progress = keras.ops.cast(step, "float32") / self.steps
        climb = 0.04 + 0.96 * progress / 0.25
        fall = (1 - progress) / 0.75
        return self.highest * keras.ops.minimum(climb, fall)

    def get_config(self):
        return {{"highest": self.highest, "steps": self.steps}}


steps = epochs * math.ceil(len(x_train) / batch_size)
rate = OneCycle({highest}, steps)
''',
}

_START = """\
# A network that {reads}, made with Digit Lab, for Keras 3 with TensorFlow.
# The settings are the same; chance makes the last decimals of the results differ.
{imports}

keras.utils.set_random_seed({config.seed})
batch_size = {config.batch_size}
epochs = {config.epochs}

{pictures}"""

_MNIST = """\
# 60,000 digits to learn from and 10,000 to test with; each pixel from 0 (paper) to 1 (ink).
(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
x_train = x_train.reshape(-1, 28, 28, 1).astype("float32") / 255
x_test = x_test.reshape(-1, 28, 28, 1).astype("float32") / 255
"""

_CIFAR10 = """\
# 50,000 pictures to learn from and 10,000 to test with; red, green and blue from 0 to 1.
(x_train, y_train), (x_test, y_test) = keras.datasets.cifar10.load_data()
x_train, y_train = x_train.astype("float32") / 255, y_train[:, 0]
x_test, y_test = x_test.astype("float32") / 255, y_test[:, 0]
"""

# TrainConfig.data -> what the network does, and how its pictures are loaded.
DATA = {
    "mnist": ("reads handwritten digits", _MNIST),
    "digit-lab": ("reads handwritten digits", _MNIST),
    "cifar10": ("names what a picture shows", _CIFAR10),
}

_MORE_CLASSES = """\
# In Digit Lab this network learns from more than MNIST: also from drawings that are no digit, its
# eleventh class. Here it never sees one, so do not ask it whether a drawing is a digit.
"""

_ONE_HOT = """\
# {percent:g}% of each label will be spread over all classes: a label is {classes} numbers now.
y_train = keras.utils.to_categorical(y_train, {classes})
y_test = keras.utils.to_categorical(y_test, {classes})
"""

_HOLD_BACK = """\
# The last {percent:g}% are not learnt from: they tell {what}.
held_back = round({config.validation_share} * len(x_train))
x_validation, y_validation = x_train[-held_back:], y_train[-held_back:]
x_train, y_train = x_train[:-held_back], y_train[:-held_back]
"""

_CHOOSE = """\
# Learn from {count:,} {noun} only, chosen by chance.
chosen = np.random.default_rng({config.seed}).permutation(len(x_train))[:{count}]
x_train, y_train = x_train[chosen], y_train[chosen]
"""

_SLANT = '''
def slant(pictures):
    """Lean each {one} about its middle; layers.RandomShear would shift it as well."""
    slope = tf.random.uniform([tf.shape(pictures)[0], 1], -{most:.4g}, {most:.4g})
    one, zero = tf.ones_like(slope), tf.zeros_like(slope)
    maps = tf.concat([one, slope, {middle} * slope, zero, one, zero, zero, zero], axis=1)
    return keras.ops.image.affine_transform(pictures, maps, fill_mode="constant")

'''

# Knots that spread by so much move the pixels between them by 1 at one standard deviation.
_KNOTS_SPREAD = 1.17

_BEND = '''
def bend(picture):
    """Bend one {one} by a smooth random field: as in Digit Lab in kind, but in its own way.

    Not by layers.RandomElasticTransform: that is rough on {side} pixels, or moves them little.
    """
    knots = tf.random.normal([6, 6, 2], stddev={spread:.4g})
    right, down = tf.unstack(tf.image.resize(knots, ({side}, {side}), "bicubic"), axis=2)
    y, x = tf.meshgrid(tf.range({side}.0), tf.range({side}.0), indexing="ij")
    places = tf.stack([y + down, x + right])
    return {bent}

'''

# Channels -> the bent picture, which `_BEND` returns.
_BENT = {
    1: "keras.ops.image.map_coordinates(picture[..., 0], places, order=1)[..., None]",
    3: """tf.stack(
        [keras.ops.image.map_coordinates(picture[..., c], places, order=1) for c in range(3)],
        axis=2,
    )""",
}

_LEAVE_SOME = '''
def leave_some(pictures, changed):
    """Leave {percent:g}% as they are, chosen anew each time."""
    stay = tf.random.uniform([tf.shape(pictures)[0], 1, 1, 1]) < {config.unchanged}
    return tf.where(stay, pictures, changed)

'''

_BATCHES = """\
# Each {one} changes a little, anew in each epoch: as in Digit Lab in kind, not pixel for pixel.
# The batches are shuffled here, so `fit` need not.
batches = tf.data.Dataset.from_tensor_slices((x_train, y_train)).shuffle(len(x_train))
{steps}
batches = batches.prefetch(tf.data.AUTOTUNE)
"""

_END = """\
loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
print(f"Accuracy on the test {noun}: {{accuracy:.2%}}")
"""


def source(config: TrainConfig) -> str:
    """Return a program that trains this network this way and prints its accuracy on the test pictures."""
    parts = [_start(config), *_choices(config), _network(config), _learning(config)]
    return "\n".join([*parts, *_augmentation(config), *_training(config), _end(config)])


def _end(config: TrainConfig) -> str:
    return _END.format(noun=configs.kind(config).noun)


def _start(config: TrainConfig) -> str:
    groups = (
        ["import math"] if config.schedule != "constant" else [],
        ["import keras"]
        + (["import numpy as np"] if _leaves_some_out(config) else [])
        + (["import tensorflow as tf"] if _augments(config) else [])
        + ["from keras import layers"],
    )
    imports = "\n\n".join("\n".join(group) for group in groups if group)
    reads, pictures = DATA[config.data]
    return _START.format(config=config, imports=imports, reads=reads, pictures=pictures)


def _choices(config: TrainConfig) -> list[str]:
    """The same pictures as in `worker.training`."""
    count, held_back = configs.divide(config)
    percent, kind = 100 * config.label_smoothing, configs.kind(config)
    classes = len(kind.classes)
    return [
        *([_MORE_CLASSES] if classes > architectures.CLASSES else []),
        *([_ONE_HOT.format(percent=percent, classes=classes)] if percent else []),
        *([_hold_back(config)] if held_back else []),
        *([_CHOOSE.format(config=config, count=count, noun=kind.noun)] if _leaves_some_out(config) else []),
    ]


def _hold_back(config: TrainConfig) -> str:
    what = "which epoch was best" if config.keep == "best" else "how well it learns"
    return _HOLD_BACK.format(config=config, percent=100 * config.validation_share, what=what)


def _skipped(layer: Layer) -> list[str]:
    """The pooling that has to leave pixels out before a layer that looks at single ones and skips some.

    TensorFlow may crash there: see `worker.models.convolve`.
    """
    if isinstance(layer, architectures.Conv2D) and layer.kernel == 1 and layer.stride > 1:
        return [f"layers.MaxPooling2D(1, strides={layer.stride})"]
    return []


def _calls(layer: Layer) -> list[str]:
    """A layer as one call, or as two where it skips pixels."""
    return [*_skipped(layer), f"layers.{layer.kind}({', '.join(CALLS[type(layer)](layer))})"]


def _network(config: TrainConfig) -> str:
    calls = [call for layer in config.layers for call in _calls(layer)]
    return f"model = {_sequential(f'keras.Input({configs.kind(config).shape})', *calls)}model.summary()\n"


def _learning(config: TrainConfig) -> str:
    rate, (name, further) = config.learning_rate, OPTIMIZERS[config.optimizer]
    settings = [] if rate is None else [f"learning_rate={rate}"]
    if config.schedule != "constant":
        settings = ["learning_rate=rate"]
    if config.beta_2 is not None and name in ("Adam", "AdamW"):
        further = [f"beta_2={config.beta_2}"]
    if config.weight_decay is not None and name == "AdamW":
        further = [*further, f"weight_decay={config.weight_decay}"]
    loss = '"sparse_categorical_crossentropy"'
    if config.label_smoothing:
        loss = f"keras.losses.CategoricalCrossentropy(label_smoothing={config.label_smoothing})"
    return (
        SCHEDULES[config.schedule].format(highest=optimization.highest_rate(config))
        + f"optimizer = keras.optimizers.{name}({', '.join([*settings, *further])})\n"
        + _call("model.compile", "optimizer=optimizer", f"loss={loss}", 'metrics=["accuracy"]')
    )


def _augmentation(config: TrainConfig) -> list[str]:
    most, paper = config.augmentation, 'fill_mode="constant"'
    given = taken = "changed" if config.unchanged else "x"
    side, _, channels = configs.kind(config).shape
    one = "digit" if configs.reads_digits(config) else "picture"
    whole = f'{paper}, interpolation="nearest"'
    changes = [
        *([f"layers.RandomRotation({most.rotation} / 360, {paper})"] if most.rotation else []),
        *([f"layers.RandomZoom({most.scale}, {most.scale}, {paper})"] if most.scale else []),
        *(
            [f"layers.RandomTranslation({most.shift} / {side}, {most.shift} / {side}, {paper})"]
            * (most.shift > 0)
        ),
        *([f"layers.RandomTranslation({most.crop} / {side}, {most.crop} / {side}, {whole})"] * (most.crop > 0)),
        *(['layers.RandomFlip("horizontal")'] if most.flip else []),
    ]
    sections, steps = [], ["batches = batches.batch(batch_size)"]
    if most.elastic:
        spread, bent = _KNOTS_SPREAD * most.elastic, _BENT[channels]
        sections.append(_BEND.format(one=one, spread=spread, side=side, bent=bent))
        bent = "x, bend(x)" if config.unchanged else "bend(x)"
        several = "num_parallel_calls=tf.data.AUTOTUNE"
        steps.insert(0, f"batches = batches.map(lambda x, y: ({bent}, y), {several})")
    elif config.unchanged:
        steps.insert(0, "batches = batches.map(lambda x, y: (x, x, y))")
    if most.shear:
        slant = _SLANT.format(one=one, most=tan(radians(most.shear)), middle=(1 - side) / 2)
        sections.append(slant.lstrip("\n") if most.elastic else slant)  # two empty lines before a function
        given = f"slant({given})"
    if changes:
        sections.append(f"augment = {_sequential(*changes)}")
        given = f"augment({given}, training=True)"
    if config.unchanged:
        leave = _LEAVE_SOME.format(config=config, percent=100 * config.unchanged)
        sections.append(leave.lstrip("\n") if sections and not changes else leave)
        if given != taken:
            steps.append(f"batches = batches.map(lambda x, changed, y: (x, {given}, y))")
        steps.append("batches = batches.map(lambda x, changed, y: (leave_some(x, changed), y))")
    elif given != taken:
        steps[-1] += f".map(lambda x, y: ({given}, y))"
    return [*sections, _BATCHES.format(one=one, steps="\n".join(steps))] if _augments(config) else []


def _training(config: TrainConfig) -> list[str]:
    part, callbacks, sections, noun = "test", [], [], configs.kind(config).noun
    if configs.divide(config)[1]:
        part = "validation"
    if part == "validation" and config.keep == "best":
        callbacks = ["callbacks=[keep_best]"]
        settings = ('monitor="val_accuracy"', 'mode="max"', f"patience={config.patience or 'epochs'}")
        sections = [
            f"# Watch the validation {noun}, and end with the weights that read them best.\n"
            + _call("keep_best = keras.callbacks.EarlyStopping", *settings, "restore_best_weights=True")
        ]
    pictures = ["x_train", "y_train", "batch_size=batch_size"]
    if _augments(config):
        pictures = ["batches", "shuffle=False"]  # or else Keras warns that the batches already are
    validation = f"validation_data=(x_{part}, y_{part})"
    return [*sections, _call("model.fit", *pictures, "epochs=epochs", validation, *callbacks)]


def _leaves_some_out(config: TrainConfig) -> bool:
    return sum(configs.divide(config)) < configs.kind(config).train


def _augments(config: TrainConfig) -> bool:
    return config.augmentation != augmentation.NONE


def _activation(name: str) -> list[str]:
    return [] if name == "linear" else [f'activation="{name}"']


def _sequential(*calls: str) -> str:
    return "keras.Sequential(\n    [\n" + "".join(f"        {call},\n" for call in calls) + "    ]\n)\n"


def _call(function: str, *arguments: str) -> str:
    return f"{function}(\n" + "".join(f"    {argument},\n" for argument in arguments) + ")\n"
