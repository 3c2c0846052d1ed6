"""Coming into a class: by the code in the address, or by typing it."""

import streamlit as st

from core.storage import room_names, rooms
from core.storage.database import NotNow
from core.storage.room_records import Pupil, Room
from core.storage.store import StoreError
from ui import say
from ui.components import room_watch
from ui.state import keys, navigation, visitor
from ui.widgets import heading

CODE = 12  # letters that the field takes


def joined() -> tuple[Room, Pupil] | None:
    """Return the room that this phone is in, and who it is there; or ask for the code, and return None."""
    code = st.query_params.get("code") or st.session_state.get(keys.JOIN_ROOM, "")
    if not code:
        _ask("")
        return None
    try:
        room, pupil = rooms.join(visitor.store(), code)
    except NotNow as error:  # the code may be right
        say.error(error)
        room_watch.watch(room_names.cleaned(code), 0, orders_only=True, calm=room_watch.AGAIN)
        return None
    except StoreError as error:
        st.session_state.pop(keys.JOIN_ROOM, None)
        st.query_params.pop("code", None)
        st.session_state[keys.JOIN_CODE] = code[:CODE]  # to be mended, or tried again
        _ask(str(error))
        return None
    st.session_state[keys.JOIN_ROOM] = room.code
    st.query_params["code"] = room.code  # so that a reload comes back here
    return room, pupil


def _ask(problem: str) -> None:
    heading.heading("Join a class", "Type the code that your teacher shows.")
    code_field(label="The code")
    if problem:
        say.error(problem)


def menu() -> None:
    """A field for the code behind a button, where a class is not what a page is about."""
    opened = st.popover("Join a class", icon=":material/groups:", key="join-menu", on_change="rerun")
    if opened.open:
        with opened:
            code_field("Code of the class")


def code_field(label: str) -> None:
    """A field for the code of a class, and its button."""
    with st.form("join-form", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        typed = st.text_input(label, key=keys.JOIN_CODE, max_chars=CODE, placeholder="K7QXM4", width=220)
        if st.form_submit_button("Join", type="primary", icon=":material/login:") and typed:
            navigation.open_class(typed)
