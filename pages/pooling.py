"""Pooling, worked through window by window, what it buys, and what takes its place."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from core.nn import ops
from core.nn.architectures import Conv2D
from core.nn.padding import OperationError, output_size
from core.records import DigitImage
from core.words import dimensions
from ui import say
from ui.components import sliding_window, term_notes
from ui.components.sliding_window import Result
from ui.content.glossary import note_in
from ui.state import keys, links, selection
from ui.widgets import heading, thumbnails
from ui.widgets.choice_row import choice_row

# The first tutorial's zero.
ZERO = np.array(
    [
        [0, 0, 0, 1, 0, 0, 0, 0],
        [0, 1, 2, 3, 2, 1, 0, 0],
        [0, 4, 3, 1, 3, 2, 0, 0],
        [1, 5, 2, 0, 0, 5, 1, 0],
        [2, 4, 0, 0, 0, 6, 2, 0],
        [1, 3, 0, 0, 0, 4, 1, 0],
        [0, 2, 3, 2, 1, 3, 0, 0],
        [0, 0, 3, 4, 3, 1, 0, 0],
    ]
)
EXAMPLE, MINE, MAP = "8 x 8 zero", "Your drawing", "Feature map"
MARGIN = 4  # cells of paper around the zero while it is shifted, so that no ink is lost
FURTHEST = 3

# Given how far to the right the digit is moved: the image that is pooled.
Shifting = Callable[[int], np.ndarray]


@links.fragment
def pooling_page() -> None:
    term_notes.markdown(
        "Pooling makes a picture smaller: of each window only the largest value is kept, or the mean. "
        "Tap or click a cell of a result, or press play."
    )
    source = choice_row("Picture", [EXAMPLE, MINE, MAP], keys.POOL_IMAGE)
    left, right = st.columns([2.6, 1], gap="medium")
    with right:
        settings = st.container()
        window = choice_row("Window", [2, 3, 4], keys.POOL_WINDOW)
        stride = choice_row("Stride", [1, 2, 3, 4], keys.POOL_STRIDE, 2)
    pixels: np.ndarray = ZERO
    shifting: Shifting = _shift_zero
    if source != EXAMPLE:
        with left:
            drawn = sliding_window.drawn()
        if drawn is None:
            return
        pixels, shifting = drawn.pixels, _shift_drawing(drawn)
        if source == MAP:
            with settings:
                chosen = _feature_map(drawn)
            if chosen is None:
                return
            pixels, shifting = chosen
    try:
        pooled = {how: ops.pool(pixels, how, window, stride) for how in ops.POOLINGS}
    except OperationError as error:
        with left:
            say.error(error)
        return
    results = [
        Result(f"{how.capitalize()}: {dimensions(values.shape)}", values, how) for how, values in pooled.items()
    ]
    with right:
        sliding_window.size_formula(len(pixels), window, stride, "valid")
    with left:
        sliding_window.walk(
            pixels,
            results,
            key=keys.POOL_EXAMPLE if source == EXAMPLE else keys.POOL_OWN,
            title=f"Picture: {dimensions(pixels.shape)}",
            window=window,
            stride=stride,
            look="numbers" if source == EXAMPLE else "ink",
            full=float(np.abs(pixels).max()) or 1.0,
        )
    what_it_buys(shifting, window, stride)
    in_its_place(len(pixels), window, stride)


def what_it_buys(shifting: Shifting, window: int, stride: int) -> None:
    """Move the digit, and say how much that changes before and after pooling."""
    term_notes.header("What pooling buys")
    left, right = st.columns([1, 2.6], gap="medium")
    with left:
        right_by = st.slider(
            "Move the digit to the right, by pixels",
            -FURTHEST,
            FURTHEST,
            1,
            key=keys.POOL_SHIFT,
            persist_state="session",
        )
        term_notes.caption(
            "A share says how much changed: the differences of all cells, added up, over all that was there. "
            "0%: nothing changed; 200%: no cell in common. Most often a pooled map changes less, so what "
            "follows need not care where exactly the digit stood. What moves by the whole stride is in another "
            "cell all the same."
        )
    before, after = (_stages(shifting(by), window, stride) for by in (0, right_by))
    top = max(float(values.max()) for values in before.values()) or 1.0
    with right, st.container(key="pool-shifted", width=600):
        changes = [f"{name} {ops.change(before[name], after[name]):.0%}" for name in before]
        st.markdown(f"Moved by {right_by}, this much changed: **{', '.join(changes)}**")
        captions = [f"{name}, {dimensions(values.shape)}" for name, values in before.items()]
        images = [values / top for values in (*before.values(), *after.values())]
        st.html(thumbnails.strip(images, columns=len(before), captions=[*captions, *["moved"] * len(after)]))


def in_its_place(size: int, window: int, stride: int) -> None:
    """What a strided convolution costs that makes the image as small."""
    term_notes.header("A convolution in its place")
    count, _ = output_size(size, window, stride)
    strided, _ = output_size(size, 3, stride, "same")
    maps = st.select_slider(
        "Feature maps",
        [1, 8, 16, 32, 64, 128],
        32,
        key=keys.POOL_MAPS,
        persist_state="session",
        help=note_in("Feature maps"),
    )
    layer = Conv2D(maps, 3, stride, "same")
    shape = (size, size, maps)
    term_notes.markdown(
        "| way | size of the result | numbers that are learnt | products for one picture |\n|---|---|--:|--:|\n"
        f"| Pooling, {window} x {window}, stride {stride} | ⌊({size} − {window}) / {stride}⌋ + 1 = {count}: "
        f"{count} x {count} x {maps} | 0 | 0 |\n"
        f"| Convolution, 3 x 3, stride {stride}, 'same' | ⌈{size} / {stride}⌉ = {strided}: "
        f"{strided} x {strided} x {maps} | (3·3·{maps} + 1)·{maps} = {layer.parameters(shape):,} | "
        f"{strided}·{strided}·{maps}·3·3·{maps} = {layer.multiply_adds(shape):,} |"
    )
    term_notes.caption(
        "A convolution with a stride above 1 makes pictures smaller too, and learns how. Springenberg and "
        "others ('Striving for Simplicity', 2015) left pooling out of their networks and lost nothing by it. "
        "Mean pooling is such a convolution, with weights that never learn: each map by itself, "
        f"{window * window} times 1/{window * window}."
    )


def _stages(pixels: np.ndarray, window: int, stride: int) -> dict[str, np.ndarray]:
    names = {how: f"{how} pooled" for how in ops.POOLINGS}
    return {"picture": pixels} | {name: ops.pool(pixels, how, window, stride) for how, name in names.items()}


def _shift_zero(by: int) -> np.ndarray:
    return ops.shifted(np.pad(ZERO, MARGIN), by)


def _shift_drawing(drawn: DigitImage) -> Shifting:
    return lambda by: ops.shifted(drawn.pixels, by)


def _feature_map(drawn: DigitImage) -> tuple[np.ndarray, Shifting] | None:
    """Choose one map of the network that reads; it is computed anew for the digit that was moved."""
    classifier = selection.first()
    layers = {name: a for name, a in classifier.activations(drawn).items() if a.ndim == 3}
    if not layers:
        say.info(f"'{classifier.network.name}' makes no feature maps: no layer of it keeps a picture.")
        return None
    if st.session_state.get(keys.POOL_LAYER) not in layers:
        st.session_state[keys.POOL_LAYER] = next(iter(layers))
    name = st.selectbox("Layer", list(layers), key=keys.POOL_LAYER, persist_state="session")
    count = layers[name].shape[-1]
    st.session_state[keys.POOL_MAP] = min(st.session_state.get(keys.POOL_MAP, 1), count)
    number = st.slider("Map", 1, count, key=keys.POOL_MAP, persist_state="session") if count > 1 else 1
    say.caption(f"Of '{classifier.network.name}', for your drawing.")

    def shifting(by: int) -> np.ndarray:
        moved = DigitImage(ops.shifted(drawn.pixels, by))
        return classifier.activations(moved)[name][..., number - 1]

    return layers[name][..., number - 1], shifting


heading.heading(
    "Make a picture smaller: pooling", "Pooling keeps the largest number of each window, or the mean."
)
pooling_page()
