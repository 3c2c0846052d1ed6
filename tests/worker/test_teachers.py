"""A network that learns from others learns as with Keras's own loss on the mean of their predictions."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from core.models import networks
from core.nn.architectures import Conv2D, Dense, Dropout, Flatten
from core.worker import export, models, predictor
from tests.worker.short_trainings import SMALL, Listener, differences, train, weights

OF_ELEVEN = (Conv2D(3, 5, 3), Flatten(), Dense(11, "softmax"))
TAUGHT = replace(
    SMALL, layers=OF_ELEVEN, data="digit-lab", optimizer="SGD", learning_rate=0.5, batch_size=200, epochs=3
)


def saved(folder, layers, seed):
    """A network that has learnt nothing, in a folder of its own there, as Keras has it."""
    keras.utils.set_random_seed(seed)
    model = models.build(layers)
    last = model.layers[-1]
    last.set_weights([9 * value for value in last.get_weights()])  # so that it says something definite
    networks.save(
        export.to_network(model, layers, f"number {seed}", {}, "digit-lab"), folder / f"number-{seed}"
    )
    return model


@pytest.fixture
def two(tmp_path):
    """The folder of two teachers, and their models; the dropout of one is for its own training alone."""
    layers = (OF_ELEVEN, (Flatten(), Dropout(0.5), Dense(20, "relu"), Dense(11, "softmax")))
    return tmp_path, [saved(tmp_path, layers[seed], seed) for seed in range(2)]


def begun():
    """The model that the seed of TAUGHT begins with."""
    keras.utils.set_random_seed(TAUGHT.seed)
    return models.build(TAUGHT.layers)


def test_the_mean_of_the_teachers_is_learnt_as_with_kerass_loss(few, two):
    folder, teachers = two
    x = predictor.as_input(few.x_train)
    mean = np.mean([teacher.predict(x, verbose=0) for teacher in teachers], axis=0)
    student = begun()
    student.compile(keras.optimizers.SGD(0.5), keras.losses.CategoricalCrossentropy(), jit_compile=False)
    student.fit(x, mean, batch_size=200, epochs=3, shuffle=False, verbose=0)
    ours = weights(train(replace(TAUGHT, teachers=str(folder)), few))
    assert max(differences(ours, models.get_weights(student)).values()) < 1e-4
    assert max(differences(ours, weights(train(TAUGHT, few))).values()) > 1e-2  # from the labels it is another
    assert max(differences(ours, models.get_weights(begun())).values()) > 1e-2


def test_what_it_is_measured_by_are_the_labels(few, two):
    """So that the curves of a taught network stand beside those of others."""
    points = []
    for teachers in ("", str(two[0])):
        heard = Listener()
        train(replace(TAUGHT, teachers=teachers, learning_rate=1e-6, epochs=1), few, heard)
        points.append(heard.whole[-1])
    assert points[0].train_loss == pytest.approx(points[1].train_loss, abs=1e-4)


def test_teachers_of_other_classes_are_refused(few, tmp_path):
    layers = (Flatten(), Dense(10, "softmax"))
    saved(tmp_path, layers, 4)
    with pytest.raises(
        ValueError, match="'number 4' tells 10 classes apart, but the network that learns from it 11"
    ):
        train(replace(TAUGHT, teachers=str(tmp_path)), few)


def test_a_folder_without_networks_is_refused(tmp_path):
    with pytest.raises(ValueError, match="There is no network in"):
        networks.load_all(tmp_path)
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "network.json").write_text("{")
    with pytest.raises(ValueError, match=r"The network in .* cannot be read"):
        networks.load_all(tmp_path)
