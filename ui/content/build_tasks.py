"""Networks to be built by hand: what each has to have, ticked off meanwhile. A new one is one entry.

The layer builder opens with the answer's layer alone; everything before it is to be put there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.nn import architectures
from core.nn.architectures import AveragePooling2D, Conv2D, Dense, Flatten, Layer, LayerError, MaxPooling2D
from core.training import configs
from core.training.recipes import RECIPES

Layers = tuple[Layer, ...]


@dataclass(frozen=True)
class Requirement:
    """holds: of the layers that are there."""

    text: str
    holds: Callable[[Layers], bool]


@dataclass(frozen=True)
class BuildTask:
    """recipe: whose data, optimizer and epochs the form is filled with. intro: one sentence."""

    title: str
    intro: str
    recipe: str
    requirements: tuple[Requirement, ...]


def _filters(layers: Layers) -> list[int]:
    return [layer.filters for layer in layers if isinstance(layer, Conv2D)]


def _hidden(layers: Layers) -> list[int]:
    return [layer.units for layer in layers[:-1] if isinstance(layer, Dense)]


def _kinds(layers: Layers) -> list[type[Layer]]:
    return [type(layer) for layer in layers]


def _pools(layers: Layers) -> int:
    return sum(isinstance(layer, MaxPooling2D | AveragePooling2D) for layer in layers)


def _fits(recipe: str) -> Requirement:
    shape = configs.kind(RECIPES[recipe].config).shape
    return Requirement(
        "All layers fit together",
        lambda layers: bool(layers) and not any(architectures.problems(layers, shape)),
    )


def _answers() -> Requirement:
    return Requirement(
        "It ends in Dense 10 with softmax", lambda layers: bool(layers) and layers[-1] == Dense(10, "softmax")
    )


def _strides(layers: Layers) -> int:
    return sum(isinstance(layer, Conv2D) and layer.stride == 2 for layer in layers)


def _at_most(count: int, recipe: str) -> Requirement:
    shape = configs.kind(RECIPES[recipe].config).shape

    def holds(layers: Layers) -> bool:
        try:
            return bool(layers) and architectures.parameters(layers, shape) <= count
        except LayerError:
            return False

    return Requirement(f"At most {count:,} parameters", holds)


def _in_order(*kinds: type[Layer]) -> Callable[[Layers], bool]:
    """Do these kinds follow each other, with others between them or not?"""

    def holds(layers: Layers) -> bool:
        rest = iter(_kinds(layers))
        return all(kind in rest for kind in kinds)

    return holds


TASKS: dict[str, BuildTask] = {
    "net_1": BuildTask(
        "net_1: two convolutions, one pooling",
        "The guided notebook lets its readers build this one themselves.",
        "two-conv-one-pooling",
        (
            Requirement(
                "Two convolutions, with 32 and 64 filters", lambda layers: _filters(layers) == [32, 64]
            ),
            Requirement("Max pooling after both", _in_order(Conv2D, Conv2D, MaxPooling2D)),
            Requirement("Flatten after the pooling", _in_order(MaxPooling2D, Flatten)),
            Requirement("A hidden Dense layer of 128", lambda layers: _hidden(layers) == [128]),
            _answers(),
            _fits("two-conv-one-pooling"),
        ),
    ),
    "net_2": BuildTask(
        "net_2: without pooling",
        "The same, but a convolution with a stride of 2 makes the maps smaller.",
        "without-pooling",
        (
            Requirement(
                "Three convolutions, with 32, 64 and 64 filters",
                lambda layers: _filters(layers) == [32, 64, 64],
            ),
            Requirement("One of them has a stride of 2", lambda layers: _strides(layers) == 1),
            Requirement("No pooling", lambda layers: bool(_filters(layers)) and _pools(layers) == 0),
            Requirement("A hidden Dense layer of 128", lambda layers: _hidden(layers) == [128]),
            _answers(),
            _fits("without-pooling"),
        ),
    ),
    "hidden": BuildTask(
        "Two hidden layers of 50",
        "The first tutorial's exercise: is there anything to gain by a second one?",
        "first-conv",
        (
            Requirement("One convolution, with 10 filters", lambda layers: _filters(layers) == [10]),
            Requirement("Two hidden Dense layers, of 50 each", lambda layers: _hidden(layers) == [50, 50]),
            _answers(),
            _fits("first-conv"),
        ),
    ),
    "cifar": BuildTask(
        "One of your own for images",
        "For CIFAR-10's ten things; nobody says how, but it must not be too large.",
        "own-cifar",
        (
            Requirement("At least two convolutions", lambda layers: len(_filters(layers)) >= 2),
            Requirement(
                "Something makes the maps smaller", lambda layers: _pools(layers) + _strides(layers) > 0
            ),
            _at_most(500_000, "own-cifar"),
            _answers(),
            _fits("own-cifar"),
        ),
    ),
}


def ticked(task: BuildTask, layers: Sequence[Layer]) -> list[bool]:
    """Return for each requirement whether these layers meet it."""
    return [requirement.holds(tuple(layers)) for requirement in task.requirements]
