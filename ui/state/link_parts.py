"""How an address says what was done to the network that is looked at, and what is asked of it.

As in `link_values`: what reads a text returns the value, or raises BadInput with half a sentence.
"""

import re

import streamlit as st

from core.analysis import works
from core.ink.files import BadInput
from core.models import damage_code
from core.nn.damage import NONE, Damage
from core.records import Network
from core.storage import states
from core.storage.store import StoreError
from ui.state import keys, link_networks, selection, subject, visitor
from ui.state.link_values import whole

# -- a moment of its training

AT_THE_END = -1


def moment(said: str) -> int:
    """A step of the training of the network that is looked at, which was kept."""
    number = _number()
    try:
        known = [step for step, _ in states.moments(visitor.store(), number)] if number > 0 else []
    except StoreError:
        known = []
    if not re.fullmatch(r"\d{1,9}", said, re.ASCII) or int(said) not in known:
        raise BadInput("no such moment of this network's training is kept")
    return int(said)


def get_moment() -> int:
    """The step that is looked at, as kept; AT_THE_END for the trained network."""
    return st.session_state.get(keys.inside_state(_number()), AT_THE_END)


def put_moment(step: int) -> None:
    """Look at the network as it was after this step."""
    st.session_state[keys.inside_state(_number())] = step


def _number() -> int:
    """Of the network that is looked at."""
    if subject.coming() == subject.DIGITS:
        return selection.chosen()
    return st.session_state.get(keys.IMAGES_NETWORK, link_networks.FIRST_IN_COLOUR)


# -- what was done to it


def broken(said: str) -> Damage:
    """What was done to the network, by its code. Raises BadInput where its layers have no such part."""
    how = damage_code.read(said)
    damage_code.check(_reads_here(), how)
    return how


def get_broken() -> Damage:
    """What is done on Break it to the network that reads; nothing where the image is damaged instead."""
    of, past = st.session_state.get(keys.BREAK_PAST, (None, [NONE]))
    if past[-1] == NONE or st.session_state.get(keys.BREAK_WHAT, "The network") != "The network":
        return NONE
    network = _reads_here()
    how = past[-1] if of == (network.name, works.fingerprint(network)) else NONE
    return how if damage_code.write(how) else NONE


def put_broken(how: Damage) -> None:
    """Damage the network that is looked at like this."""
    st.session_state[keys.BREAK_LINKED] = how


def _reads_here() -> Network:
    """In a room that is about digits or images: not one that reads letters."""
    return selection.first().network if subject.coming() == subject.DIGITS else link_networks.reads()


# -- what it dreams, on Fool it: (a layer or '' for its answer, a class from 0 or a map or unit from 1)

FIRST_DREAM = ("", 3)
ITS_ANSWER = "its answer"
_ANSWERS = "class"  # a layer is never called so


def dream(said: str) -> tuple[str, int]:
    """'conv2d_2-17', or 'class-3'."""
    from core.analysis import dreams  # noqa: PLC0415

    found = re.fullmatch(r"(\w{1,60})-(\d{1,4})", said, re.ASCII)
    counts = {_ANSWERS: 9} | dreams.units(_reads_here())
    if not found or found[1] not in counts:
        raise BadInput(f"expected a part and a number, such as {_ANSWERS}-3; its parts are {', '.join(counts)}")
    layer, unit = found[1], int(found[2])
    if not (layer != _ANSWERS) <= unit <= counts[layer]:
        raise BadInput(f"{layer} of this network ends at {counts[layer]}")
    return ("" if layer == _ANSWERS else layer), unit


def dream_text(value: tuple[str, int]) -> str:
    return f"{value[0] or _ANSWERS}-{value[1]}"


def get_dream() -> tuple[str, int]:
    state = st.session_state
    layer = state.get(keys.DREAM_LAYER, ITS_ANSWER).replace(ITS_ANSWER, "")
    return layer, state.get(keys.dream_unit(layer), 1 if layer else FIRST_DREAM[1])


def put_dream(value: tuple[str, int]) -> None:
    layer, unit = value
    st.session_state[keys.DREAM_LAYER] = layer or ITS_ANSWER
    st.session_state[keys.dream_unit(layer)] = unit


# -- what is asked, on Why: a class, and the layer of Grad-CAM

AS_READ = -1


def get_asked() -> int:
    return st.session_state.get(keys.DECIDED_CLASS, AS_READ)


def put_asked(value: int) -> None:
    """Kept until the page knows what the network reads, which decides between which questions one chooses."""
    st.session_state[keys.DECIDED_CLASS] = st.session_state[keys.DECIDED_LINKED] = value


def explained_layer(said: str) -> str:
    layers = _explained_layers()
    if said not in layers:
        raise BadInput(f"accepted are {', '.join(layers) or 'none of this network'}")
    return said


def get_explained_layer() -> str | None:
    if st.session_state.get(keys.DECIDED_METHOD) != "Grad-CAM":
        return None
    return st.session_state.get(keys.decided_layer(_explained_layers()))


def put_explained_layer(name: str) -> None:
    st.session_state[keys.decided_layer(_explained_layers())] = name


def _explained_layers() -> list[str]:
    from core.analysis import attribution  # noqa: PLC0415

    return attribution.map_layers(link_networks.reads())


# What a field of an address is told of each: how it is read and written, and where it is kept.
MOMENT = (moment, str, get_moment, put_moment)
BROKEN = (broken, damage_code.write, get_broken, put_broken)
DREAM = (dream, dream_text, get_dream, put_dream)
ASKED = (whole(0, 46), str, get_asked, put_asked)
EXPLAINED_LAYER = (explained_layer, str, get_explained_layer, put_explained_layer)
