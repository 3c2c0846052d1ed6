import pytest

from core import architectures, networks
from core.architectures import Conv2D, Dense, Dropout, Flatten, LayerError, MaxPooling2D
from core.recipes import RECIPES


def test_perceptron_of_the_third_tutorial():
    """Its summary says 401,920 + 5,130 = 407,050 parameters."""
    counts = [count for _, count in architectures.describe([Flatten(), Dense(512), Dense(10)])]
    assert counts == [0, 401_920, 5_130]


def test_best_network_of_the_first_tutorial():
    rows = architectures.describe(RECIPES["first-conv-best"].config.layers)
    assert rows == [
        # shape         parameters
        ((25, 25, 16), 16 * (4 * 4 + 1)),
        ((12, 12, 16), 0),
        ((9, 9, 32), 32 * (16 * 4 * 4 + 1)),
        ((4, 4, 32), 0),
        ((512,), 0),
        ((512,), 0),
        ((100,), 100 * 513),
        ((10,), 10 * 101),
    ]


@pytest.mark.parametrize(
    ("stride", "padding", "side"),
    [(1, "valid", 3), (2, "valid", 2), (1, "same", 5), (2, "same", 3)],
)
def test_output_sizes_of_a_5x5_picture_and_a_3x3_kernel(stride, padding, side):
    assert Conv2D(4, 3, stride=stride, padding=padding).output_shape((5, 5, 1)) == (side, side, 4)


@pytest.mark.parametrize(
    ("layers", "reason"),
    [
        ([Conv2D(8, 5), MaxPooling2D(8), Conv2D(8, 5)], "5x5 Conv2D window does not fit a 3x3 input"),
        ([Dense(10)], "Dense needs a vector, but gets 28x28x1"),
        ([Flatten(), MaxPooling2D()], "MaxPooling2D needs a picture, but gets 784"),
    ],
)
def test_a_layer_that_does_not_fit_says_why(layers, reason):
    with pytest.raises(LayerError, match=reason):
        architectures.describe(layers)


def test_layers_survive_json():
    layers = RECIPES["first-conv-best"].config.layers
    assert architectures.from_json(architectures.to_json(layers)) == layers


@pytest.mark.parametrize("item", [{"kind": "Lambda"}, {"kind": "Dense", "units": 3, "code": "x"}, {}])
def test_what_is_not_on_the_list_is_refused(item):
    with pytest.raises(LayerError, match=r"unknown layer|has no setting"):
        architectures.from_json([item])


def test_names_count_each_kind():
    layers = [Dense(3), Dropout(0.5), Dense(2)]
    assert architectures.names(layers) == ["dense_1", "dropout_1", "dense_2"]


def test_shipped_weights_are_as_many_as_the_arithmetic_says():
    network = networks.shipped()
    counted = sum(count for _, count in architectures.describe(network.layers))
    assert sum(array.size for array in network.weights.values()) == counted == 60_806
