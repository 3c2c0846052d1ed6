"""Going to another page with something in hand: nobody else writes what belongs to another page.

Each `open_...` leaves the page that calls it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, NoReturn

import streamlit as st

from core.nn import ops
from core.words import parse_id
from ui.state import keys, links, selection, subject, train_config

MOVED = ("pictures",)  # addresses of before, each of which leads to what it showed
# Of fields that several pages show.
SHARED = (
    keys.SUBJECT,
    keys.NETWORK,
    keys.SECOND_NETWORK,
    keys.INSIDE_WAY,
    keys.INSIDE_NUMBER,
    keys.INSIDE_CLASS,
    keys.INSIDE_IMAGE_CLASS,
    keys.IMAGES_NETWORK,
    keys.IMAGES_WAY,
    keys.IMAGES_NUMBER,
)


class WayBack(NamedTuple):
    """words: where to, as in 'Back to lesson 3, step 2'. page: its file's name. query: of its address. place: a
    container's key, to which the page is scrolled; or ''.
    """

    words: str
    page: str
    query: dict[str, str]
    place: str = ""


def lead(opens: Callable[[], NoReturn], back: WayBack) -> NoReturn:
    """Go where `opens` goes; the pages offer the way back until it is taken or left."""
    st.session_state[keys.WAY_BACK] = back
    opens()


def go_back(back: WayBack) -> NoReturn:
    """Where a lesson or tutorial has led here from, at the step that it was at."""
    st.session_state[keys.PAGE_PLACE] = back.place
    st.switch_page(f"pages/{back.page}.py", query_params=back.query)


def arrive(page: str) -> None:
    """Let fields that several pages show say on this page what they said before. Call it before the page.

    To Streamlit the fields of two pages are two even where they have one key: where a browser goes back, the
    second would begin with nothing.
    """
    if st.session_state.get(keys.PAGE) == page:
        return
    st.session_state[keys.PAGE] = page
    for key in SHARED:
        if key in st.session_state:
            st.session_state[key] = st.session_state[key]


def run_in_address() -> int | None:
    """Return the number of the run that the address names, as in /train?run=7; None where it names none."""
    return parse_id(st.query_params.get("run", ""))


def sweep_in_address() -> int | None:
    """Return the number of the sweep that the address names, as in /runs?sweep=7, or None."""
    return parse_id(st.query_params.get("sweep", ""))


def open_sweep(number: int) -> NoReturn:
    """To the Runs page, which shows this sweep."""
    st.session_state[keys.SWEEP] = number
    st.switch_page("pages/runs.py", query_params={"sweep": str(number)})


def lesson_in_address() -> tuple[str, int] | None:
    """Return the lesson that the address names and its step, from 0, or None: /lessons?lesson=loss&step=2."""
    lesson, step = st.query_params.get("lesson", ""), st.query_params.get("step", "1")
    return (lesson, int(step) - 1 if step.isdecimal() and len(step) < 3 else 0) if lesson else None


def open_lesson(lesson: str, step: int) -> NoReturn:
    """At this step, from 0."""
    st.switch_page("pages/lessons.py", query_params={"lesson": lesson, "step": str(step + 1)})


def open_page(page: str) -> NoReturn:
    """As it was left. page: the name of its file under pages/."""
    _go(page)


def open_draw(network: int | None = None) -> NoReturn:
    """To the canvas as it is; the network of this number reads it, if one is named."""
    if network is not None:
        selection.choose(network)
    subject.choose(subject.DIGITS)
    st.session_state[keys.DRAW_WAY] = "Draw"
    _go("draw")


def open_images(network: int | None = None) -> NoReturn:
    """To the Draw page's images, which the network of this run names, if one is named."""
    subject.choose(subject.IMAGES)
    _put({} if network is None else {keys.IMAGES_NETWORK: network})
    _go("draw")


def open_look_inside(way: str = "", path: str = "look_inside") -> NoReturn:
    """As it was left, with the digit or the image that is looked at.

    way: where its digits come from, 'Draw' or 'Test digit', where that is to change. path: 'look_inside' (its
    layers), 'why' or 'map_of_digits'.
    """
    if way:
        subject.choose(subject.DIGITS)
        _put({keys.INSIDE_WAY: way})
    _go(path)


def open_look_inside_digit(number: int, network: int) -> NoReturn:
    """With this test digit, read by the network of this number, which reads what is drawn from now on."""
    selection.choose(network)
    subject.choose(subject.DIGITS)
    _put({keys.INSIDE_CLICKED: number})
    _go("look_inside")


def open_look_inside_image(number: int, network: int) -> NoReturn:
    """With this test image in colour, which the network of this number names."""
    subject.choose(subject.IMAGES)
    _put(
        {keys.IMAGES_WAY: "Test picture", keys.IMAGES_NUMBER: number, keys.IMAGES_NETWORK: network},
    )
    _go("look_inside")


def open_look_inside_network(network: int, *, of_digits: bool) -> NoReturn:
    """With what was looked at last, read or named by the network of this run."""
    subject.choose(subject.DIGITS if of_digits else subject.IMAGES)
    if of_digits:
        selection.choose(network)
    else:
        _put({keys.IMAGES_NETWORK: network})
    _go("look_inside")


def open_mistakes(network: int, *, of_digits: bool) -> NoReturn:
    """Of this run's network, which reads digits or names images."""
    subject.choose(subject.DIGITS if of_digits else subject.IMAGES)
    _put({keys.MISTAKES_NETWORK: network})
    _go("mistakes")


def open_run(number: int) -> NoReturn:
    """To the Train page, which shows this run, also after a reload."""
    st.session_state[keys.RUN] = number
    st.switch_page("pages/train.py", query_params={"run": str(number)})


def open_train(
    recipe: str, changes: Mapping[str, Any] | None = None, *, layers: bool = False, image: bool = False
) -> NoReturn:
    """With the form filled from a recipe, and no run beside it.

    changes: fields of TrainConfig and what they are instead. layers, image: with these parts opened.
    """
    train_config.load(recipe)
    train_config.put(replace(train_config.current(), **changes or {}), recipe)
    st.session_state[keys.RUN] = None
    st.query_params.clear()
    opened = {keys.LAYER_TABLE: layers, keys.LAYER_DIAGRAM: image}
    _put({key: True for key, is_open in opened.items() if is_open})
    _go("train")


def open_build(task: str, recipe: str) -> NoReturn:
    """To the Train page's layers, empty but for the answer's, with what is asked for beside them.

    task: of `build_tasks.TASKS`. recipe: its own, whose data and optimizer the form is filled with.
    """
    train_config.load(recipe)
    config = train_config.current()
    train_config.put(replace(config, layers=config.layers[-1:]), recipe)
    st.session_state[keys.RUN] = None
    st.query_params.clear()
    edition = st.session_state.get(keys.LAYERS_EDITION, 0) + 1
    _put({keys.BUILD_TASK: task, keys.LAYER_TABLE: True, keys.LAYERS_BEFORE: [], keys.LAYERS_EDITION: edition})
    _go("train")


def open_class(code: str) -> NoReturn:
    """Into the class of this code, as a pupil."""
    st.session_state[keys.JOIN_ROOM] = code
    st.switch_page("pages/join.py", query_params={"code": code})


def open_wall(code: str) -> NoReturn:
    """The wall of the class of this code."""
    st.switch_page("pages/wall.py", query_params={"code": code})


def open_convolution(
    kernel: str, texts: Sequence[Sequence[str]], stride: int, padding: str, zeros: int | None = None
) -> NoReturn:
    """Step by step over the 5 x 5 example.

    kernel: what the list of kernels says. texts: its numbers, k rows of k. zeros: with padding 'Zeros'.
    """
    _put(
        {
            keys.CONV_PART: "Step by step",
            keys.CONV_IMAGE: "5 x 5 example",
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
    """Pooling's steps. image: what its list of images says; window and stride: in pixels."""
    _put({keys.POOL_IMAGE: image, keys.POOL_WINDOW: window, keys.POOL_STRIDE: stride})
    _go("pooling")


def _put(values: Mapping[str, Any]) -> None:
    for key, value in values.items():
        st.session_state[key] = value


def _go(page: str) -> NoReturn:
    """With its address, so that the browser's Back leads here and not to the page without it."""
    st.switch_page(f"pages/{page}.py", query_params=links.of_page(page))
