"""Convolution, worked through window by window, and what image kernels make of images."""

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st

from core.ink import files
from core.nn import ops
from core.nn.architectures import Conv2D
from core.nn.ops import IMAGE_KERNELS, OperationError, Padding
from core.records import Network
from core.words import dimensions
from ui import plain, say
from ui.components import sliding_window, term_notes
from ui.components.sliding_window import Kernel, Result
from ui.content.glossary import note_in
from ui.state import keys, links, selection
from ui.widgets import camera, heading
from ui.widgets.choice_row import choice_row

PARTS = {"Step by step": ":material/footprint:", "Image kernels": ":material/blur_on:"}

# The guided notebook's worked example.
EXAMPLE = np.array([[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]])
CROSS = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])
FIVE, MINE = "5 x 5 example", "Your drawing"

EXAMPLES_KERNEL, OWN, LEARNT = "The example's", "Your own", "Learnt by the network that reads"
STEP_KERNELS = {EXAMPLES_KERNEL: CROSS, **{name: kernel for name, (kernel, _) in IMAGE_KERNELS.items()}}
ZEROS = "Zeros"

LONGEST = 160  # pixels of an image's longer side


@links.fragment
def convolution_page() -> None:
    part = st.segmented_control(
        "What to look at",
        list(PARTS),
        key=keys.CONV_PART,
        default="Step by step",
        required=True,
        format_func=lambda name: f"{PARTS[name]} {name}",
        label_visibility="collapsed",
        persist_state="session",
    )
    if part == "Step by step":
        step_by_step()
    else:
        image_kernels()


def step_by_step() -> None:
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
        results, problem = [], ""
        try:
            output = ops.convolve(pixels, ops.read_kernel(texts), stride, padding)
            results = [Result(f"Result: {dimensions(output.shape)}", output, "sum")]
        except OperationError as error:
            problem = str(error)
        sliding_window.walk(
            pixels,
            results,
            key=keys.CONV_EXAMPLE if source == FIVE else keys.CONV_DRAWING,
            title=f"Picture: {dimensions(pixels.shape)}",
            window=len(texts),
            stride=stride,
            padding=padding,
            kernel=Kernel(f"Kernel: {dimensions(np.shape(texts))}", texts, _numbers(texts)),
            look="numbers" if source == FIVE else "ink",
            reveal=True,
            on_kernel=_typed(keys.CONV_KERNEL, keys.CONV_TEXTS),
        )
        if problem:
            say.error(problem)
    with right:
        if results:
            sliding_window.size_formula(len(pixels), len(texts), stride, padding)


def _step_kernel() -> tuple[list[list[str]], int, Padding]:
    """Return the texts of the kernel that is walked with, and the stride and padding."""
    st.selectbox(
        "Kernel",
        [*STEP_KERNELS, OWN],
        key=keys.CONV_KERNEL,
        on_change=_take_kernel,
        args=(keys.CONV_KERNEL, keys.CONV_TEXTS, STEP_KERNELS),
        persist_state="session",
        help=note_in("Kernel"),
    )
    texts = st.session_state.setdefault(keys.CONV_TEXTS, ops.write_kernel(CROSS))
    st.slider("Its size", 1, 7, 3, key=keys.CONV_SIZE, on_change=_resize_kernel, persist_state="session")
    stride = choice_row("Stride", [1, 2, 3], keys.CONV_STRIDE)
    padding: Padding = choice_row("Padding", ["valid", "same", ZEROS], keys.CONV_PADDING)
    if padding == ZEROS:
        padding = st.number_input(
            "Rows of zeros on each side", 0, 6, 1, key=keys.CONV_ZEROS, persist_state="session"
        )
    return texts, stride, padding


def image_kernels() -> None:
    source, kernel, stride, padding, about = _source_and_kernel()
    term_notes.markdown(about)
    pixels = _pixels(source)
    if pixels is None:
        return
    is_ink = source == "Your drawing"
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
        on_kernel=_typed(keys.CONV_IMAGE_KERNEL, keys.CONV_IMAGE_TEXTS),
    )
    if problem:
        say.error(problem)
    else:
        _say_colours(is_ink, full, keeps)


def _source_and_kernel() -> tuple[str, Kernel, int, Padding, str]:
    """Return what image is chosen, and its kernel as `_image_kernel` does."""
    network = selection.first().network
    if st.session_state.get(keys.CONV_IMAGE_KERNEL) == LEARNT and not _first_layer(network):
        st.session_state[keys.CONV_IMAGE_KERNEL] = OWN
    with st.container(horizontal=True, gap="medium"):
        source = choice_row("Picture", ["Your drawing", "Picture", "Camera"], keys.CONV_SOURCE)
        st.selectbox(
            "Kernel",
            [*IMAGE_KERNELS, OWN, *([LEARNT] if _first_layer(network) else [])],
            key=keys.CONV_IMAGE_KERNEL,
            on_change=_take_kernel,
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
    return Kernel("Kernel", texts, _numbers(texts)), 1, "valid", about


def _first_layer(network: Network) -> Conv2D | None:
    """Return the layer that slides its kernels over the image itself, where the network has one."""
    layer = network.layers[0]
    return layer if isinstance(layer, Conv2D) else None


def _pixels(source: str) -> np.ndarray | None:
    """Return [h, w] of what was brought; None, and a sentence, where there is nothing."""
    if source == "Your drawing":
        image = sliding_window.drawn()
        return image.pixels if image else None
    key = keys.CONV_FILE if source == "Picture" else keys.CONV_PHOTO
    if source == "Picture":
        st.file_uploader(
            "Any picture",
            type=["png", "jpg", "jpeg", "webp", "gif"],
            key=key,
            on_change=_receive,
            args=(key,),
            width=420,
            max_upload_size=files.MAX_BYTES // 10**6,
        )
    else:
        camera.photo("Anything", key=key, on_change=_receive, args=(key,), width=420)
    pixels, said = st.session_state.get(keys.read_of(key), (None, ""))
    if said:
        say.error(said)
    if pixels is None and not said:
        term_notes.caption("Choose a picture." if source == "Picture" else "Take a photo.")
    elif pixels is not None:
        term_notes.caption(
            f"In grey, its longer side reduced to {LONGEST} pixels at most, so that single pixels can be seen: "
            f"{pixels.shape[0]} high, {pixels.shape[1]} wide."
        )
    return pixels


def _receive(key: str) -> None:
    """Read a file once, when it arrives; one that cannot be read leaves the image before it."""
    file = st.session_state[key]
    before, _ = st.session_state.get(keys.read_of(key), (None, ""))
    if file is None:
        st.session_state.pop(keys.read_of(key), None)
        return
    try:
        pixels = ops.grey(files.read_image(file.getvalue()), LONGEST)
        st.session_state[keys.read_of(key)] = (pixels, "")
    except files.BadInput as error:
        st.session_state[keys.read_of(key)] = (before, str(error))


def _take_kernel(choice: str, texts: str, kernels: dict[str, np.ndarray]) -> None:
    """Write the chosen kernel's numbers into the grid; those of one's own begin with what is there."""
    if (name := st.session_state[choice]) in kernels:
        st.session_state[texts] = ops.write_kernel(kernels[name])
        if texts == keys.CONV_TEXTS:
            st.session_state[keys.CONV_SIZE] = len(kernels[name])


def _resize_kernel() -> None:
    state = st.session_state
    state[keys.CONV_TEXTS] = ops.resized_kernel(state[keys.CONV_TEXTS], state[keys.CONV_SIZE])
    state[keys.CONV_KERNEL] = OWN


def _typed(choice: str, texts: str) -> Callable[[list[list[str]]], None]:
    def take(typed: list[list[str]]) -> None:
        st.session_state[texts] = typed
        st.session_state[choice] = OWN

    return take


def _numbers(texts: Sequence[Sequence[str]]) -> np.ndarray | None:
    try:
        return ops.read_kernel(texts)
    except OperationError:
        return None


heading.heading(
    "Slide a kernel over a picture", "That is a convolution: what most layers of these networks do."
)
convolution_page()
