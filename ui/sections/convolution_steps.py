"""Convolution window by window: a kernel slides over an example or a drawing.

Called by `pages.convolution`.
"""

import numpy as np
import streamlit as st

from core.nn import ops
from core.nn.ops import IMAGE_KERNELS, OperationError, Padding
from core.words import dimensions
from ui import say
from ui.components import sliding_window, term_notes
from ui.components.sliding_window import Kernel, Result
from ui.content.glossary import note_in
from ui.sections import typed_kernel
from ui.state import keys
from ui.widgets.choice_row import choice_row

# The guided notebook's worked example.
EXAMPLE = np.array([[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]])
CROSS = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])
FIVE, MINE = "5 x 5 example", "Your drawing"
EXAMPLES_KERNEL = "The example's"
STEP_KERNELS = {EXAMPLES_KERNEL: CROSS, **{name: kernel for name, (kernel, _) in IMAGE_KERNELS.items()}}
ZEROS = "Zeros"


def convolution_steps() -> None:
    """Show the walk with its settings: the kernel, the stride and the padding; and how large the result is."""
    term_notes.markdown(
        "A kernel slides over a picture. Wherever it lies, the numbers under it are multiplied by its own and "
        "added up: that is one number of the result. Tap or click a cell of the result, or press play."
    )
    source = choice_row("Picture", [FIVE, MINE], keys.CONV_IMAGE)
    left, right = st.columns([2.6, 1], gap="medium")
    with right:
        texts, stride, padding = _step_kernel()
    with left:
        image = sliding_window.drawn() if source == MINE else None
        if source == MINE and image is None:
            return
        pixels = image.pixels if image else EXAMPLE
        has_result = _walk(pixels, texts, stride, padding, is_example=source == FIVE)
    with right:
        if has_result:
            sliding_window.size_formula(len(pixels), len(texts), stride, padding)


def _step_kernel() -> tuple[list[list[str]], int, Padding]:
    """Return the texts of the kernel that is walked with, and the stride and padding."""
    st.selectbox(
        "Kernel",
        [*STEP_KERNELS, typed_kernel.OWN],
        key=keys.CONV_KERNEL,
        on_change=typed_kernel.on_chosen,
        args=(keys.CONV_KERNEL, keys.CONV_TEXTS, STEP_KERNELS),
        persist_state="session",
        help=note_in("Kernel"),
    )
    texts = st.session_state.setdefault(keys.CONV_TEXTS, ops.write_kernel(CROSS))
    st.slider("Its size", 1, 7, 3, key=keys.CONV_SIZE, on_change=_resize, persist_state="session")
    stride = choice_row("Stride", [1, 2, 3], keys.CONV_STRIDE)
    padding: Padding = choice_row("Padding", ["valid", "same", ZEROS], keys.CONV_PADDING)
    if padding == ZEROS:
        padding = st.number_input(
            "Rows of zeros on each side", 0, 6, 1, key=keys.CONV_ZEROS, persist_state="session"
        )
    return texts, stride, padding


def _walk(
    pixels: np.ndarray, texts: list[list[str]], stride: int, padding: Padding, *, is_example: bool
) -> bool:
    """Show the window's walk over [h, w]; return whether there is a result, else say why there is none."""
    results, problem = [], ""
    try:
        output = ops.convolve(pixels, ops.read_kernel(texts), stride, padding)
        results = [Result(f"Result: {dimensions(output.shape)}", output, "sum")]
    except OperationError as error:
        problem = str(error)
    sliding_window.walk(
        pixels,
        results,
        key=keys.CONV_EXAMPLE if is_example else keys.CONV_DRAWING,
        title=f"Picture: {dimensions(pixels.shape)}",
        window=len(texts),
        stride=stride,
        padding=padding,
        kernel=Kernel(f"Kernel: {dimensions(np.shape(texts))}", texts, typed_kernel.numbers(texts)),
        look="numbers" if is_example else "ink",
        reveal=True,
        on_kernel=typed_kernel.on_typed(keys.CONV_KERNEL, keys.CONV_TEXTS),
    )
    if problem:
        say.error(problem)
    return bool(results)


def _resize() -> None:
    state = st.session_state
    state[keys.CONV_TEXTS] = ops.resized_kernel(state[keys.CONV_TEXTS], state[keys.CONV_SIZE])
    state[keys.CONV_KERNEL] = typed_kernel.OWN
