"""A network as it was at a state, against Keras with the state's weights."""

import numpy as np
import pytest

from core.data.datasets import KINDS
from core.models import state_networks
from core.models.classifiers import Classifier
from core.nn.architectures import (
    Activation,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPooling2D,
)
from core.records import State
from core.training.recipes import RECIPES
from core.worker import export, models, predictor

NETWORKS = {
    "dense": (Flatten(), Dense(10, "softmax")),
    "dense 10": (Flatten(), Dense(10), Dense(10), Dense(10, "softmax")),
    "folded": (
        Conv2D(4, 5, 2, "same", "linear"),
        BatchNormalization(),
        Activation("relu"),
        Flatten(),
        Dropout(0.3),
        Dense(10, "softmax"),
    ),
    "after pooling": (Conv2D(3, 1), MaxPooling2D(2), Flatten(), Dense(10, "softmax")),
    "quick": RECIPES["quick"].config.layers,
    "best": RECIPES["first-conv-best"].config.layers,
    "in colour": RECIPES["cifar-small"].config.layers,
}


def randomly(model, seed):
    rng = np.random.default_rng(seed)
    return {
        name: (np.abs if "variance" in name else np.asarray)(rng.normal(0.05, 0.1, w.shape)).astype(np.float16)
        for name, w in models.get_weights(model).items()
    }


@pytest.mark.parametrize("name", NETWORKS)
def test_it_reads_as_keras_does_with_the_weights_of_then(name):
    layers, data = NETWORKS[name], "cifar10" if name == "in colour" else "mnist"
    shape = KINDS[data].shape
    model = models.build(layers, shape)
    models.set_weights(model, {n: w.astype(np.float32) for n, w in randomly(model, 1).items()})
    last = export.to_network(model, layers, "last", {}, data)
    then = randomly(model, 2)
    found = state_networks.at(last, layers, State(5, 500, 0.5, 1.0, then))
    models.set_weights(model, {n: w.astype(np.float32) for n, w in then.items()})
    images = np.random.default_rng(3).integers(0, 255, (4, *shape[: 3 if shape[2] > 1 else 2])).astype(np.uint8)
    expected = predictor.Predictor(model).logits(images)
    np.testing.assert_allclose(
        Classifier(found).logits(images.astype(np.float32) / 255), expected, rtol=1e-3, atol=1e-3
    )


def test_where_the_bytes_do_not_show_the_weights_there_is_none():
    layers = NETWORKS["dense"]
    model = models.build(layers)  # both biases are 0, as other bytes are
    last = export.to_network(model, layers, "last", {})
    assert state_networks.at(last, layers, State(0, 0, 0.0, 0.0, {})) is None
    other = (Flatten(), Dense(8), Dense(10, "softmax"))
    assert state_networks.at(last, other, State(0, 0, 0.0, 0.0, randomly(models.build(other), 1))) is None
