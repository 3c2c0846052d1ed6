"""Keras opens what is written for it without Keras."""

import keras
import numpy as np
import pytest

from core.models.exports import keras_files
from core.nn.activations import softmax
from tests.unit.test_exports import logits_of, of_every_kind, pictures


@pytest.mark.parametrize("suffix", ["keras", "h5"])
@pytest.mark.parametrize("number", [0, 1])
def test_keras_computes_the_same(tmp_path, suffix, number):
    network = of_every_kind()[number]
    file = tmp_path / f"network.{suffix}"
    file.write_bytes({"keras": keras_files.keras, "h5": keras_files.h5}[suffix](network))
    model = keras.saving.load_model(file)
    x = pictures(network)
    np.testing.assert_allclose(model.predict(x, verbose=0), softmax(logits_of(network, x)), atol=1e-5)
