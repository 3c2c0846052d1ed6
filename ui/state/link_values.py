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
from core.nn import ops
from core.training import recipe_changes
from core.training.recipes import ON_THE_PAGE
from core.words import parse_number, printable
from ui.state import keys, train_config

Read = Callable[[str], Any]
NONE = "none"  # of several
THINGS = KINDS["cifar10"].classes
MEASURED = evaluation_sets.MEASURED
IN_FILES = datasets.IN_FILES
CLASSES = [kind.names for kind in KINDS.values()]
CROSS = ops.write_kernel(np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]]))  # the page's first
FIRST_KERNEL = next(iter(ops.IMAGE_KERNELS))
FIRST_NUMBERS = ops.write_kernel(ops.IMAGE_KERNELS[FIRST_KERNEL][0])
_LONGEST_LIST = 7  # options that are named


def slug(value: Any) -> str:
    """'Test digit' -> 'test-digit', True -> '1', 0.3 -> '0.3'."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, Real):
        return f"{float(value):.10g}"
    return re.sub(r"[^a-z0-9]+", "-", value.lower()).strip("-")


def class_slug(name: str) -> str:
    """A class's: 'A' -> 'a', and 'a', which looks alike in an address, -> 'small-a'."""
    return f"small-{name}" if len(name) == 1 and name.islower() else slug(name)


def choice(options: Sequence[Any], write: Callable[[Any], str] = slug) -> Read:
    """One of these, by its slug."""
    by_slug = {write(option): option for option in options}

    def read(text: str) -> Any:
        if text not in by_slug:
            named = list(by_slug)
            more = ", ..." if len(named) > _LONGEST_LIST else ""
            raise BadInput(f"accepted are {', '.join(named[:_LONGEST_LIST])}{more}")
        return by_slug[text]

    return read


def whole(low: int, high: int) -> Read:
    """A whole number from `low` to `high`."""

    def read(text: str) -> int:
        if re.fullmatch(r"-?\d{1,7}", text, re.ASCII) and low <= int(text) <= high:
            return int(text)
        raise BadInput(f"accepted are whole numbers from {low:,} to {high:,}")

    return read


def number(low: float, high: float) -> Read:
    """A finite number from `low` to `high`, written as people write it."""

    def read(text: str) -> float:
        value = parse_number(text[:20])
        if value is None or not math.isfinite(value) or not low <= value <= high:
            raise BadInput(f"accepted are numbers from {low:g} to {high:g}")
        return value

    return read


def flag(text: str) -> bool:
    """'0' or '1' -> False or True."""
    if text not in ("0", "1"):
        raise BadInput("accepted are 0 and 1")
    return text == "1"


def drawing(said: str) -> str:
    """Checked as a whole; it is put on the canvas by `ui.sections.link_bar`."""
    stroke_code.decode(said)
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
    """What `kernel` reads."""
    return ";".join(",".join(cell.replace(",", ".").replace(";", "") for cell in row) for row in texts)


# -- data


def data_set(*, of_colour: bool) -> Read:
    """A set of labelled images to be judged by: in colour, or of ink on paper."""
    return choice([name for name in evaluation_sets.SETS if (name in evaluation_sets.OF_COLOUR) == of_colour])


# -- the Train form


def recipe(said: str) -> str:
    """The key of a recipe that the Train page offers."""
    if said not in ON_THE_PAGE:
        raise BadInput(f"there is no such recipe; one is {ON_THE_PAGE[0]}")
    return said


def put_recipe(name: str) -> None:
    """Fill the form from this recipe."""
    train_config.load(name)


def changes(said: str) -> str:
    """What differs from the form's recipe, as `recipe_changes` writes it."""
    recipe_changes.read(train_config.recipe(), said)
    return said


def get_changes() -> str:
    """Return what differs from the form's recipe; '' where nothing does."""
    if keys.CONFIG not in st.session_state:
        return ""
    return recipe_changes.write(train_config.recipe(), train_config.current())


def put_changes(said: str) -> None:
    """Fill the form from its recipe and these changes; from the recipe alone where there are none."""
    name = train_config.recipe()
    train_config.put(recipe_changes.read(name, said), name) if said else train_config.load(name)


# -- the rest


def several(options: Sequence[str]) -> Read:
    """'blur.jitter' -> those of `options`, in their order; 'none' for none."""
    one = choice(options)

    def read(said: str) -> list[str]:
        named = [] if said == NONE else [one(text) for text in said.split(".")]
        return [option for option in options if option in named]

    return read


def several_text(chosen: Sequence[str]) -> str:
    """What `several` reads."""
    return ".".join(map(slug, chosen)) or NONE


def percents(said: str) -> tuple[int, int]:
    """'20-90' -> from 20 to 90%."""
    found = re.fullmatch(r"(\d{1,3})-(\d{1,3})", said, re.ASCII)
    if not found or not int(found[1]) <= int(found[2]) <= 100:
        raise BadInput("expected two percents, such as 20-90")
    return int(found[1]), int(found[2])


def percents_text(value: tuple[int, int]) -> str:
    """What `percents` reads."""
    return f"{value[0]}-{value[1]}"


def amount(said: str) -> float:
    """Of the damage that is chosen on Break it."""
    kind = _distortion()
    return number(kind.low, kind.high)(said)


def get_amount() -> float | None:
    """None where it is still that which the slider begins with."""
    if st.session_state.get(keys.BREAK_WHAT) != "The picture":
        return None
    value = st.session_state.get(keys.break_amount(_damage()))
    return None if value is None or math.isclose(value, _distortion().start) else value


def put_amount(value: float) -> None:
    """Set the slider of the damage that is chosen on Break it."""
    st.session_state[keys.break_amount(_damage())] = value


def _damage() -> str:
    return st.session_state.get(keys.BREAK_HOW) or "Turn"


def _distortion() -> Any:
    from core.analysis.distortions import DISTORTIONS  # noqa: PLC0415

    return DISTORTIONS[_damage()]


def put_set(key: str) -> Callable[[str], None]:
    """On Data: the choices that come along are of this set."""

    def put(name: str) -> None:
        st.session_state[key] = name
        st.session_state.pop(keys.DATA_SHOWN, None)

    return put


# What a field of an address is told: how it is read and written, and where it is kept.
AMOUNT = (amount, slug, get_amount, put_amount)
