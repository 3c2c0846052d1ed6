"""From a step of a lesson to the page on which one can go on with it."""

from functools import partial

from ui.content.build_tasks import TASKS
from ui.content.questions import Example
from ui.state import navigation


def page(label: str, name: str) -> Example:
    """The page as it was left. name: of its file."""
    return Example(label, name, partial(navigation.open_page, name))


def train(label: str, recipe: str) -> Example:
    """With the form filled from a recipe."""
    return Example(label, "train", partial(navigation.open_train, recipe))


def build(label: str, task: str) -> Example:
    """task: of `build_tasks.TASKS`."""
    return Example(label, "train", partial(navigation.open_build, task, TASKS[task].recipe))


def look_inside(label: str, room: str = "look_inside") -> Example:
    return Example(label, room, partial(navigation.open_look_inside, "", room))


def pooling(label: str) -> Example:
    return Example(label, "pooling", partial(navigation.open_pooling, "8 x 8 zero", 2, 2))


def image_kernel(label: str, kernel: str) -> Example:
    return Example(label, "convolution", partial(navigation.open_image_kernel, kernel))
