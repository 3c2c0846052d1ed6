"""A kernel whose numbers can be typed: chosen from a list, then changed.

Called by `ui.sections.convolution_steps` and `ui.sections.image_kernels`.
"""

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st

from core.nn import ops
from core.nn.ops import OperationError
from ui.state import keys

OWN = "Your own"


def on_chosen(choice: str, texts: str, kernels: dict[str, np.ndarray]) -> None:
    """Write the chosen kernel's numbers into the grid; those of one's own begin with what is there.

    choice, texts: the session's keys of the list and of the grid. kernels: the list's names -> float [k, k].
    """
    if (name := st.session_state[choice]) in kernels:
        st.session_state[texts] = ops.write_kernel(kernels[name])
        if texts == keys.CONV_TEXTS:
            st.session_state[keys.CONV_SIZE] = len(kernels[name])


def on_typed(choice: str, texts: str) -> Callable[[list[list[str]]], None]:
    """Return what keeps a grid as it is typed, and says so in the list; keys as in `on_chosen`."""

    def keep(grid: list[list[str]]) -> None:
        st.session_state[texts] = grid
        st.session_state[choice] = OWN

    return keep


def numbers(texts: Sequence[Sequence[str]]) -> np.ndarray | None:
    """Return the numbers of a kernel as it is typed, float [k, k]; None where one of them is none."""
    try:
        return ops.read_kernel(texts)
    except OperationError:
        return None
