"""What image kernels, and those that a network has learnt, make of a whole image.

Called by `pages.convolution`.
"""

import numpy as np
import streamlit as st

from core.nn import ops
from core.nn.architectures import Conv2D
from core.nn.ops import IMAGE_KERNELS, OperationError, Padding
from core.records import Network
from core.words import dimensions
from ui import plain, say
from ui.components import sliding_window, term_notes
from ui.components.sliding_window import Kernel, Result
from ui.content.glossary import note_in
from ui.sections import grey_image, typed_kernel
from ui.state import keys, selection
from ui.widgets.choice_row import choice_row

LEARNT = "Learnt by the network that reads"


def image_kernels() -> None:
    """Show an image before and after the kernel that is chosen or typed, and what the colours mean."""
    source, kernel, stride, padding, about = _source_and_kernel()
    term_notes.markdown(about)
    pixels = grey_image.grey_image(source)
    if pixels is None:
        return
    is_ink = source == grey_image.DRAWING
    full = 1.0 if is_ink else 255.0
    results, problem, keeps = [], "", False
    try:
        numbers = ops.read_kernel(kernel.texts) if kernel.values is None else kernel.values
        keeps = bool(abs(numbers.sum() - 1) < 1e-9)
        output = ops.convolve(pixels, numbers, stride, padding)
        results = [Result(f"After: {dimensions(output.shape)}", output, "sum", full if keeps else None)]
    except OperationError as error:
        problem = str(error)
    sliding_window.walk(
        pixels,
        results,
        key=keys.CONV_IMAGES,
        title=f"Before: {dimensions(pixels.shape)}",
        window=len(kernel.texts),
        stride=stride,
        padding=padding,
        kernel=kernel,
        look="ink" if is_ink else "light",
        full=full,
        on_kernel=typed_kernel.on_typed(keys.CONV_IMAGE_KERNEL, keys.CONV_IMAGE_TEXTS),
    )
    if problem:
        say.error(problem)
    else:
        _say_colours(is_ink, full, keeps)


def _source_and_kernel() -> tuple[str, Kernel, int, Padding, str]:
    """Return what image is chosen, and its kernel as `_image_kernel` does."""
    network = selection.first().network
    if st.session_state.get(keys.CONV_IMAGE_KERNEL) == LEARNT and not _first_layer(network):
        st.session_state[keys.CONV_IMAGE_KERNEL] = typed_kernel.OWN
    with st.container(horizontal=True, gap="medium"):
        source = choice_row("Picture", grey_image.SOURCES, keys.CONV_SOURCE)
        st.selectbox(
            "Kernel",
            [*IMAGE_KERNELS, typed_kernel.OWN, *([LEARNT] if _first_layer(network) else [])],
            key=keys.CONV_IMAGE_KERNEL,
            on_change=typed_kernel.on_chosen,
            args=(keys.CONV_IMAGE_KERNEL, keys.CONV_IMAGE_TEXTS, {n: k for n, (k, _) in IMAGE_KERNELS.items()}),
            persist_state="session",
            width=330,
            help=note_in("Kernel"),
        )
        return source, *_image_kernel(network)


def _say_colours(is_ink: bool, full: float, keeps: bool) -> None:
    """What the colours mean. full: the value of full colour. keeps: do the kernel's numbers make 1?"""
    ends = "0 is paper, 1 is ink" if is_ink else "0 is black, 255 is white"
    if keeps:
        colours = (
            "The kernel's numbers add up to 1, so even surfaces stay as they are; "
            f"what goes beyond {full:g} looks like {full:g}."
        )
    else:
        colours = "What is furthest from 0 has full colour."
    term_notes.caption(
        f"The bars say which values there are: {ends}, negative values are orange. {colours} "
        "Tap or click a pixel of the result to see its sum."
    )


def _image_kernel(network: Network) -> tuple[Kernel, int, Padding, str]:
    """Return the chosen kernel, the stride and padding that it is used with, and a sentence about it."""
    choice = st.session_state[keys.CONV_IMAGE_KERNEL]
    if choice == LEARNT and (layer := _first_layer(network)):
        count = layer.filters
        st.session_state[keys.CONV_LEARNT] = min(st.session_state.get(keys.CONV_LEARNT, 1), count)
        number = 1
        if count > 1:
            number = st.slider("Which", 1, count, key=keys.CONV_LEARNT, persist_state="session", width=250)
        values = network.weights["conv2d_1/kernel"][:, :, 0, number - 1].astype(float)
        bias = float(network.weights["conv2d_1/bias"][number - 1])
        rest = " and then lets nothing negative through (ReLU)" if layer.activation == "relu" else ""
        return (
            Kernel(f"Kernel {number} of {count}", ops.write_kernel(values), values, editable=False),
            layer.stride,
            layer.padding,
            f"Nobody wrote these numbers: '{plain.markdown(network.name)}' found them while it "
            f"learnt. To each sum it adds {bias:.3f}{rest}, which is not done here.",
        )
    texts = st.session_state.setdefault(
        keys.CONV_IMAGE_TEXTS, ops.write_kernel(next(iter(IMAGE_KERNELS.values()))[0])
    )
    about = IMAGE_KERNELS[choice][1] if choice in IMAGE_KERNELS else "Type any numbers into the kernel."
    return Kernel("Kernel", texts, typed_kernel.numbers(texts)), 1, "valid", about


def _first_layer(network: Network) -> Conv2D | None:
    """Return the layer that slides its kernels over the image itself, where the network has one, of numbers."""
    layer = network.layers[0]
    if isinstance(layer, Conv2D) and np.isfinite(network.weights["conv2d_1/kernel"]).all():
        return layer
    return None
