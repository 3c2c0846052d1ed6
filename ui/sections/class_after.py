"""After the lesson: what the class drew is taken along, kept or deleted; before it, a plan and a worksheet."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

import streamlit as st

from core.io.templates import template
from core.rooms import export
from core.storage import room_drawings, rooms
from core.storage.room_records import Room, RoomDrawing
from core.storage.store import Store
from ui.state import keys, visitor, worker
from ui.widgets import clock

KEEP = {"an hour": 3600.0, "a day": rooms.DAY, "a week": 7 * rooms.DAY, "until I delete it": None}
_SHEET = template(Path(__file__).with_name("class_sheet.html.jinja"), trim=False, strip=False)
# (minutes, what happens), 45 in all.
PLAN = (
    (
        5,
        "On the board: can a machine read your handwriting? How many of ten digits? Phones join.",
    ),
    (10, "Draw the ten digits. The wall counts. Whose 7s are misread, and why might that be?"),
    (7, "Predict: how many percent will it read after it has learnt from you? Then Learn from us."),
    (6, "Before and after, on the class and on MNIST. Why is one part held out? What did it forget?"),
    (8, "Fool the network: draw a 4 that people read, and it takes for a 9. Vote. What does it look at?"),
    (4, "Guess: who knows a growing digit first, you or the network?"),
    (
        5,
        "Close the phones. Three sentences: what did it learn from, what can it not know, does it matter?",
    ),
)
QUESTIONS = (
    "How many of our ten digits will it read rightly? My guess:",
    "Which digits of ours are misread most often, and as what? Why?",
    "After it has learnt from us, it reads of our held-out digits (percent):",
    "Why must it never learn from the digits on which it is measured?",
    "What did I change to fool it? What would a person still see?",
    "Whose handwriting was in the data that it learnt from first? Whose was not?",
)


def sheet() -> None:
    """Show the button that saves the teacher's plan and the worksheet, an HTML page made on the click."""
    st.download_button(
        "Plan for 45 minutes and worksheet", lambda: _SHEET.render(plan=PLAN, questions=QUESTIONS),
        file_name="a-class-of-thirty.html", mime="text/html", icon=":material/print:", key="class-sheet",
        on_click="ignore",
    )  # fmt: skip


def after(store: Store, room: Room) -> None:
    """Show the teacher what can be done with a room's drawings after the lesson, and how to end it."""
    st.header("Afterwards")
    with st.container(horizontal=True, gap="xsmall", key="class-export"):
        for label, kind, write in (
            ("JSON", "json", export.as_json),
            ("Pictures (zip)", "zip", export.as_zip),
            ("CSV", "csv", export.as_csv),
        ):
            st.download_button(
                label, partial(_file, write, store, room.id),
                file_name=f"class-{room.code}-{datetime.now():%Y-%m-%d}.{kind}", icon=":material/download:",
                key=f"class-{kind}", on_click="ignore",
            )  # fmt: skip
        sheet()
    st.caption(
        "Without names, and without saying which digits are one pupil's. My digits takes JSON and zip back."
    )
    expires = None if room.expires is None else clock.at_viewers(room.expires)
    until = "it is kept" if expires is None else f"it is deleted on {expires:%d %b, %H:%M}"
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
        for_ = st.selectbox(f"Keep this class ({until})", list(KEEP), index=1, key=keys.ROOM_KEEP, width=340)
        st.button("Keep it so long", key="keep-class", icon=":material/schedule:", on_click=_keep,
                  args=(room.id, KEEP[for_]))  # fmt: skip
        gone = st.popover("Delete everything now", icon=":material/delete_forever:", key="delete-menu")
        with gone:
            st.markdown(
                "All drawings, names and answers of this class are gone for good. Networks that learnt from it "
                "stay under Runs, for you alone, until you delete them there."
            )
            st.button(
                "Yes, delete it all", key="delete-class", type="primary", on_click=_delete, args=(room.id,)
            )


def _file(write: Callable[[list[RoomDrawing]], bytes], store: Store, room_id: int) -> bytes:
    return write(room_drawings.of_class(store, room_id))


@worker.spoken
def _keep(room_id: int, seconds: float | None) -> None:
    rooms.keep(visitor.store(), room_id, seconds)


@worker.spoken
def _delete(room_id: int) -> None:
    rooms.delete(visitor.store(), room_id)
    st.session_state.pop(keys.ROOM, None)
    st.session_state[keys.ROOM_GONE] = True
