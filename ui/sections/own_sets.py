"""The sets of own classes: which one is shown, a new one, from examples or from a file."""

import streamlit as st

from core.data import own_classes
from core.data.own_classes import CLASSES, EXAMPLES, OwnClasses
from core.ink.files import BadInput
from core.storage import own_classes as stored
from core.storage.store import StoreError
from ui import plain, say
from ui.components import canvas
from ui.sections import own_answer
from ui.state import keys, subject, visitor


def chooser(every: list[OwnClasses], *, of_images: bool) -> OwnClasses | None:
    """Let the visitor choose one of their sets, or make one; return it. of_images: of those of images."""
    known = [own for own in every if own.of_images == of_images]
    if not known:
        _new(of_images)
        _said()
        return None
    by_number = {own.id: own for own in known}
    if st.session_state.get(keys.OWN_SET) not in by_number:
        st.session_state[keys.OWN_SET] = known[0].id
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        number = st.selectbox(
            "Classes",
            list(by_number),
            key=keys.OWN_SET,
            format_func=lambda n: plain.line(by_number[n].name),
            width=280,
            on_change=canvas.clear,
            persist_state="session",
        )
        with st.popover("New", icon=":material/add:", key="own-new"):
            _new(of_images)
        own = by_number[number]
        with st.popover("Take it away", icon=":material/download:", key="own-take", on_change="rerun") as menu:
            if menu.open:
                own_answer.downloads(own)
        st.button("Delete", key="own-delete", icon=":material/delete:", on_click=_delete, args=(own,))
    _said()
    return own


def _new(of_images: bool) -> None:
    turn = st.session_state.setdefault(keys.OWN_TURN, 0)
    st.text_input(
        f"Names, {CLASSES[0]} to {CLASSES[1]}, with commas between them",
        key=keys.own_field(keys.OWN_NAMES, turn),
        placeholder="thumb up, thumb down, nothing" if of_images else "heart, star, my signature",
    )
    st.button("Begin with these", key="own-begin", type="primary", on_click=_begin, args=(of_images,))
    if not of_images:
        st.markdown("Or begin with examples that are drawn already:")
        with st.container(horizontal=True, gap="xsmall"):
            for name, classes in EXAMPLES.items():
                said = ", ".join(classes)
                st.button(name, key=f"own-example-{name}", help=said, on_click=_example, args=(name,))
    file = st.file_uploader(
        "Or bring in a file of classes",
        type=["json"],
        key=keys.OWN_FILE,
        max_upload_size=own_classes.MAX_BYTES // 10**6,
    )
    if file and st.session_state.get(keys.OWN_FILE_READ) != file.file_id:
        st.session_state[keys.OWN_FILE_READ] = file.file_id
        _keep(lambda: own_classes.read(file.getvalue()))
        st.rerun()


def _begin(of_images: bool) -> None:
    names = st.session_state[keys.own_field(keys.OWN_NAMES, st.session_state[keys.OWN_TURN])]
    _keep(lambda: _named(own_classes.names(names), of_images))


def _named(names: tuple[str, ...], of_images: bool) -> OwnClasses:
    return OwnClasses(", ".join(names)[:60], names, of_images=of_images)


def _example(name: str) -> None:
    _keep(lambda: own_classes.example(name))


def _keep(make) -> None:
    """Store a new set and show it, or say what is wrong with it."""
    try:
        own = stored.add(visitor.store(), visitor.name(), make())
    except (BadInput, StoreError) as error:
        st.session_state[keys.OWN_SAID] = str(error)
        return
    st.session_state[keys.OWN_SET] = own.id
    if own.of_images == subject.of_digits():  # a file may hold the others
        subject.choose(subject.IMAGES if own.of_images else subject.DIGITS)
    st.session_state[keys.OWN_TURN] = st.session_state.get(keys.OWN_TURN, 0) + 1
    canvas.clear()


def _delete(own: OwnClasses) -> None:
    try:
        stored.delete(visitor.store(), visitor.name(), own.id)
    except StoreError as error:
        st.session_state[keys.OWN_SAID] = str(error)


def _said() -> None:
    if said := st.session_state.pop(keys.OWN_SAID, ""):
        say.info(said)
