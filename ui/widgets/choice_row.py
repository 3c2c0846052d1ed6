"""A row of buttons of which one is chosen."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from ui.content.glossary import notes_in


def choice_row(label: str, options: Sequence[Any], key: str, first: Any = None) -> Any:
    """Show a button for each option; return what is chosen. first: at first, else options[0]."""
    return st.segmented_control(
        label,
        options,
        key=key,
        default=options[0] if first is None else first,
        required=True,
        format_func=str,
        persist_state="session",
        help=notes_in(label, *map(str, options)),
    )
