import json
from dataclasses import fields
from fnmatch import fnmatchcase

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.models import networks
from core.nn import architectures
from core.nn.architectures import (
    LAYERS,
    SETTINGS,
    Activation,
    Add,
    Average,
    AveragePooling2D,
    BatchNormalization,
    Concatenate,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    LayerError,
    MaxPooling2D,
    PReLU,
)
from core.training.recipes import RECIPES
from tests.networks import joined

END = (Flatten(), Dense(10, "softmax"))


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


def test_every_kind_of_layer_on_a_picture_of_7x7():
    layers = [
        Conv2D(6, 3, padding="same", activation="linear"),
        BatchNormalization(),
        Activation("relu"),
        AveragePooling2D(2),
        MaxPooling2D(3),
        Flatten(),
        BatchNormalization(),
        Dropout(0.5),
        Dense(10, "softmax"),
    ]
    layers += [PReLU(), Add(inputs=(9, 8)), Average(inputs=(9, 8, 10)), Concatenate(inputs=(9, 5))]
    layers += [PReLU("value", inputs=(0,)), PReLU(inputs=(0,)), Concatenate(inputs=(13, -1, 13))]
    assert {type(layer) for layer in layers} == set(LAYERS.values())
    assert architectures.describe(layers, (7, 7, 2)) == [
        # shape   parameters
        ((7, 7, 6), 6 * (3 * 3 * 2 + 1)),
        ((7, 7, 6), 4 * 6),  # scale, shift, running mean and running variance of each channel
        ((7, 7, 6), 0),
        ((3, 3, 6), 0),  # the seventh row and column are left out
        ((1, 1, 6), 0),
        ((6,), 0),
        ((6,), 4 * 6),
        ((6,), 0),
        ((10,), 10 * (6 + 1)),
        ((10,), 10),
        ((10,), 0),
        ((10,), 0),
        ((16,), 0),
        ((7, 7, 6), 7 * 7 * 6),  # a slope for each value
        ((7, 7, 6), 6),  # for each channel
        ((7, 7, 14), 0),
    ]


@pytest.mark.parametrize(
    ("layer", "sentence"),
    [
        (Add(), "Add joins what several layers give, and names none of them"),
        (Add(inputs=(0,)), "Add reads 2 to 16, here 1"),
        (Add(inputs=(0,) * 17), "Add reads 2 to 16, here 17"),
        (Add(inputs=(0, 1)), "Add needs inputs of one size, but gets 26x26x4 and 13x13x4"),
        (Average(inputs=(0, -1)), "Average needs inputs of one size, but gets 26x26x4 and 28x28x1"),
        (Concatenate(inputs=(1, 0)), "Concatenate needs inputs of one size, but gets 13x13x4 and 26x26x4"),
        (Add(inputs=(1, 2)), "Add reads a layer that does not come before it"),  # itself
        (Add(inputs=(0, 10**9)), "Add reads a layer that does not come before it"),
        (Add(inputs=(0, -2)), "inputs (0, -2) are not places of layers"),
        (Add(inputs=(0, True)), "inputs (0, True) are not places of layers"),
        (Add(inputs=[0, 1]), "inputs [0, 1] are not places of layers"),
        (Add(inputs="01"), "inputs '01' are not places of layers"),
        (Conv2D(2, 3, inputs=(0, 1)), "Conv2D reads one, here 2"),
        (Conv2D(2, 3, inputs=(0.5,)), "inputs (0.5,) are not places of layers"),
    ],
)
def test_what_cannot_be_joined_gets_one_sentence(layer, sentence):
    layers = (Conv2D(4, 3), MaxPooling2D(2), layer, Flatten(), Dense(10, "softmax"))
    assert architectures.problems(layers) == ["", "", sentence, "", ""]
    assert architectures.check(layers) == f"Layer 3: {sentence}."


def test_a_layer_that_nobody_reads_is_named():
    layers = (Conv2D(4, 3), Conv2D(4, 3), Flatten(inputs=(0,)), Dense(10, "softmax"))
    assert (
        architectures.check(layers) == "Layer 2, Conv2D, is read by no other; only the last gives the answer."
    )


def test_joined_layers_come_back_from_json():
    layers = joined(1)
    text = json.dumps(architectures.to_json(layers))
    assert architectures.from_json(json.loads(text)) == layers
    assert '"inputs": []' not in text


@pytest.mark.parametrize(
    ("stride", "padding", "side"),
    [(1, "valid", 3), (2, "valid", 2), (1, "same", 5), (2, "same", 3)],
)
def test_output_sizes_of_a_5x5_picture_and_a_3x3_kernel(stride, padding, side):
    assert Conv2D(4, 3, stride=stride, padding=padding).output_shape((5, 5, 1)) == (side, side, 4)


@pytest.mark.parametrize(
    ("layer", "shape", "products"),
    [
        # 3 x 3 places, 2 kernels at each, 3 x 3 x 4 products under a kernel
        (Conv2D(2, 3), (5, 5, 4), 9 * 2 * 36),
        (Conv2D(2, 3, stride=2), (5, 5, 4), 4 * 2 * 36),
        (Dense(3), (7,), 21),
        (MaxPooling2D(2), (4, 4, 1), 0),
    ],
)
def test_multiplications_are_counted(layer, shape, products):
    assert layer.multiply_adds(shape) == products


@pytest.mark.parametrize(
    ("layers", "reason"),
    [
        ([Conv2D(8, 5), MaxPooling2D(8), Conv2D(8, 5)], "a 5x5 kernel does not fit a 3x3 input"),
        ([Conv2D(8, 20), AveragePooling2D(10)], "a 10x10 window does not fit a 9x9 input"),
        ([Dense(10)], "Dense needs a vector, but gets 28x28x1; put Flatten before it"),
        ([Flatten(), MaxPooling2D()], "MaxPooling2D needs a picture, but gets 784"),
    ],
)
def test_a_layer_that_does_not_fit_says_why(layers, reason):
    with pytest.raises(LayerError, match=f"^{reason}$"):
        architectures.describe(layers)


def test_problems_stand_beside_their_layer():
    layers = [Conv2D(8, 3), MaxPooling2D(2), Dense(10), Conv2D(8, 99), *END]
    assert architectures.problems(layers) == [
        "",
        "",
        "Dense needs a vector, but gets 13x13x8; put Flatten before it",
        *[""] * 3,  # nothing can be said of what comes after
    ]
    assert architectures.problems([Conv2D(0, 3)]) == ["filters is 0, but has to lie between 1 and 512"]


# 28 x 28 x 512 = 401,408 values
WIDE = Conv2D(512, 1)


@pytest.mark.parametrize(
    ("layers", "sentence"),
    [
        ((), "There is no layer yet; add one."),
        ((Activation(),) * 29 + END, "There are 31 layers; at most 30 are trained here."),
        ((Flatten(),), "The last layer has to be Dense 10 softmax, * here it is Flatten."),
        ((Flatten(), Dense(20, "softmax")), "* here it is Dense 20 softmax."),
        ((Flatten(), Dense(10)), "* here it is Dense 10 relu."),
        ((Flatten(), Dense(10, "softmax"), Dropout(0.5)), "* here it is Dropout."),
        ((Flatten(), Dense(30, "softmax"), Dense(10, "softmax")), "Only the last layer may have softmax: *"),
        ((Activation("softmax"), *END), "Only the last layer may have softmax: *"),
        (
            (Conv2D(8, 5), MaxPooling2D(8), Conv2D(8, 5), *END),
            "Layer 3: a 5x5 kernel does not fit a 3x3 input.",
        ),
        (
            (Flatten(), Dense(5000), Dense(10, "softmax")),
            "Layer 2: units is 5000, but has to lie between 1 and 4096.",
        ),
        (
            (Conv2D(512, 28, padding="same"),) * 6 + END,
            f"This network has {512 * 785 + 5 * 512 * (784 * 512 + 1) + 10 * (512 * 784 + 1):,} parameters; *",
        ),
        (
            (Conv2D(512, 3, padding="same"),) * 3 + END,
            f"* {512 * 784 * (9 + 2 * 9 * 512) + 10 * 512 * 784:,} multiplications per picture; *",
        ),
        (
            (WIDE, *(Activation(),) * 3, *END),
            "This network has 2,007,050 values per picture; at most 2,000,000 *",
        ),
    ],
)
def test_what_cannot_be_trained_is_said_in_a_sentence(layers, sentence):
    """An asterisk stands for any words."""
    assert fnmatchcase(architectures.check(layers), sentence)


def test_the_largest_networks_that_are_trained():
    assert architectures.check((Activation(),) * 28 + END) == ""
    assert architectures.check((WIDE, *(Activation(),) * 2, *END)) == ""


@pytest.mark.parametrize("name", RECIPES)
def test_layers_survive_json(name):
    layers = RECIPES[name].config.layers
    assert architectures.from_json(architectures.to_json(layers)) == layers


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ({"kind": "Lambda"}, "unknown layer 'Lambda'; known are Conv2D, MaxPooling2D"),
        ({"kind": ["Dense"]}, "unknown layer"),
        ({}, "unknown layer None"),
        ("Dense", "unknown layer None"),
        ({"kind": "Dense", "units": 3, "code": "x"}, "Dense has no setting 'code'; it has activation, units"),
        ({"kind": "Dense"}, "Dense lacks a setting; it needs activation, units"),
        ({"kind": "Dense", "units": 0}, "units is 0, but has to lie between 1 and 4096"),
        ({"kind": "Dense", "units": 4097}, "units is 4097, but has to lie between"),
        ({"kind": "Dense", "units": 10**30}, "but has to lie between 1 and 4096"),
        ({"kind": "Dense", "units": -3}, "units is -3"),
        ({"kind": "Dense", "units": True}, "units True is not a whole number"),
        ({"kind": "Dense", "units": 3.0}, "units 3.0 is not a whole number"),
        ({"kind": "Dense", "units": "3"}, "units '3' is not a whole number"),
        (
            {"kind": "Dense", "units": 3, "activation": "exp"},
            "activation 'exp' is unknown; known are linear, relu",
        ),
        ({"kind": "Dense", "units": 3, "activation": None}, "activation None is unknown"),
        ({"kind": "Dense", "units": 3, "activation": ["relu"]}, "is unknown"),
        ({"kind": "Conv2D", "filters": 3, "kernel": 3, "padding": "full"}, "padding 'full' is unknown"),
        ({"kind": "Conv2D", "filters": 3, "kernel": 3, "stride": 9}, "stride is 9"),
        ({"kind": "Dropout", "rate": 1.0}, "rate is 1.0, but has to lie between 0.0 and 0.9"),
        ({"kind": "Dropout", "rate": float("nan")}, "rate is nan"),
        ({"kind": "Dropout", "rate": float("inf")}, "rate is inf"),
        ({"kind": "Dropout", "rate": False}, "rate False is not a number"),
    ],
)
def test_what_is_not_on_the_list_is_refused(item, reason):
    with pytest.raises(LayerError, match=reason):
        architectures.from_json([item])


def test_names_count_each_kind():
    layers = [Dense(3), Dropout(0.5), Dense(2)]
    assert architectures.names(layers) == ["dense_1", "dropout_1", "dense_2"]


def test_shipped_weights_are_as_many_as_the_arithmetic_says():
    network = networks.shipped()
    counted = sum(count for _, count in architectures.describe(network.layers))
    assert sum(array.size for array in network.weights.values()) == counted == 334_739


# Anything that may stand where a setting stands, most of it wrong.
_ANYTHING = st.one_of(st.integers(), st.floats(), st.booleans(), st.none(), st.text(max_size=3))


def _setting(name, wrong):
    """Values that a setting may have; with `wrong`, also those that it may not."""
    if name == "inputs":
        some = st.lists(st.integers(-2, 5), max_size=3).map(tuple)
        return st.just(()) | some | _ANYTHING if wrong else st.just(())
    allowed = SETTINGS[name]
    if isinstance(allowed[0], str):
        good = st.sampled_from(allowed)
    elif isinstance(allowed[0], int):
        good = st.integers(1, min(allowed[1], 12))
    else:
        good = st.floats(*allowed)
    return good | _ANYTHING if wrong else good


def _layers(kinds, wrong=False):
    return st.one_of(
        *(st.builds(kind, **{f.name: _setting(f.name, wrong) for f in fields(kind)}) for kind in kinds)
    )


@given(st.lists(_layers(LAYERS.values(), wrong=True), max_size=8))
@settings(max_examples=150, deadline=None)
def test_nonsense_gets_a_sentence_and_never_an_error(layers):
    sentences = architectures.problems(layers)
    assert len(sentences) == len(layers)
    assert sum(map(bool, sentences)) <= 1
    if any(sentences):
        assert architectures.check(layers)


PICTURE_LAYERS = (Conv2D, MaxPooling2D, AveragePooling2D, BatchNormalization, Activation, Dropout)
VECTOR_LAYERS = (Dense, BatchNormalization, Activation, Dropout)


@given(st.lists(_layers(PICTURE_LAYERS), max_size=4), st.lists(_layers(VECTOR_LAYERS), max_size=3))
@settings(max_examples=12, deadline=None)
def test_keras_builds_what_is_accepted(picture, vector):
    """Shapes and numbers of parameters, of networks by chance."""
    from core.worker import models  # noqa: PLC0415 - TensorFlow: three seconds that the others need not wait

    layers = (*picture, Flatten(), *vector, Dense(10, "softmax"))
    assume(not architectures.check(layers))
    made = models.build(layers).layers
    assert [(layer.output.shape[1:], layer.count_params()) for layer in made] == architectures.describe(layers)
