"""Networks whose ways part and meet: everything that reads them says what Keras says."""

import tempfile
import warnings
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers as k

from core.analysis import attribution, dreams
from core.ink.files import BadInput
from core.models import input_scalings, keras_import, patching
from core.models.classifiers import Classifier
from core.models.exports import keras_files
from core.nn import architectures, backprop, batchnorm_folding, damage, graph
from core.nn.activations import softmax
from core.records import DigitImage, Network
from core.training import states
from core.worker import export, models, steps, watching
from tests.networks import by_chance, ensemble, joined

IMAGE_SHAPE = (28, 28, 1)


def drawn(seed: int) -> keras.Model:
    """A network by chance, made by Keras, in whose file the branches' layers take turns."""
    rng, image = np.random.default_rng(seed), keras.Input(IMAGE_SHAPE)

    def way(x, maps):
        for _ in range(rng.integers(1, 3)):
            x = k.Conv2D(maps, int(rng.integers(1, 4)), padding="same", use_bias=bool(rng.integers(2)))(x)
            x = [
                k.BatchNormalization(epsilon=1e-4),
                k.PReLU(shared_axes=[1, 2]),
                k.GaussianNoise(0.1),
            ][rng.integers(3)](x)
            x = k.Activation(str(rng.choice(["relu", "silu", "tanh"])))(x)
        return x

    x = k.ZeroPadding2D(1)(k.Rescaling(1 / 255)(image) if seed % 2 else image)
    x = k.MaxPooling2D(2)(k.Conv2D(4, 3, activation="gelu")(x))
    for _ in range(3):
        join = [k.Add, k.Average, k.Concatenate][rng.integers(3)]
        x = join()([x, *(way(x, 4 if join is not k.Concatenate else 3) for _ in range(rng.integers(1, 3)))])
        if join is k.Concatenate:
            x = k.SeparableConv2D(4, 3, padding="same", activation="relu")(x)
    both = [k.GlobalAveragePooling2D()(x), k.Flatten()(k.AveragePooling2D(14)(x)), k.GlobalMaxPooling2D()(x)]
    x = k.Dropout(0.2)(k.Concatenate(axis=1)(both))
    x = k.Add()([k.Dense(12, "tanh")(x), x])
    return keras.Model(image, k.Softmax()(k.Dense(10)(x)))


def shaken(model: keras.Model, seed: int) -> keras.Model:
    rng = np.random.default_rng(seed)
    for variable in model.weights:
        if variable.dtype == "float32":
            lowest = 0.2 if "variance" in variable.name else -0.4
            variable.assign(rng.uniform(lowest, 0.6, variable.shape))
    return model


def saved(model: keras.Model, suffix: str = "keras") -> bytes:
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = Path(folder, f"network.{suffix}")
        model.save(path)
        return path.read_bytes()


def images(count: int = 4) -> np.ndarray:
    return np.random.default_rng(1).random((count, *IMAGE_SHAPE)).astype(np.float32)


def logits(network: Network, x: np.ndarray) -> np.ndarray:
    return list(backprop.forward(network, x).values())[-1]


def read(model: keras.Model, suffix: str = "keras") -> Network:
    layers, weights, shape = keras_import.read(saved(model, suffix))
    assert shape == IMAGE_SHAPE
    return Network("read", layers, weights, b"", {})


@pytest.mark.parametrize("seed", range(6))
def test_what_keras_joins_is_read_and_computes_the_same(seed):
    model, x = shaken(drawn(seed), seed), images()
    expected = np.asarray(model(x * 255 if seed % 2 else x, training=False))
    network = read(model, "h5" if seed == 3 else "keras")
    assert not graph.is_chain(network.layers)
    np.testing.assert_allclose(softmax(logits(network, x)), expected, atol=1e-5)


def member(maps: int, end: str) -> keras.Model:
    image = keras.Input(IMAGE_SHAPE)
    x = k.Flatten()(k.MaxPooling2D(3)(k.Conv2D(maps, 3, activation="relu")(image)))
    return keras.Model(image, k.Dense(10, end)(x))


def of_probabilities(x):
    small = keras.Sequential([keras.Input(IMAGE_SHAPE), k.Flatten(), k.Dense(10), k.Softmax()])
    return k.Average()([member(3, "softmax")(x), small(x), member(2, "softmax")(x)])


ENSEMBLES = {
    "a mean of probabilities": of_probabilities,
    "a mean of logits": lambda x: k.Softmax()(k.Average()([member(3, "linear")(x), member(2, "linear")(x)])),
    "a sum of logits": lambda x: k.Activation("softmax")(k.Add()([member(3, None)(x), member(2, None)(x)])),
}


@pytest.mark.parametrize("name", ENSEMBLES)
def test_an_ensemble_is_read_and_taken_away(name, tmp_path):
    image, x = keras.Input(IMAGE_SHAPE), images()
    model = shaken(keras.Model(image, ENSEMBLES[name](image)), 3)
    expected = np.asarray(model(x, training=False))
    network = read(model)
    np.testing.assert_allclose(softmax(logits(network, x)), expected, atol=1e-5)
    built = models.build(network.layers)
    models.set_weights(built, network.weights)
    made = export.to_network(built, network.layers, "ensemble", {})
    np.testing.assert_allclose(Classifier(made).probabilities(x), expected, atol=1e-5)
    (tmp_path / "again.keras").write_bytes(export.to_keras(built))
    again = keras.saving.load_model(tmp_path / "again.keras")
    np.testing.assert_allclose(softmax(np.log(np.asarray(again(x)))), expected, atol=1e-5)
    layers, weights, _ = keras_import.read(keras_files.keras(made))
    np.testing.assert_allclose(logits(Network("", layers, weights, b"", {}), x), logits(made, x), atol=1e-5)


def test_what_keras_has_no_layer_for_is_said():
    with pytest.raises(BadInput, match="Keras has no layer for that; every other format has"):
        keras_files.keras(by_chance(*ensemble()))


def test_the_slope_of_a_logarithm_is_its_difference():
    network = by_chance(*ensemble())
    x, step = np.random.default_rng(2).random((1, 28, 28)), np.zeros((1, 28, 28))
    step[0, 9, 9] = 1e-5
    weighting = np.eye(10)[4]
    slope = backprop.backward(network, backprop.forward(network, x), weighting)["input"][0, 9, 9, 0]
    expected = (logits(network, x + step) - logits(network, x - step))[0, 4] / 2e-5
    assert slope == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("seed", range(3))
def test_litert_and_our_own_files_say_the_same_of_every_layer(seed):
    """Folded, converted, written as Keras writes, read again."""
    network = by_chance(*joined(seed), seed=seed)
    model = models.build(network.layers)
    models.set_weights(model, network.weights)
    made, x = export.to_network(model, network.layers, "made", {}), images(1)
    assert len(made.layers) <= len(network.layers)
    assert made.layers == batchnorm_folding.layers(network.layers)
    expected = backprop.forward(made, x)
    np.testing.assert_allclose(logits(network, x), logits(made, x), atol=1e-4)
    classifier = Classifier(made)
    for name, values in classifier.activations(DigitImage(x[0, ..., 0])).items():
        np.testing.assert_allclose(values, expected[name][0], atol=1e-4)
    again = keras_import.read(keras_files.keras(made))
    assert not architectures.check(again[0])
    np.testing.assert_allclose(logits(Network("", *again[:2], b"", {}), x), logits(made, x), atol=1e-5)
    np.testing.assert_allclose(np.asarray(models.logits(model, x)), logits(network, x), atol=1e-4)


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    layers = joined(1)
    model, network = models.build(layers), by_chance(*layers, seed=1)
    models.set_weights(model, network.weights)
    return Classifier(export.to_network(model, layers, "joined", {}))


def test_gradients_are_differences(classifier):
    """(f(x + h) - f(x - h)) / 2h of 20 pixels, in double precision, also from the last maps on."""
    network, rng = classifier.network, np.random.default_rng(4)
    x, weighting = rng.uniform(0.1, 1, (1, 28, 28)), rng.normal(size=10)
    values = backprop.forward(network, x)
    slopes = backprop.backward(network, values, weighting)
    for place in rng.choice(784, 20, replace=False):
        step = np.zeros(784)
        step[place] = 1e-5
        ends = [list(backprop.forward(network, x + s * step.reshape(1, 28, 28)).values())[-1] for s in (1, -1)]
        expected = float(((ends[0] - ends[1]) @ weighting)[0] / 2e-5)
        assert slopes["input"].reshape(-1)[place] == pytest.approx(expected, rel=1e-3, abs=1e-6)
    assert slopes.keys() == values.keys()
    part = backprop.backward(network, values, weighting, down_to=(name := list(values)[3]))
    np.testing.assert_allclose(part[name], slopes[name])


def test_what_asks_a_network_asks_this_one(classifier):
    network, drawing = classifier.network, DigitImage(images(1)[0, ..., 0])
    last = attribution.last_maps(network)
    assert last in attribution.map_layers(network)
    for name, method in attribution.METHODS.items():
        assert np.isfinite(method.explain(classifier, drawing.pixels, 3).map).all(), name
    dream = dreams.grow(network, layer=last, unit=1, steps=3)
    assert np.isfinite(dream.images).all()
    place = next(n for n in damage.can_be_off(network) if n.startswith("conv"))
    for done in (
        damage.Damage(off=((place, (0, 1)),)),
        damage.Damage(prune=0.5),
        damage.Damage(temperature=2.0),
    ):
        changed = damage.apply(network, done)
        expected = logits(changed, images(3))
        np.testing.assert_allclose(patching.Changed(network, changed).outputs(images(3)), expected, atol=1e-4)


@pytest.mark.parametrize("name", ["0 to 255", "inverted", "-1 to 1"])
def test_other_pixels_are_worked_into_each_way_from_the_picture(name):
    layers = (
        architectures.Conv2D(3, 3, 1, "valid", "relu"),
        architectures.AveragePooling2D(2, inputs=(-1,)),
        architectures.Conv2D(3, 2, 1, "valid", "relu"),
        architectures.MaxPooling2D(2, inputs=(0,)),
        architectures.Add(inputs=(2, 3)),
        architectures.Flatten(),
        architectures.Dense(10, "softmax"),
    )
    scaling, network, x = input_scalings.SCALINGS[1][name], by_chance(*layers), images()
    assert input_scalings.can_fold(layers, scaling)
    folded = input_scalings.fold(layers, network.weights, IMAGE_SHAPE, scaling)
    expected = logits(network, input_scalings.apply(scaling, x))
    found = logits(Network("", layers, folded, b"", {}), x)
    np.testing.assert_allclose(found, expected, atol=2e-3, rtol=1e-4)
    adds_the_picture = (architectures.Conv2D(1, 1), architectures.Add(inputs=(0, -1)), *layers[-2:])
    assert not input_scalings.can_fold(adds_the_picture, scaling)


def test_it_learns(tmp_path):
    """One step of a training makes the loss of what it saw smaller, with the operations of trainings."""
    model = models.build(joined(2))
    x = images(16)
    labels = np.arange(16) % 10

    def loss() -> tf.Tensor:
        logits = steps.forward(model, tf.constant(x), steps._normalise, lambda layer, x: x)
        return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))

    with tf.GradientTape() as tape:
        before = loss()
    slopes = tape.gradient(before, model.trainable_variables)
    assert all(slope is not None for slope in slopes)
    for variable, slope in zip(model.trainable_variables, slopes, strict=True):
        variable.assign_sub(0.02 * slope)
    assert float(loss()) < float(before)
    assert [kernel.path for kernel in watching.learning(model)] == [
        f"{name}/kernel" for name in states.learning_layers(joined(2))
    ]
