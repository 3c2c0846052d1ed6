"""Convolution, worked through window by window, and what image kernels make of images."""

import streamlit as st

from ui.sections import convolution_steps, image_kernels
from ui.state import keys, links
from ui.widgets import heading

PARTS = {"Step by step": ":material/footprint:", "Image kernels": ":material/blur_on:"}


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
        convolution_steps.convolution_steps()
    else:
        image_kernels.image_kernels()


heading.heading(
    "Slide a kernel over a picture", "That is a convolution: what most layers of these networks do."
)
convolution_page()
