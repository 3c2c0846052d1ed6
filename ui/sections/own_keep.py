"""What is to be kept next for classes of one's own, and a button for each class: of drawings and of images."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from core.data.own_classes import MAX_OF_EACH, PROMPTED, OwnClasses
from ui import plain


def prompt(own: OwnClasses, things: str, when_all: str) -> None:
    """Say which class is next. things: 'drawings' or 'images'; when_all: what to do when each has enough."""
    asked, least = own.next, min(own.counts)
    if asked is None:
        st.markdown(f"**Full:** there are {MAX_OF_EACH} {things} of each.")
        return
    name = plain.markdown(own.classes[asked])
    if least >= PROMPTED:
        st.markdown(f"There are {least} of each: {when_all}. **Next: {name}**")
    else:
        st.markdown(f"**Next: {name}** ({least + 1} of {PROMPTED})")


def buttons(own: OwnClasses, keep: Callable[..., None], *given: Any, ready: bool, waits: bool = False) -> None:
    """Call keep(own, label, *given) of the class that is clicked.

    ready: is there something to keep? waits: can nothing be clicked before there is?
    """
    with st.container(horizontal=True, gap="xsmall", key="own-keep"):
        for label, name in enumerate(own.classes):
            st.button(
                plain.markdown(name),
                key=f"own-keep-{label}",
                type="primary" if label == own.next and ready else "secondary",
                disabled=own.counts[label] >= MAX_OF_EACH or (waits and not ready),
                on_click=keep,
                args=(own, label, *given),
            )
