"""What each example of the tutorials opens is what its sentence says."""

from dataclasses import replace

import pytest

from core.nn import ops
from core.nn.architectures import Conv2D, Dense, Flatten
from core.training.recipes import RECIPES
from tests.pages.opened import ROOT
from tests.pages.tutorial_pages import CROSS, PICTURE, page
from ui.content.tutorials import TUTORIALS

EXAMPLES = {
    f"{name}-{i}-{j}": example
    for name, lesson in TUTORIALS.items()
    for i, section in enumerate(lesson.sections)
    for j, example in enumerate(section.examples)
    if (ROOT / "pages" / f"{example.page}.py").exists()
}
_STEP = {
    "conv-part": "Step by step",
    "conv-picture": "5 x 5 example",
    "conv-kernel": "The example's",
    "conv-texts": [["1", "0", "1"], ["0", "1", "0"], ["1", "0", "1"]],
    "conv-size": 3,
}
_ZERO = {"pool-picture": "8 x 8 zero", "pool-window": 2, "pool-stride": 2}
_TEST_DIGIT = {"inside-way": "Test digit"}


def stepping(stride: int, padding: str) -> dict:
    return _STEP | {"conv-stride": stride, "conv-padding": padding}


def image_kernel(name: str, *rows: str) -> dict:
    given = {"conv-image-kernel": name, "conv-image-texts": [row.split() for row in rows]}
    return {"conv-part": "Image kernels", "conv-source": "Your drawing"} | given


# What an example says -> what the page that it opens is to hold.
OPENED = {
    "A test digit, as the network gets it": _TEST_DIGIT,
    "See each layer at work": _TEST_DIGIT,
    "Pool the tutorial's zero": _ZERO,
    "What each costs": _ZERO,
    "Watch it slide over 5 x 5": stepping(1, "valid"),
    "Work through it": stepping(1, "valid"),
    "No padding, stride 1": stepping(1, "valid"),
    "No padding, stride 2": stepping(2, "valid"),
    "'same', stride 1": stepping(1, "same"),
    "Padding 1, stride 2": stepping(2, "Zeros") | {"conv-zeros": 1},
    "Box blur": image_kernel("Box blur", "1/9 1/9 1/9", "1/9 1/9 1/9", "1/9 1/9 1/9"),
    "Sharpen": image_kernel("Sharpen", "0 -1 0", "-1 5 -1", "0 -1 0"),
    "Emboss": image_kernel("Emboss", "-2 -1 0", "-1 1 1", "0 1 2"),
    "Its layers, one by one": {"layer-table": True},
    "The same with one more convolution: a changed recipe": {"layer-table": True},
    **{
        label: {"layer-table": True, "build-what": task}
        for label, task in (
            ("Build one of your own", "cifar"),
            ("Build one with two hidden layers", "hidden"),
            ("Build net_1 yourself", "net_1"),
            ("Build net_2 yourself", "net_2"),
        )
    },
    "The same with ReLU": {"layer-table": True},
    "Picture of the layers": {"picture": True},
}
_EMPTY = {"layers": (Dense(10, "softmax"),)}  # but for the answer
# On the page Train -> the recipe, and what of it is different.
FORMS: dict[str, tuple[str, dict]] = {
    "Its layers, one by one": ("first-conv", {}),
    "Learn from digits that move: our best in a minute": ("minute", {}),
    "The same with one more convolution: a changed recipe": ("first-conv-two", {}),
    "The perceptron with 1,000 digits": ("perceptron", {"train_size": 1000}),
    "Picture of the layers": ("perceptron", {}),
    "Build one of your own": ("own-cifar", _EMPTY),
    "Build one with two hidden layers": ("first-conv", _EMPTY),
    "Build net_1 yourself": ("two-conv-one-pooling", _EMPTY),
    "Build net_2 yourself": ("without-pooling", _EMPTY),
    "The same with today's default rate": ("two-conv-one-pooling", {"learning_rate": None}),
    "The same with ReLU": (
        "cifar-perceptron",
        {"layers": (Flatten(), Dense(100, "relu"), Dense(100, "relu"), Dense(10, "softmax"))},
    ),
    "Our own small network: 85% and more": ("cifar-small", {}),
}


def test_what_each_example_opens_is_known():
    assert {e.label for e in EXAMPLES.values() if e.page == "train"} == FORMS.keys()
    for_all = {"data", "draw", "mistakes", "pictures", "runs"}  # which open as they were left
    assert {e.label for e in EXAMPLES.values() if e.page not in for_all} == FORMS.keys() | OPENED.keys()


@pytest.mark.parametrize("key", EXAMPLES)
def test_an_example_opens_its_page_with_exactly_that(key):
    example = EXAMPLES[key]
    at = page(lesson=key.split("-")[0])
    at.button(key=f"example-{key}").click().run()
    assert not at.exception
    for name, value in OPENED.get(example.label, {}).items():
        assert at.session_state[name] == value
    if example.label in FORMS:
        recipe, changes = FORMS[example.label]
        assert at.session_state["config"] == replace(RECIPES[recipe].config, **changes)
        assert any(box.label == "Start from" and box.value == recipe for box in at.selectbox)


def test_a_recipe_is_opened_on_the_page_train():
    at = page(lesson="lenet")
    at.button(key="train-simplified-lenet").click().run()
    assert not at.exception
    assert at.session_state["config"] == RECIPES["simplified-lenet"].config
    assert at.button(key="train").label == "Train"


def test_stride_and_padding_are_as_the_button_says():
    """Convolution opens with padding 1 and stride 2: the result has the formula's 3 x 3 numbers."""
    assert Conv2D(1, 3).output_shape((5, 5, 1)) == (3, 3, 1)
    state = OPENED["Padding 1, stride 2"]
    result = ops.convolve(PICTURE, CROSS, state["conv-stride"], state["conv-zeros"])
    assert result.shape == (3, 3)
