"""Starting a class, and the one that is taught: how phones come in, and what may be done to all of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import streamlit as st

from core.rooms import address, simulation
from core.storage import room_events, rooms
from core.storage.database import NotYours
from core.storage.room_records import Room
from core.storage.store import Store, StoreError
from core.words import counted
from ui import say, server
from ui.components import room_watch, teacher_key
from ui.sections import class_after, class_learn, class_tasks, join_code
from ui.state import keys, navigation, visitor, worker
from ui.widgets import clock, heading


def page() -> None:
    """The page Class: what a visitor teaches, or how to start a class."""
    store = visitor.store()
    _claim(store)
    if st.session_state.pop(keys.ROOM_GONE, False):
        st.success("The class is deleted, with all that was in it.")
    mine = rooms.mine(store)
    chosen = next(
        (room for room in mine if room.id == st.session_state.get(keys.ROOM)), mine[0] if mine else None
    )
    if chosen is None:
        _begin()
    else:
        st.session_state[keys.ROOM] = chosen.id
        _room(chosen.id, chosen.code)


def _claim(store: Store) -> None:
    """Take the rights of a secret link, and the secret out of the address."""
    teacher_key.listen(lambda code, key: _take_rights(store, code, key))
    code, key = st.query_params.get("code", ""), st.query_params.get("key", "")
    if key:  # links that were printed before
        st.query_params.clear()
        _take_rights(store, code, key)
    if refused := st.session_state.pop(keys.ROOM_REFUSED, ""):
        say.error(refused)


def _take_rights(store: Store, code: str, key: str) -> None:
    try:
        st.session_state[keys.ROOM] = rooms.claim(store, code, key).id
    except NotYours:
        refused = "This teacher's link is not valid: the class is over, or the link was renewed."
        st.session_state[keys.ROOM_REFUSED] = refused
    except StoreError as error:  # the address has forgotten the key by now
        st.session_state[keys.ROOM_REFUSED] = f"{error} Then open the teacher's link once more."


def _begin() -> None:
    heading.heading(
        "A class of thirty", "Phones join by a code, draw, and the wall shows what the network makes of it."
    )
    left, right = st.columns(2, gap="large")
    with left:
        st.header("You teach")
        st.markdown(
            "Start a class, and put its wall on the projector. Nobody needs an account or types a name; "
            "everything stays on this computer, and is deleted after a day unless you keep it."
        )
        st.button("Start a class", key="start-class", type="primary", icon=":material/groups:", on_click=start)
        class_after.sheet()
    with right:
        st.header("You take part")
        join_code.code_field("Code of the class")


CALM = 3.0  # seconds between two looks at what the phones have done: the wall is quicker


@worker.spoken
def start() -> None:
    """Start a class of this visitor's, and keep its key for the teacher's link in the session."""
    room, secret = rooms.start(visitor.store())
    st.session_state[keys.ROOM] = room.id
    st.session_state.setdefault(keys.ROOM_SECRETS, {})[room.id] = secret


@st.fragment
@worker.spoken
def _room(room_id: int, code: str) -> None:
    if st.session_state.get(keys.ROOM) != room_id:
        st.rerun()  # another was started or chosen here, and a fragment runs again with what it was given
    with room_watch.comes_back(code):
        _show(room_id)


def _show(room_id: int) -> None:
    store = visitor.store()
    room = worker.there(rooms.look, store, room_id)
    heading.heading(
        f"Class {room.code}", "Put the wall on the projector, then give the phones something to do."
    )
    left, right = st.columns([1, 1.3], gap="large")
    with left:
        _door(room)
        _controls(room)
        _pupils(store, room)
    with right:
        class_tasks.tasks_panel(store, room)
        class_learn.learn(store, room)
        class_after.after(store, room)
    _others(store, room)
    room_watch.watch(room.code, room.changes, calm=CALM)


def _door(room: Room) -> None:
    """How phones come in."""
    own = addresses()
    with st.container(key="class-door", border=True):
        code_column, words = st.columns([1, 1.4])
        code_column.html(f'<div class="dl-qr"><img alt="QR picture of the address" src="{_qr(room)}"></div>')
        with words:
            st.html(f'<div class="dl-code">{room.code}</div>')
            st.markdown(f"Open `{address.base(own)}/join` and type the code, or scan the picture.")
            if st.button("Open the wall", key="open-wall", type="primary", icon=":material/cast:"):
                navigation.open_wall(room.code)
        if not address.is_reachable(own):
            say.info(
                "This app listens to this computer alone, so no phone can reach it: stop it, and start it with "
                "'make class'."
            )
        with st.expander("Phones cannot reach it?", icon=":material/wifi_off:"):
            st.markdown(
                f"Check first: open `{address.base(own)}` on one phone. Where that does not load, phone and "
                "computer are in different networks (a guest network keeps its devices apart: use another, or "
                f"a phone as a hotspot), or a firewall stops it (allow Python or the port). {_elsewhere(own)}"
            )
        with st.expander("Teach from another device", icon=":material/key:"):
            _link(room)


def _elsewhere(own: list[str]) -> str:
    """What else may be tried on a phone."""
    if address.is_said():
        return f"That address is what `{address.ADDRESS}` says: whoever runs the proxy or tunnel can check it."
    others = ", ".join(f"`{one}`" for one in address.others(own))
    tries = f"Other addresses of this computer: {others}. " if others else ""
    return f"{tries}Behind a proxy or a tunnel set `{address.ADDRESS}`."


def addresses() -> list[str]:
    """Return where phones may find this server, the first for them: as the teacher's own browser has found it.

    Behind a proxy, under a path or a name of its own, that is the only one that is right.
    """
    opened = address.as_opened(st.context.url or "")
    return [opened, *(one for one in _own() if one != opened)] if opened else _own()


@st.cache_data(ttl=30, show_spinner=False)
def _own() -> list[str]:
    """This server's addresses; asked of the system now and then."""
    return server.addresses()


def _qr(room: Room) -> str:
    return address.qr(address.join(addresses(), room.code))


def _link(room: Room) -> None:
    secret = st.session_state.get(keys.ROOM_SECRETS, {}).get(room.id)
    st.markdown(
        "Who opens this link can do all that you can. Print it, or open it on a tablet; do not project it."
    )
    if secret:
        link = address.teach(addresses(), room.code, secret)
        st.html(
            f'<div class="dl-qr dl-qr-small"><img alt="QR picture of this link" src="{address.qr(link)}"></div>'
        )
        st.code(link, language=None, wrap_lines=True)
        st.caption("Once opened, the key leaves the address: the browser's cookie says who teaches.")
    args = (room.id,)
    st.button(
        "Show a new link", key=keys.ROOM_NEW_LINK, icon=":material/autorenew:", on_click=_renew, args=args
    )
    st.caption("A new link takes the place of the one before, which opens nothing any more.")
    st.button(
        "Only this device teaches", key="room-only-me", icon=":material/shield_person:", on_click=_renew,
        args=(room.id, rooms.only_me), help="Who has opened a link before loses all rights",
    )  # fmt: skip


@worker.spoken
def _renew(room_id: int, does: Callable[[Store, int], str] = rooms.renew) -> None:
    secret = does(visitor.store(), room_id)
    st.session_state.setdefault(keys.ROOM_SECRETS, {})[room_id] = secret


@dataclass(frozen=True)
class Flag:
    """What a button says that sets it, and one that takes it back: (label, icon) each. words: what it does."""

    sets: tuple[str, str]
    takes_back: tuple[str, str]
    words: str


FLAGS = {
    "locked": Flag(("Lock joining", "lock"), ("Open joining", "lock_open"), "Nobody new can join"),
    "paused": Flag(
        ("Pause all phones", "pause"), ("Resume all phones", "play_arrow"), "Eyes up: no phone can send"
    ),
    "hidden": Flag(
        ("Hide the drawings", "visibility_off"),
        ("Reveal the drawings", "visibility"),
        "The wall shows counts alone until you reveal",
    ),
}


def flags(room: Room, width: Literal["content", "stretch"] = "content") -> None:
    """A button for each flag of a room; one that is set stands out, and takes it back."""
    for name, flag in FLAGS.items():
        is_on = getattr(room, name)
        label, icon = flag.takes_back if is_on else flag.sets
        kind: Literal["primary", "secondary"] = "primary" if is_on else "secondary"
        st.button(
            label, key=f"flag-{name}", on_click=set_flags, args=(room.id, {name: not is_on}), type=kind,
            icon=f":material/{icon}:", help=flag.words, width=width,
        )  # fmt: skip


def _controls(room: Room) -> None:
    with st.container(key="class-flags"):
        flags(room, "stretch")


@worker.spoken
def set_flags(room_id: int, flags: dict) -> None:
    rooms.set_flags(visitor.store(), room_id, **flags)


def _pupils(store: Store, room: Room) -> None:
    everybody = rooms.class_of(store, room.id)
    here = [pupil for pupil in everybody if not pupil.removed]
    st.markdown(f"**{counted(len(here), 'pupil')}**")
    with st.expander("Try it alone", icon=":material/smart_toy:", expanded=not here):
        _try_alone(room)
    if not here:
        return
    with st.expander("Who is here", icon=":material/group:"), st.container(key="class-pupils"):
        for pupil in here:
            args = (room.id, pupil.id)
            st.button(pupil.name, width="stretch", key=f"out-pupil-{pupil.id}", icon=":material/close:",
                      on_click=_remove, args=args, help="Take this pupil and their drawings out")  # fmt: skip
    undo(store, room)


def undo(store: Store, room: Room) -> None:
    """Offer back what was removed last."""
    if event := room_events.last_event(store, room.id):
        what = "pupil" if event.kind == "pupil" else "drawing"
        args = (room.id, event.id)
        st.button(f"Bring the {what} back", key="room-undo", icon=":material/undo:", on_click=_undo, args=args)


@worker.spoken
def _remove(room_id: int, pupil: int) -> None:
    room_events.remove_pupil(visitor.store(), room_id, pupil)


@worker.spoken
def _undo(room_id: int, event: int) -> None:
    room_events.undo(visitor.store(), room_id, event)


def _try_alone(room: Room) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", key="try-alone"):
        count = st.slider(
            "Pupils that this computer draws for", simulation.FEWEST, simulation.MOST, 12, key=keys.ROOM_PUPILS
        )
        st.button("Try it alone", key="simulate", icon=":material/smart_toy:", on_click=_simulate,
                  args=(room.id, count))  # fmt: skip


@worker.spoken
def _simulate(room_id: int, count: int) -> None:
    store = visitor.store()
    simulation.begin(store, rooms.look(store, room_id), count)


def _others(store: Store, room: Room) -> None:
    """The rooms of before that were kept."""
    others = [one for one in rooms.mine(store) if one.id != room.id]
    with st.container(horizontal=True, gap="xsmall", key="class-others"):
        for one in others:
            label = f"Class {one.code}, {clock.at_viewers(one.created):%d %b}"
            st.button(label, key=f"room-{one.id}", icon=":material/history:", on_click=_choose, args=(one.id,))
        st.button("Start another class", key="start-class", icon=":material/add:", on_click=start)


def _choose(room_id: int) -> None:
    st.session_state[keys.ROOM] = room_id
