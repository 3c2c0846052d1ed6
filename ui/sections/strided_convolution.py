"""What stands in pooling's place: a convolution that makes the image as small, and what it costs.

Called by `pages.pooling`.
"""

import streamlit as st

from core.nn.architectures import Conv2D
from core.nn.padding import output_size
from ui.components import term_notes
from ui.content.glossary import note_in
from ui.state import keys


def strided_convolution(size: int, window: int, stride: int) -> None:
    """Show what a strided convolution costs that makes an image of this size as small as pooling does."""
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
