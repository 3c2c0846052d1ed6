"""The network of Look inside as it was at one moment of its training."""

import streamlit as st

from core.models import state_networks
from core.models.classifiers import Classifier
from core.storage import states
from core.storage.store import Store, StoreError
from ui.state import keys, selection, visitor

END = -1  # no state's step: the network that the run has left
_KEPT = 60  # networks in memory, for a class


def classifier(*, of_digits: bool = False) -> Classifier:
    """Return the network that reads, at the state that is chosen; at its end, where none is or it is gone.

    of_digits: one for digits, that of the app where the chosen one reads something else.
    """
    if of_digits and not selection.classifier().kind.of_digits:
        return selection.first()
    return at_state(selection.chosen()) or selection.classifier()


def at_state(number: int) -> Classifier | None:
    """Return this run's network at the state that is chosen; None for its end, or where that state is gone."""
    step = st.session_state.get(keys.inside_state(number), END)
    if step == END:
        return None
    try:
        store = visitor.store()
        return _then(store, number, store.network_version(number), step)
    except StoreError:
        return None


def choice(number: int, *, live: bool) -> None:
    """Let one choose the state of this network, where it is a run's that has some.

    live: the browser reads with it, too, so the whole page is shown anew.
    """
    store = visitor.store()
    try:
        found = states.moments(store, number) if number > 0 else []
    except StoreError:
        return
    if not found:
        return
    images = dict(found)
    value = st.select_slider(
        "As it was",
        [*images, END],
        END,
        key=keys.inside_state(number),
        persist_state="session",
        format_func=lambda step: "at the end" if step == END else f"after {images.get(step, 0):,} images",
        help="The network at a moment of its training: watch what each layer makes of your picture then.",
    )
    if live and value != st.session_state.get(keys.INSIDE_STATE_SHOWN, END):
        st.session_state[keys.INSIDE_STATE_SHOWN] = value
        st.rerun()


def _then(store: Store, number: int, version: bytes | None, step: int) -> Classifier | None:
    run = store.run(number)  # of this visitor, or published
    if run is None or version is None:
        return None
    key = number, version, step
    if key not in _made:
        network, state = store.network(number), states.state(store, number, step)
        at = network and state and state_networks.at(network, run.config.layers, state)
        while len(_made) >= _KEPT:
            _made.pop(next(iter(_made)), None)
        _made[key] = Classifier(at) if at else None
    return _made.get(key)


_made: dict[tuple[int, bytes, int], Classifier | None] = {}
