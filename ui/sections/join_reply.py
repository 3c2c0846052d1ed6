"""What a phone replies without drawing: a vote, a guess, a prediction."""

import streamlit as st

from core.rooms import tasks
from core.storage import room_drawings, room_tasks
from core.storage.room_records import Pupil, Room, Task
from core.words import with_article
from ui import say
from ui.components.guess import guess
from ui.state import keys, visitor, worker
from ui.widgets import thumbnails

OTHERS = 3.0  # seconds between two looks at what others have drawn


def reply(room: Room, pupil: Pupil) -> None:
    """The task that runs, where there is nothing to draw in it."""
    task = room.going
    assert task is not None
    st.html(f'<h1 class="dl-asked-for">{tasks.KINDS[task.kind].name}</h1>')
    st.caption(tasks.does(task))
    mine = room_tasks.all_replies(visitor.store(), room.id, task.id)
    if task.kind == "guess":
        _guess(room, task, {one.about: one.value for one in mine})
    else:
        _predict(room, task, mine[0].value if mine else None)


def _guess(room: Room, task: Task, said: dict[int, float]) -> None:
    question = task.settings.get("question", 0)
    if not question:
        st.info("It begins in a moment.")
        return
    guess(task.settings, shows=question in said)
    if question in said:
        if int(said[question]) == task.settings["label"]:
            st.success("You know it!")
        else:
            st.info(f"You said {int(said[question])}: that is not it.")
        return
    with st.container(key="guesses"):
        for digit in range(10):
            args = (room.id, task.id, digit, question)
            st.button(
                str(digit), key=f"guess-{digit}", on_click=worker.spoken(_say), args=args, width="stretch"
            )


def _predict(room: Room, task: Task, said: float | None) -> None:
    if said is not None:
        st.success(f"You say {said:g}%. The nearest wins.")
        return
    percent = st.number_input("Percent", 0.0, 100.0, 90.0, 0.5, key=keys.JOIN_GUESS, format="%g", width=220)
    args = (room.id, task.id, percent, 0)
    st.button("That is what I say", key="predict", type="primary", on_click=worker.spoken(_say), args=args)


def judge(room: Room) -> None:
    """Another's drawing, to be judged: is it what it should be? It is looked for now and then."""
    st.fragment(_judge, run_every=OTHERS)(room)


@worker.spoken
def _judge(room: Room) -> None:
    task = room.going
    assert task is not None
    store = visitor.store()
    drawn = room_drawings.of_others(store, room.id, task.id)
    one = tasks.to_judge(drawn, room_tasks.all_replies(store, room.id, task.id))
    if one is None or task.status != "running":
        return
    with st.container(key="judge", border=True, horizontal=True, vertical_alignment="center"):
        st.html(thumbnails.strip([one.pixels / 255], columns=1), width=72)
        st.markdown(
            f"A classmate drew this. Is it {with_article(str(task.settings['draw']))}?", width="stretch"
        )
        with st.container(horizontal=True, gap="xsmall", width=132):
            for word, value in (("Yes", 1), ("No", 0)):
                args = (room.id, task.id, value, one.id)
                st.button(word, key=f"judge-{value}", on_click=worker.spoken(_say), args=args, width="stretch")


def _say(room: int, task: int, value: float, about: int) -> None:
    if not room_tasks.reply(visitor.store(), room, task, value, about=about):
        say.info("You have said something to this before; the first counts.")
