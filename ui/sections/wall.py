"""The wall: a class's drawings and what a network makes of them, to be read from six metres."""

import statistics

import streamlit as st

from core.models import registry
from core.models.classifiers import Classifier
from core.rooms import address, reading, results, tasks
from core.storage import room_drawings, room_events, room_tasks, rooms
from core.storage.room_records import Room, RoomDrawing
from core.storage.store import Store
from core.words import counted, fraction, percent
from ui.components import live, room_watch
from ui.components.class_map import class_map
from ui.components.full_screen import full_screen
from ui.components.guess import guess
from ui.components.replay import replay
from ui.components.wall import SHOWN, tapped, wall
from ui.content.glossary import marked_html
from ui.sections import class_room, wall_learning
from ui.state import keys, navigation, visitor, worker
from ui.widgets import heading, thumbnails

AS_THEY_COME, MAP, REPLAY = VIEWS = "As they come", "Star map", "Replay"
# What the frames and numbers of the drawings say.
KEY = (
    '<p class="dl-wall-key">The number in a corner is what the network reads: '
    '<i class="right"></i>as asked for, <i class="wrong"></i>not. ? where it abstains.</p>'
)
CALM = 0.4  # seconds between two runs of it
SAFETY = 5.0  # seconds after which it looks by itself, should a browser not be able to wait for changes


def page() -> None:
    """The page Wall: of the class of the address, or of the one that was looked at last."""
    store = visitor.store()
    mine = rooms.mine(store)
    code = st.query_params.get("code", "")
    number = st.session_state.get(keys.ROOM)
    chosen = next((room for room in mine if code == room.code or (not code and room.id == number)), None)
    if chosen is None and not code and mine:
        chosen = mine[0]
    if chosen is None:
        heading.heading("The wall of a class", "It is shown by the teacher of a class.")
        st.info("Only the teacher of a class can show its wall. Start one on Class, or join one as a pupil.")
        if st.button("Go to Class", key="to-class", icon=":material/groups:"):
            navigation.open_page("class")
        return
    st.session_state[keys.ROOM], st.query_params["code"] = chosen.id, chosen.code
    is_map = st.session_state.get(keys.WALL_VIEW) == MAP
    st.fragment(_wall, run_every=SAFETY)(chosen.id, is_map)
    if is_map:
        live.hand_over(_placed_by())


def _placed_by() -> Classifier:
    """The network on whose map the drawings lie: the one that comes with the app."""
    found = registry.classifier(registry.SHIPPED, visitor.name())
    assert found is not None
    return found


@worker.spoken
def _wall(room_id: int, has_network: bool) -> None:
    if st.session_state.get(keys.WALL_VIEW) == MAP and not has_network:
        st.rerun()  # the network is sent outside of this fragment, once
    store = visitor.store()
    room = worker.there(rooms.look, store, room_id)
    drawn = room_drawings.images_of_class(store, room.id)
    classifier = reading.classifier(room)
    found = results.results(classifier, drawn, room.network)
    with st.container(key="wall-page"):
        _top(store, room, drawn)
        view = _controls(store, room)
        left, right = st.columns([2.2, 1], gap="large")
        with left:
            if room.going and room.going.kind == "guess" and room.going.settings.get("question"):
                guess(room.going.settings, shows=True)
            _predicted(store, room, drawn)
            wall_learning.learns(store, room, drawn)
            _drawings(room, drawn, classifier, view)
        with right:
            _accuracy(classifier, found, room.hidden)
            _counts(found)
            if not room.hidden:
                _misread(found)
                if drawn and view != MAP:  # the map has its own words
                    st.html(KEY)
                matrix = st.expander(
                    "Confusion matrix", icon=":material/grid_on:", key="wall-matrix", on_change="rerun"
                )
                if matrix.open:
                    matrix.html(marked_html(_matrix(found)))
    room_watch.watch(room.code, room.changes, calm=CALM)


def _top(store: Store, room: Room, drawn: list[RoomDrawing]) -> None:
    """The code for latecomers, how many have joined, and what all phones do."""
    here = rooms.count_here(store, room.id)
    what = tasks.KINDS[room.going.kind].name if room.going else "Draw digits"
    own = class_room.addresses()
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="wall-top"):
        qr = address.qr(address.join(own, room.code))
        st.html(
            f'<div class="dl-qr dl-qr-small"><img alt="QR picture to join" src="{qr}"></div>', width="content"
        )
        where = f"<b>{room.code}</b><span>{address.base(own)}/join</span>"
        st.html(f'<div class="dl-wall-code">{where}</div>', width="content")
        st.html(f'<h1 class="dl-wall-task">{what}</h1>')
        with st.container(key="wall-count", width="content"):
            noun = "drawing" if len(drawn) == 1 else "drawings"
            by = f"<span>by {counted(here, 'pupil')}</span>"
            st.html(f'<p class="dl-wall-number"><b>{len(drawn):,}</b> {noun} {by}</p>')


def _controls(store: Store, room: Room) -> str:
    """What is done to all phones, and what the wall shows, which is returned."""
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", key="wall-controls"):
        view = st.segmented_control(
            "What the wall shows", VIEWS, key=keys.WALL_VIEW, default=VIEWS[0], required=True,
            label_visibility="collapsed", width="content",
        )  # fmt: skip
        class_room.flags(room)
        full_screen()
        class_room.undo(store, room)
    return view or AS_THEY_COME


def _drawings(room: Room, drawn: list[RoomDrawing], classifier: Classifier, view: str) -> None:
    _picked(room, drawn)
    if room.hidden and drawn:
        st.html('<p class="dl-wall-said">Hidden until your teacher reveals them.</p>')
    if view == MAP and not room.hidden:
        class_map(_placed_by(), drawn, _read(room, drawn, classifier), lambda: _pick(keys.CLASS_MAP))
        st.caption(
            "Small points: MNIST's test digits, where the first network sees them; those alike lie together. "
            "Large ones: this class's drawings, ringed where they are misread. The star: the latest."
        )
    elif view == REPLAY and not room.hidden:
        replay(drawn, _read(room, drawn, classifier))
    else:
        wall(drawn, _read(room, drawn[-SHOWN:], classifier), room.hidden, lambda: _pick(keys.WALL))
    if not drawn:
        st.html('<p class="dl-wall-empty">The first drawing appears here.</p>')


def _predicted(store: Store, room: Room, drawn: list[RoomDrawing]) -> None:
    """What was predicted so far, and what came out of it, without names."""
    if not room.task or room.task.kind != "predict":
        return
    said = [reply.value for reply in room_tasks.all_replies(store, room.id, room.task.id)]
    words = f"{tasks.does(room.task)} Say it on your phone." if room.going else ""
    if said:
        middle = f"{min(said):g}% to {max(said):g}%, half of them over {statistics.median(said):g}%"
        words = f"{counted(len(said), 'prediction')}: {middle}."
        if (reached := wall_learning.reached(store, room, drawn)) is not None:
            nearest = min(said, key=lambda one: abs(one - 100 * reached))
            words = f"It reads <b>{100 * reached:.1f}%</b>; the nearest of {len(said)} said {nearest:g}%."
    if words:
        st.html(f'<p class="dl-wall-said">{words}</p>')


def _read(room: Room, shown: list[RoomDrawing], classifier: Classifier) -> dict[int, int | None]:
    """{number of a drawing: the digit, None where the network abstains}; nothing while they are hidden."""
    if not shown or room.hidden:
        return {}
    said = results.read(classifier, shown, room.network)
    return {one.id: int(digit) if digit >= 0 else None for one, digit in zip(shown, said, strict=True)}


def _pick(component: str) -> None:
    st.session_state[keys.WALL_PICKED] = tapped(component)


def _picked(room: Room, drawn: list[RoomDrawing]) -> None:
    """What can be done with the drawing that was tapped."""
    number = st.session_state.get(keys.WALL_PICKED)
    one = next((drawing for drawing in drawn if drawing.id == number), None)
    if one is None:
        return
    with st.container(
        horizontal=True, gap="xsmall", key="wall-picked", border=True, vertical_alignment="center"
    ):
        if not room.hidden:
            st.html(thumbnails.strip([one.pixels / 255], columns=1), width=64)
        st.markdown("**This drawing**", width="content")
        st.button(
            "Take it out",
            key="take-drawing",
            icon=":material/delete:",
            on_click=_remove,
            args=(room.id, one.id),
        )
        out = {"icon": ":material/person_remove:", "on_click": _remove_pupil, "args": (room.id, one.pupil)}
        st.button("Take out its pupil", key="take-pupil", **out)  # type: ignore[arg-type]
        st.button("Leave it", key="leave-drawing", icon=":material/close:", on_click=_leave)


@worker.spoken
def _remove(room_id: int, drawing: int) -> None:
    room_events.remove_drawing(visitor.store(), room_id, drawing)
    _leave()


@worker.spoken
def _remove_pupil(room_id: int, pupil: int) -> None:
    room_events.remove_pupil(visitor.store(), room_id, pupil)
    _leave()


def _leave() -> None:
    st.session_state[keys.WALL_PICKED] = None


def _accuracy(classifier: Classifier, found: results.Results, hidden: bool) -> None:
    mnist = percent(classifier.network.about.get("test_accuracy"))
    of = int(found.counts.sum())
    ours = "–" if found.accuracy is None else "?" if hidden else fraction(round(found.accuracy * of), of)
    with st.container(key="wall-accuracy"):
        st.html(
            f'<div class="dl-wall-accuracy"><div><b>{ours}</b><span>read rightly: this class</span></div>'
            f"<div><b>{mnist}</b><span>MNIST's test digits</span></div></div>"
        )


def _counts(found: results.Results) -> None:
    most = max(1, int(found.counts.max()))
    rows = "".join(
        f'<div class="dl-wall-row"><b>{digit}</b><i style="width:{100 * count / most:.0f}%"></i>'
        f"<span>{count}</span></div>"
        for digit, count in enumerate(found.counts.tolist())
    )
    st.html(f'<div class="dl-wall-rows" data-part="counts">{rows}</div>')


def _misread(found: results.Results) -> None:
    if found.misread:
        lines = "".join(f"<li>{sentence}.</li>" for sentence in found.misread)
        st.html(f'<ul class="dl-wall-misread">{lines}</ul>')


def _matrix(found: results.Results) -> str:
    most = max(1, int(found.confusion.max()))
    head = "".join(f"<th>{digit}</th>" for digit in range(10))
    rows = ""
    for digit, row in enumerate(found.confusion.tolist()):
        cells = "".join(
            f'<td class="{"dl-right" if read == digit else "dl-false" if count else ""}" '
            f'style="--s:{count / most:.2f}">{count or ""}</td>'
            for read, count in enumerate(row)
        )
        rows += f"<tr><th>{digit}</th>{cells}</tr>"
    caption = "<caption>The confusion matrix. Rows: what was asked for. Columns: what was read.</caption>"
    return f'<table class="dl-confusion">{caption}<tr><th></th>{head}</tr>{rows}</table>'
