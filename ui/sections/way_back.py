"""A row at the top of a page to which a lesson has led: back to where one was."""

import streamlit as st

from ui.state import keys, navigation


def bar(here: str) -> None:
    """Show the row, if a lesson has led here or farther. here: the name of the shown page's file."""
    back: navigation.WayBack | None = st.session_state.get(keys.WAY_BACK)
    if back is None:
        return
    if here == back.page:
        del st.session_state[keys.WAY_BACK]
        return
    with st.container(horizontal=True, vertical_alignment="center", key="way-back-row", gap="small"):
        if st.button(f"Back to {back.words}", key="way-back-go", icon=":material/arrow_back:"):
            navigation.go_back(back)
        if st.button("Leave the lesson", key="way-back-leave", icon=":material/close:", type="tertiary"):
            del st.session_state[keys.WAY_BACK]
            st.rerun()
