"""What the phones of a class do: started, paused and ended here."""

import streamlit as st

from core.rooms import guessing, reading, tasks
from core.storage import room_drawings, room_tasks, rooms
from core.storage.room_records import Room, Task
from core.storage.store import Store
from core.words import counted
from ui.state import keys, visitor, worker


def tasks_panel(store: Store, room: Room) -> None:
    """Show the teacher the tasks for the phones, their settings, and the one that is going on."""
    st.header("What the phones do")
    going = room.going
    kind = st.segmented_control(
        "Task", list(tasks.KINDS), key=keys.ROOM_TASK, default="ten", required=True,
        format_func=lambda name: tasks.KINDS[name].name, label_visibility="collapsed",
    )  # fmt: skip
    assert kind
    settings = _settings(kind)
    hide = tasks.KINDS[kind].draws and st.toggle(
        "Hide the drawings until I reveal them", value=False, key=keys.ROOM_HIDE,
        help="Meanwhile the wall shows how many there are of each digit, and no more",
    )  # fmt: skip
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        args = (room.id, kind, settings, hide)
        st.button(
            "Start", key="task-start", type="primary", icon=":material/play_arrow:", on_click=_start, args=args
        )
        if going:
            paused = going.status == "paused"
            icon = ":material/play_arrow:" if paused else ":material/pause:"
            st.button("Go on" if paused else "Pause", key="task-pause", icon=icon, on_click=_pause,
                      args=(room.id, not paused))  # fmt: skip
            st.button("End", key="task-end", icon=":material/stop:", on_click=_end, args=(room.id,))
    if going:
        st.caption(f"Now: **{tasks.KINDS[going.kind].name}**. {tasks.does(going)}")
        _progress(store, room, going)
    else:
        st.caption("Without a task the phones draw the ten digits, too.")


def _settings(kind: str) -> dict:
    if kind == "guess":
        way = st.segmented_control(
            "How it appears", list(guessing.WAYS), key=keys.ROOM_GUESS, default="strokes", required=True,
            format_func=lambda name: guessing.WAYS[name],
        )  # fmt: skip
        return {"way": way}
    if kind != "fool":
        return {}
    with st.container(horizontal=True):
        draw = st.selectbox("Draw a", list(range(10)), index=4, key=keys.ROOM_DRAW, width=120)
        others = [digit for digit in range(10) if digit != draw]
        if st.session_state.get(keys.ROOM_AS) == draw:
            del st.session_state[keys.ROOM_AS]
        taken_for = st.selectbox(
            "to be taken for a", others, index=len(others) - 1, key=keys.ROOM_AS, width=140
        )
    return {"draw": draw, "as": taken_for}


@worker.spoken
def _start(room_id: int, kind: str, settings: dict, hide: bool) -> None:
    if hide:  # before anything can be drawn
        rooms.set_flags(visitor.store(), room_id, hidden=True)
    task = room_tasks.start(visitor.store(), room_id, kind, settings)
    if kind == "guess":
        ask(room_id, task.id, 1, settings["way"])


@worker.spoken
def _pause(room_id: int, paused: bool) -> None:
    room_tasks.pause(visitor.store(), room_id, paused)


@worker.spoken
def _end(room_id: int) -> None:
    room_tasks.end(visitor.store(), room_id)


@worker.spoken
def ask(room_id: int, task: int, number: int, way: str) -> None:
    """Let another digit appear. way: of `guessing.WAYS`."""
    store = visitor.store()
    classifier = reading.classifier(rooms.look(store, room_id))
    settings = guessing.question(classifier, room_drawings.of_class(store, room_id), number, way)
    room_tasks.set_settings(store, room_id, task, settings)


def _progress(store: Store, room: Room, task: Task) -> None:
    replies = room_tasks.all_replies(store, room.id, task.id)
    names = {pupil.id: pupil.name for pupil in rooms.class_of(store, room.id)}
    if task.kind == "guess" and (number := task.settings.get("question", 0)):
        who, seconds = tasks.first_right(task, replies)
        if who is not None and seconds is not None:
            knew = task.settings["knows"]
            beaten = "" if knew is None else f"; the network {knew:.1f} s"
            st.markdown(f"First: **{names.get(who, 'somebody')}**, {seconds:.1f} s{beaten}.")
        args = (room.id, task.id, number + 1, task.settings.get("way", "strokes"))
        st.button("Next digit", key="guess-next", icon=":material/skip_next:", on_click=ask, args=args)
    elif task.kind == "predict":
        st.markdown(f"{counted(len(replies), 'prediction')} so far.")
    elif task.kind == "fool":
        drawn = [one for one in room_drawings.of_class(store, room.id) if one.task == task.id]
        board = sorted(tasks.points(task, drawn, replies).items(), key=lambda row: -row[1])[:5]
        for who, count in board:
            st.markdown(f"{names.get(who, 'somebody')}: **{counted(count, 'point')}**")
