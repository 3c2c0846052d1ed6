"""Things to try: each opens another page of the app with settings of its own."""

from functools import partial
from typing import Any

from ui.content.build_tasks import TASKS
from ui.content.questions import Example
from ui.state import navigation


def stepping(label: str, stride: int, padding: str, zeros: int | None = None) -> Example:
    cross = [["1", "0", "1"], ["0", "1", "0"], ["1", "0", "1"]]
    its = partial(navigation.open_convolution, "The example's", cross, stride, padding, zeros)
    return Example(label, "convolution", its)


def image_kernel(name: str) -> Example:
    return Example(name, "convolution", partial(navigation.open_image_kernel, name))


def plain(label: str, page: str) -> Example:
    """The page as it was left."""
    return Example(label, page, partial(navigation.open_page, page))


def pooling(label: str) -> Example:
    return Example(label, "pooling", partial(navigation.open_pooling, "8 x 8 zero", 2, 2))


def test_digit(label: str) -> Example:
    return Example(label, "look_inside", partial(navigation.open_look_inside, "Test digit"))


def train(label: str, recipe: str, **more: Any) -> Example:
    """more: as `navigation.open_train` takes it."""
    return Example(label, "train", partial(navigation.open_train, recipe, **more))


def build(label: str, task: str) -> Example:
    """task: of `build_tasks.TASKS`."""
    return Example(label, "train", partial(navigation.open_build, task, TASKS[task].recipe))
