"""Going to another page with something in hand: nobody else writes what belongs to another page.

Each `open_...` leaves the page that calls it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NoReturn

import streamlit as st

from core.nn import ops
from ui.state import keys, selection, train_config

DIGITS, THINGS = "Digits", "Pictures"  # what Look inside shows
DIGITS_OF_A_RUN = 9  # at most: what a database's integers hold


def run_in_address() -> int | None:
    """Return the number of the run that the address names, as in /train?run=7; None where it names none."""
    named = st.query_params.get("run", "")
    return int(named) if named.isdecimal() and len(named) <= DIGITS_OF_A_RUN else None


def open_page(page: str) -> NoReturn:
    """As it was left. page: the name of its file under pages/."""
    _go(page)


def open_draw(network: int | None = None) -> NoReturn:
    """To the canvas as it is; the network of this number reads it, if one is named."""
    if network is not None:
        selection.choose(network)
    st.session_state[keys.DRAW_WAY] = "Draw"
    _go("draw")


def open_look_inside(way: str = "") -> NoReturn:
    """As it was left. way: where its digits come from, 'Draw' or 'Test digit', where that is to change."""
    _put({keys.INSIDE_WAY: way} if way else {})
    _go("look_inside")


def open_look_inside_digit(number: int, network: int) -> NoReturn:
    """With this test digit, read by the network of this number, which reads what is drawn from now on."""
    selection.choose(network)
    _put({keys.INSIDE_WHAT: DIGITS, keys.INSIDE_CLICKED: number})
    _go("look_inside")


def open_look_inside_picture(way: str, number: int | None = None, network: int | None = None) -> NoReturn:
    """With a picture in colour: 'Picture', 'Camera' or 'Test picture'.

    number: of the test picture; None, as for the network, for the one that the Pictures page has.
    """
    _put({keys.INSIDE_WHAT: THINGS, keys.INSIDE_PICTURE_WAY: way})
    _put({} if number is None else {keys.PICTURES_NUMBER: number})
    _put({} if network is None else {keys.PICTURES_NETWORK: network})
    _go("look_inside")


def open_pictures(network: int | None = None) -> NoReturn:
    """With the network of this run, if one is named."""
    _put({} if network is None else {keys.PICTURES_NETWORK: network})
    _go("pictures")


def open_mistakes(network: int | None = None) -> NoReturn:
    """Of this run's network, if one is named."""
    _put({} if network is None else {keys.MISTAKES_NETWORK: network})
    _go("mistakes")


def open_run(number: int) -> NoReturn:
    """To the Train page, which shows this run, also after a reload."""
    st.session_state[keys.RUN] = number
    st.switch_page("pages/train.py", query_params={"run": str(number)})


def open_train(
    recipe: str, changes: Mapping[str, Any] | None = None, *, layers: bool = False, image: bool = False
) -> NoReturn:
    """With the form filled from a recipe, and no run beside it.

    changes: fields of TrainConfig and what they are instead. layers, picture: with these parts opened.
    """
    train_config.load(recipe)
    train_config.put(replace(train_config.current(), **changes or {}), recipe)
    st.session_state[keys.RUN] = None
    st.query_params.clear()
    opened = {keys.LAYER_TABLE: layers, keys.LAYER_PICTURE: image}
    _put({key: True for key, is_open in opened.items() if is_open})
    _go("train")


def open_convolution(
    kernel: str, texts: Sequence[Sequence[str]], stride: int, padding: str, zeros: int | None = None
) -> NoReturn:
    """Step by step over the 5 x 5 example.

    kernel: what the list of kernels says. texts: its numbers, k rows of k. zeros: with padding 'Zeros'.
    """
    _put(
        {
            keys.CONV_PART: "Step by step",
            keys.CONV_PICTURE: "5 x 5 example",
            keys.CONV_KERNEL: kernel,
            keys.CONV_TEXTS: texts,
            keys.CONV_SIZE: len(texts),
            keys.CONV_STRIDE: stride,
            keys.CONV_PADDING: padding,
        }
    )
    _put({} if zeros is None else {keys.CONV_ZEROS: zeros})
    _go("convolution")


def open_image_kernel(kernel: str) -> NoReturn:
    """What this kernel, one of `ops.IMAGE_KERNELS`, makes of the drawing."""
    _put(
        {
            keys.CONV_PART: "Image kernels",
            keys.CONV_SOURCE: "Your drawing",
            keys.CONV_IMAGE_KERNEL: kernel,
            keys.CONV_IMAGE_TEXTS: ops.write_kernel(ops.IMAGE_KERNELS[kernel][0]),
        }
    )
    _go("convolution")


def open_pooling(image: str, window: int, stride: int) -> NoReturn:
    _put({keys.POOL_PICTURE: image, keys.POOL_WINDOW: window, keys.POOL_STRIDE: stride})
    _go("pooling")


def _put(values: Mapping[str, Any]) -> None:
    for key, value in values.items():
        st.session_state[key] = value


def _go(page: str) -> NoReturn:
    st.switch_page(f"pages/{page}.py")
