"""How the values in an address are written, and how each text is checked that may come from anywhere.

A function that reads takes the text and returns the value, or raises BadInput with half a sentence that says
what is accepted.
"""

import math
import re
from collections.abc import Callable, Sequence
from numbers import Real
from typing import Any

import numpy as np
import streamlit as st

from core.analysis import evaluation_sets
from core.data import datasets
from core.data.datasets import KINDS
from core.ink import stroke_code
from core.ink.files import BadInput
from core.models import networks, registry
from core.nn import architectures, ops
from core.records import Network
from core.storage.store import StoreError
from core.training import configs, recipe_changes
from core.training.recipes import ON_THE_PAGE
from core.words import parse_number, printable
from ui.state import keys, selection, subject, train_config, visitor

Read = Callable[[str], Any]
THINGS = KINDS["cifar10"].classes
MEASURED = evaluation_sets.MEASURED
IN_FILES = datasets.IN_FILES
# Of a small letter and its capital, which look alike in an address, it is the capital.
CLASSES = [kind.names for name, kind in KINDS.items() if name != "emnist-balanced"]
CROSS = ops.write_kernel(np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]]))  # the page's first
FIRST_KERNEL = next(iter(ops.IMAGE_KERNELS))
FIRST_NUMBERS = ops.write_kernel(ops.IMAGE_KERNELS[FIRST_KERNEL][0])
_BY_NAME = {name: number for number, name in (registry.WITH_THE_APP | registry.IN_COLOUR).items()}
FIRST_IN_COLOUR = next(iter(registry.IN_COLOUR))
_LONGEST_LIST = 7  # options that are named


def slug(value: Any) -> str:
    """'Test digit' -> 'test-digit', True -> '1', 0.3 -> '0.3'."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, Real):
        return f"{float(value):.10g}"
    return re.sub(r"[^a-z0-9]+", "-", value.lower()).strip("-")


def choice(options: Sequence[Any]) -> Read:
    """One of these, by its slug."""
    by_slug = {slug(option): option for option in options}

    def read(text: str) -> Any:
        if text not in by_slug:
            named = list(by_slug)
            more = ", ..." if len(named) > _LONGEST_LIST else ""
            raise BadInput(f"accepted are {', '.join(named[:_LONGEST_LIST])}{more}")
        return by_slug[text]

    return read


def whole(low: int, high: int) -> Read:
    def read(text: str) -> int:
        if re.fullmatch(r"-?\d{1,7}", text, re.ASCII) and low <= int(text) <= high:
            return int(text)
        raise BadInput(f"accepted are whole numbers from {low:,} to {high:,}")

    return read


def number(low: float, high: float) -> Read:
    def read(text: str) -> float:
        value = parse_number(text[:20])
        if value is None or not math.isfinite(value) or not low <= value <= high:
            raise BadInput(f"accepted are numbers from {low:g} to {high:g}")
        return value

    return read


def flag(text: str) -> bool:
    if text not in ("0", "1"):
        raise BadInput("accepted are 0 and 1")
    return text == "1"


# -- networks


def network_name(run: int) -> str:
    """A network that comes with the app by its name, another by its run's number."""
    known = registry.WITH_THE_APP | registry.IN_COLOUR
    return known.get(run, str(run))


def network(*, of_digits: bool | None = None) -> Read:
    """A network that may be used here. of_digits: of those that read digits, or of those that name images."""

    def read(said: str) -> int:
        found = _BY_NAME.get(said)
        if found is not None and networks.is_shipped(said):
            if of_digits is not None and (found in registry.WITH_THE_APP) != of_digits:
                raise BadInput("it reads other pictures")
            return found
        if not re.fullmatch(r"\d{1,9}", said, re.ASCII):
            raise BadInput("accepted are a run's number, or the name of a network that comes with the app")
        return _run(int(said), of_digits)

    return read


def _run(run_id: int, of_digits: bool | None) -> int:
    try:
        run = visitor.store().run(run_id)
    except StoreError:
        run = None
    if run is None or not run.has_network:
        raise BadInput("there is no such network, or it is somebody else's")
    if of_digits is not None and configs.reads_drawings(run.config) != of_digits:
        raise BadInput("it reads other pictures")
    return run_id


# -- what is drawn, and what is looked at


def drawing(said: str) -> str:
    """Checked as a whole; it is put on the canvas by `ui.sections.link_bar`."""
    stroke_code.decode(said)
    return said


def place(said: str) -> tuple[int, int]:
    """'3-5' -> layer 3, its map or unit 5, both from 1, of the network that reads."""
    found = re.fullmatch(r"(\d{1,2})-(\d{1,4})", said, re.ASCII)
    if not found:
        raise BadInput("expected a layer and one of its maps, such as 1-3")
    layer, one = int(found[1]), int(found[2])
    from core.nn import unit_trace  # noqa: PLC0415

    reader = _reads()
    layers = reader.layers
    shapes = [shape for shape, _ in architectures.describe(layers, KINDS[reader.data].shape)]
    if not 0 < layer <= len(layers) or unit_trace.is_copy(layers[layer - 1]):
        raise BadInput(f"layer {layer} of this network has no maps to look at")
    if not 0 < one <= shapes[layer - 1][-1]:
        raise BadInput(f"layer {layer} of this network has {shapes[layer - 1][-1]}")
    return layer, one


def place_text(value: tuple[int, int]) -> str:
    return f"{value[0]}-{value[1]}"


def looked_at() -> tuple[int, int] | None:
    """The layer and map that are looked at, both from 1; None where there is none."""
    state = st.session_state
    component = state.get(keys.MAPS if state.get(keys.INSIDE_VIEW) == "All maps" else keys.FLOW)
    view = component.get("view") if component else None
    if not view:
        return state.get(keys.INSIDE_BEGIN)
    layer, one = view.get("layer"), view.get("map")
    is_one = isinstance(layer, int | float) and isinstance(one, int | float)
    return (int(layer) + 1, int(one) + 1) if is_one else None


def looked_at_for_mistakes() -> int | None:
    """The network whose mistakes are shown; None where the page has chosen it by itself, the one that reads."""
    number = st.session_state.get(keys.MISTAKES_NETWORK)
    return None if number == selection.chosen() else number


def _reads() -> Network:
    if subject.of_digits():
        return selection.reader().network
    chosen = st.session_state.get(keys.PICTURES_NETWORK, next(iter(registry.IN_COLOUR)))
    try:
        found = registry.classifier(chosen, visitor.name())
    except StoreError:
        found = None
    if found is None:
        raise BadInput("there is no network that names images")
    return found.network


def map_layer(said: str) -> str:
    """A layer that makes maps, of the network that reads digits."""
    layers = selection.reader().network.layers
    shapes = architectures.describe(layers)
    named = zip(architectures.names(layers), shapes, strict=True)
    known = [name for name, (shape, _) in named if len(shape) == 3]
    if said not in known:
        raise BadInput(f"accepted are {', '.join(known) or 'none of this network'}")
    return said


# -- kernels

_OWN_KERNEL, _EXAMPLES = "Your own", "The example's"
step_kernel = choice((_EXAMPLES, *ops.IMAGE_KERNELS, _OWN_KERNEL))
image_kernel = choice((*ops.IMAGE_KERNELS, _OWN_KERNEL, "Learnt by the network that reads"))


def kernel(said: str) -> list[list[str]]:
    """'1,0;0,1' -> [['1', '0'], ['0', '1']]: square, 1 to 7 a side; what stands in it may be no number yet."""
    rows = [row.split(",") for row in said.split(";")]
    if not 1 <= len(rows) <= 7 or any(len(row) != len(rows) for row in rows) or len(said) > 600:
        raise BadInput("expected as many rows as columns, 1 to 7, such as 1,0;0,1")
    if any(printable(cell, 12) != cell for row in rows for cell in row):
        raise BadInput("expected numbers, such as 1,0;0,1")
    return rows


def kernel_text(texts: Sequence[Sequence[str]]) -> str:
    return ";".join(",".join(cell.replace(",", ".").replace(";", "") for cell in row) for row in texts)


# -- data


def data_set(*, of_colour: bool) -> Read:
    return choice([name for name in evaluation_sets.SETS if (name in evaluation_sets.OF_COLOUR) == of_colour])


# -- the Train form


def recipe(said: str) -> str:
    if said not in ON_THE_PAGE:
        raise BadInput(f"there is no such recipe; one is {ON_THE_PAGE[0]}")
    return said


def put_recipe(name: str) -> None:
    train_config.load(name)


def changes(said: str) -> str:
    recipe_changes.read(train_config.recipe(), said)
    return said


def get_changes() -> str:
    if keys.CONFIG not in st.session_state:
        return ""
    return recipe_changes.write(train_config.recipe(), train_config.current())


def put_changes(said: str) -> None:
    name = train_config.recipe()
    train_config.put(recipe_changes.read(name, said), name) if said else train_config.load(name)
