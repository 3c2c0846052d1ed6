"""On the Train page: the network that somebody was asked to build, and what it has so far."""

import streamlit as st

from ui.content.build_tasks import TASKS, ticked
from ui.state import keys, train_config


def checklist() -> None:
    """Show what is asked for, ticked as far as it is there; nothing where nothing is asked."""
    task = TASKS.get(st.session_state.get(keys.BUILD_TASK, ""))
    if task is None:
        return
    done = ticked(task, train_config.current().layers)
    with st.container(border=True, key="build-task", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**Build: {task.title}**", width="stretch")
            if st.button("Leave it", key="leave-task", icon=":material/close:", type="tertiary"):
                del st.session_state[keys.BUILD_TASK]
                st.rerun()
        st.caption(task.intro)
        for is_there, requirement in zip(done, task.requirements, strict=True):
            sign = ":green[:material/check_circle:]" if is_there else ":material/radio_button_unchecked:"
            st.markdown(f"{sign} {requirement.text}")
        st.caption(
            "All there: press Train."
            if all(done)
            else f"{sum(done)} of {len(done)}. Add layers under 'Layers', each goes before the last one."
        )
