"""What stands under the canvas of the Draw page: undo and clear, the brush, and saving.

Called by `pages.draw`.
"""

import streamlit as st

from core.ink import files
from core.records import Drawing
from ui.components import canvas
from ui.sections import link_bar
from ui.state import keys


def canvas_tools(drawing: Drawing) -> None:
    """Show the buttons, and the menus Brush and Save of this drawing."""
    with st.container(horizontal=True, gap="xsmall"):
        canvas.buttons()
        # What is in a closed popover need not be sent with each stroke.
        brush = st.popover("Brush", icon=":material/brush:", key="brush-menu", on_change="rerun")
        if brush.open:
            with brush:
                _brush_menu()
        save = st.popover(
            "Save", icon=":material/download:", key="save-menu", on_change="rerun", disabled=not drawing.strokes
        )
        if save.open:
            with save:
                _save_menu(drawing)
    canvas.notice()


def _brush_menu() -> None:
    narrow, wide, usual = canvas.BRUSHES
    st.slider("Brush width", narrow, wide, usual, key=keys.BRUSH, format="%d px", persist_state="session")
    st.caption("The network sees the same ink whatever the brush.")


def _save_menu(drawing: Drawing) -> None:
    with st.container(horizontal=True, gap="xsmall"):
        st.download_button(
            "Picture (PNG)",
            lambda: files.write_image(drawing, side=2 * canvas.SIDE),
            file_name="digit.png",
            mime="image/png",
            key="save-png",
            on_click="ignore",
        )
        st.download_button(
            "Strokes (JSON)",
            lambda: files.write_drawing(drawing),
            file_name="digit.json",
            mime="application/json",
            key="save-json",
            on_click="ignore",
        )
    st.caption("Both can be brought back under Picture.")
    link_bar.line(drawing, "draw")
