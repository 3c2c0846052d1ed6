"""What a phone shows while it is in a class."""

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from core.ink import files
from core.models.classifiers import Classifier
from core.records import DigitImage, Drawing, Prediction
from core.rooms import reading, tasks
from core.storage import room_drawings, rooms
from core.storage.database import StoreError
from core.storage.room_records import UNLABELLED, Pupil, Room
from core.words import counted, with_article
from ui import say
from ui.components import answer_bars, canvas, join_queue, live, room_watch
from ui.sections import join_reply
from ui.state import keys, visitor, worker

AT_ONCE = 20  # drawings of what the browser had kept: as many as it sends, whatever another program does
TAKEN = 40  # ids of what the browser had kept, that it is told


def phone(room: Room, pupil: Pupil) -> None:
    """The page of a pupil. Call it once."""
    classifier = reading.classifier(room)
    live.begin([classifier])
    _page(room.id, room.code, pupil)
    canvas.helpers()
    live.send([classifier], _bring_back)


@st.fragment
@worker.spoken
def _page(room_id: int, code: str, pupil: Pupil) -> None:
    with room_watch.comes_back(code):
        _show(room_id, pupil)


def _show(room_id: int, pupil: Pupil) -> None:
    is_due = st.session_state.get(keys.JOIN_ASKED, (None,))[0] is None  # the next digit
    room, own, in_class = worker.there(room_drawings.at_a_glance, visitor.store(), room_id, counts_class=is_due)
    task = room.going
    paused = room.paused or (task is not None and task.status == "paused")
    draws = task is None or tasks.KINDS[task.kind].draws
    with st.container(key="join"):
        _who(pupil, sum(own.values()), room.id if draws else None)
        asked = _asked(room, own, in_class)
        # Above the canvas nothing may come or go but inside of what stands: put up anew, it has lost its ink.
        with st.container(key="join-paused"):
            if paused:
                st.info("Your teacher has paused all phones: look up, please. What you have drawn stays.")
        if draws:
            _draw(room, asked)
        else:
            join_reply.reply(room, pupil)
        join_queue.queue(
            room.code,
            st.session_state.get(keys.JOIN_TURN, 0),
            task.id if task else 0,
            asked,
            _words(asked),
            st.session_state.get(keys.JOIN_SAID, [])[-TAKEN:],
            draws,
            st.session_state.get(keys.JOIN_FULL, {}).get(room_id, ""),
            lambda: _late(room_id),
        )
    room_watch.watch(room.code, room.orders, orders_only=True)


def _who(pupil: Pupil, count: int, room_id: int | None) -> None:
    """Who this is, and how much they have sent. room_id: where the last of it can be taken back now."""
    with st.container(key="join-who", horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.html(
            f'<div class="dl-pupil"><b style="background:{pupil.colour}">{pupil.name}</b>'
            f"<span>{counted(count, 'drawing')} so far</span></div>"
        )
        if room_id is not None:
            st.button("Take back", key="join-back", type="tertiary", icon=":material/undo:", on_click=_back,
                      args=(room_id,), help="The last that you have sent")  # fmt: skip


def _asked(room: Room, own: Mapping[int, int], in_class: Mapping[int, int]) -> int:
    """The digit that this phone is asked for, which stays until it is drawn.

    own, in_class: as in `tasks.asked`; the latter may be empty.
    """
    state, task = st.session_state, room.going
    key = _key(room)
    if state.get(keys.JOIN_ASKED, (None, 0))[0] != key:
        last = state.get(keys.JOIN_ASKED, (None, None))[1]
        in_class = in_class or room_drawings.counts(visitor.store(), room.id)[0]  # of another task
        digit = tasks.asked(task, in_class, own, last)
        canvas.heed()
        if digit not in (last, UNLABELLED) and canvas.last_drawing().strokes:
            canvas.clear()  # drawn for something else, or on another page: one undo brings it back
        _ask(key, digit)
    return state[keys.JOIN_ASKED][1]


def _ask(key: tuple[int, int], digit: int) -> None:
    """Ask for this digit, in large words and on the empty canvas. key: of the class and of its task."""
    st.session_state[keys.JOIN_ASKED] = key, digit
    ghost = "draw anything" if digit == UNLABELLED else f"draw {with_article(str(digit))}"
    st.session_state[keys.CANVAS_GHOST] = ghost


def _key(room: Room) -> tuple[int, int]:
    """What tells one thing that a class is asked for from another: its class and its task, 0 without one."""
    return room.id, room.going.id if room.going else 0


def _words(asked: int) -> str:
    return "Draw whatever you like" if asked == UNLABELLED else f"Now {with_article(str(asked))}"


def _draw(room: Room, asked: int) -> None:
    st.html(f'<h1 class="dl-asked-for">{_words(asked)}</h1>')
    with st.container(key="join-does"):
        if room.going and room.going.kind == "fool":  # other words would say the same twice
            st.caption(tasks.does(room.going))
    _canvas_and_bars(room)
    # Buttons in a container of this key wait until the server knows the last stroke: canvas/helpers.js.
    with st.container(key="teach-clears", horizontal=True, gap="xsmall"):
        st.button(
            "next", key="next", type="primary", icon=":material/arrow_forward:", on_click=_send, args=(room,)
        )
        canvas.buttons(always=True)
    if problem := st.session_state.pop(keys.LABEL_PROBLEM, ""):
        say.error(problem)
    if room.going and room.going.kind == "fool":
        join_reply.judge(room)


@st.fragment
@worker.spoken
def _canvas_and_bars(room: Room) -> None:
    """What a stroke changes, and nothing else: each of thirty phones sends every one of its strokes.

    The bars stand below the buttons, and below what is to be judged, by their style (rooms.css).
    """
    canvas.drawing_canvas()
    image, classifier = canvas.last_image(), reading.classifier(room)
    answer_bars.answer(
        [classifier],
        [_predicted(classifier, image) if image else None],
        "The network reads while you draw.",
        on_canvas=True,
    )


def _send(room: Room) -> None:
    """Store what is on the canvas, and ask for the next. room: as it was when this was asked for."""
    canvas.heed()
    state = st.session_state
    state[keys.JOIN_TURN] = state.get(keys.JOIN_TURN, 0) + 1
    try:
        if not _store(room, state[keys.JOIN_ASKED][1], canvas.last_drawing(), canvas.last_image()):
            state[keys.LABEL_PROBLEM] = "There is nothing on the canvas yet: draw first, then tap next."
            return
    except (StoreError, files.BadInput) as error:
        state[keys.LABEL_PROBLEM] = str(error)
        return
    state[keys.JOIN_ASKED] = None, state[keys.JOIN_ASKED][1]
    canvas.clear(for_the_next=True)


def _store(room: Room, label: int, drawing: Drawing, image: DigitImage | None) -> bool:
    """Store a drawing with what the network says of it. False where there is no ink."""
    if image is None:
        return False
    prediction = _predicted(reading.classifier(room), image)
    reading.send(visitor.store(), room, label, drawing, image, prediction)
    return True


def _predicted(classifier: Classifier, image: DigitImage) -> Prediction:
    """What the network says of an image, asked once: it is shown, and then stored."""
    of, by, prediction = st.session_state.get(keys.JOIN_READ, (None, None, None))
    if of is not image or by is not classifier:
        prediction = classifier.predict(image)
        st.session_state[keys.JOIN_READ] = image, classifier, prediction
    return prediction


def _late(room_id: int) -> None:
    """Store what the browser had kept while the connection, or the server, was gone."""
    state = st.session_state
    said = state.setdefault(keys.JOIN_SAID, [])
    try:
        room = rooms.look(visitor.store(), room_id)
        for one in join_queue.sent()[:AT_ONCE]:
            try:
                label = int(one.get("label", UNLABELLED))
                if UNLABELLED <= label <= 9:
                    drawing = reading.thinned(files.to_drawing(one))
                    _store(_as_asked(room, one), label, drawing, files.to_digit_image(drawing))
            except files.BadInput as error:
                state[keys.LABEL_PROBLEM] = f"A drawing that this phone had kept could not be sent: {error}"
            except (TypeError, ValueError):  # nobody's drawing
                pass
            said.append(str(one.get("id"))[:40])
        del said[:-TAKEN]
    except room_drawings.Full as error:
        state.setdefault(keys.JOIN_FULL, {})[room_id] = str(error)
    except StoreError:
        return  # the browser sends the rest again


def _as_asked(room: Room, sent: Mapping[str, Any]) -> Room:
    """The room with the task that this was drawn for; without one where that is over: it counts in no other."""
    return room if room.going and room.going.id == sent.get("task") else replace(room, task=None)


def _back(room_id: int) -> None:
    """Take back what was sent last, and put it onto the canvas again where the same task asks for it still."""
    try:
        last = room_drawings.take_back(visitor.store(), room_id)
        room = rooms.look(visitor.store(), room_id)
    except StoreError as error:
        st.session_state[keys.LABEL_PROBLEM] = str(error)
        return
    if last is None:
        st.session_state[keys.LABEL_PROBLEM] = "You have sent nothing yet that could be taken back."
        return
    if last.task != (room.going.id if room.going else None):
        st.session_state[keys.LABEL_PROBLEM] = "That is taken back: it was drawn for what was asked before."
        return
    with contextlib.suppress(files.BadInput):
        canvas.put(files.read_drawing(last.strokes.encode()))
    _ask(_key(room), last.label)


def _bring_back(content: object) -> None:
    """Put what was drawn before a reload onto the canvas again, and ask for what it was drawn for.

    content: what the browser has kept, as `canvas.bring_back` takes it; "asked" is what `keys.JOIN_ASKED` was.
    What was drawn for another task, or on another page, one undo brings back: it would be labelled wrongly.
    """
    if not canvas.bring_back(content):
        return
    key, digit = st.session_state.get(keys.JOIN_ASKED, (None, UNLABELLED))
    match content:
        case {"asked": [[*before], int(asked)]} if tuple(before) == key and _fit(asked, digit):
            _ask(key, asked)
        case _:
            canvas.clear()


def _fit(*digits: int) -> bool:
    """May each of these be asked for by the same task?"""
    return all(digit == UNLABELLED for digit in digits) or all(digit in tasks.DIGITS for digit in digits)
