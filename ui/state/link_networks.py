"""How an address says which network, and which of its maps, and how each is checked.

As in `link_values`: what reads a text returns the value, or raises BadInput with half a sentence.
"""

import re

import streamlit as st

from core.data.datasets import KINDS
from core.ink.files import BadInput
from core.models import networks, registry
from core.nn import architectures
from core.records import Network
from core.storage import sweeps
from core.storage.store import StoreError
from core.training import configs
from ui.state import keys, selection, subject, visitor
from ui.state.link_values import Read

FIRST_IN_COLOUR = next(iter(registry.IN_COLOUR))
_BY_NAME = {name: number for number, name in (registry.WITH_THE_APP | registry.IN_COLOUR).items()}


def network_name(run: int) -> str:
    """A network that comes with the app by its name, another by its run's number."""
    known = registry.WITH_THE_APP | registry.IN_COLOUR
    return known.get(run, str(run))


def network(*, of_digits: bool | None = None) -> Read:
    """A network that may be used here. of_digits: of those that read digits, or of those that name images."""

    def read(said: str) -> int:
        found = _BY_NAME.get(said)
        if found is not None and networks.is_shipped(said):
            if of_digits is not None and (found in registry.WITH_THE_APP) != of_digits:
                raise BadInput("it reads other pictures")
            return found
        if not re.fullmatch(r"\d{1,9}", said, re.ASCII):
            raise BadInput("accepted are a run's number, or the name of a network that comes with the app")
        return _run(int(said), of_digits)

    return read


def _run(run_id: int, of_digits: bool | None) -> int:
    try:
        run = visitor.store().run(run_id)
    except StoreError:
        run = None
    if run is None or not run.has_network:
        raise BadInput("there is no such network, or it is somebody else's")
    if of_digits is not None and configs.reads_drawings(run.config) != of_digits:
        raise BadInput("it reads other pictures")
    return run_id


# -- what is looked at


def place(said: str) -> tuple[int, int]:
    """'3-5' -> layer 3, its map or unit 5, both from 1, of the network that reads."""
    found = re.fullmatch(r"(\d{1,2})-(\d{1,4})", said, re.ASCII)
    if not found:
        raise BadInput("expected a layer and one of its maps, such as 1-3")
    layer, one = int(found[1]), int(found[2])
    from core.nn import unit_trace  # noqa: PLC0415

    network = reads()
    layers = network.layers
    shapes = [shape for shape, _ in architectures.describe(layers, KINDS[network.data].shape)]
    if not 0 < layer <= len(layers) or unit_trace.is_copy(layers[layer - 1]):
        raise BadInput(f"layer {layer} of this network has no maps to look at")
    if not 0 < one <= shapes[layer - 1][-1]:
        raise BadInput(f"layer {layer} of this network has {shapes[layer - 1][-1]}")
    return layer, one


def place_text(value: tuple[int, int]) -> str:
    """A layer and one of its maps, both from 1 -> '2-5'."""
    return f"{value[0]}-{value[1]}"


def looked_at() -> tuple[int, int] | None:
    """The layer and map that are looked at, both from 1; None where there is none."""
    state = st.session_state
    component = state.get(keys.MAPS if state.get(keys.INSIDE_VIEW) == "All maps" else keys.FLOW)
    view = component.get("view") if component else None
    if not view:
        return state.get(keys.INSIDE_BEGIN)
    layer, one = view.get("layer"), view.get("map")
    is_one = isinstance(layer, int | float) and isinstance(one, int | float)
    return (int(layer) + 1, int(one) + 1) if is_one else None


def looked_at_for_mistakes() -> int | None:
    """The network whose mistakes are shown; None for the one that comes with the app, where it reads."""
    return _but_for_shipped(keys.MISTAKES_NETWORK, selection.chosen())


def _but_for_shipped(key: str, reads: int) -> int | None:
    """An address without a network is opened with the one that comes with the app, whoever opens it."""
    number = st.session_state.get(key)
    return None if number == reads == registry.SHIPPED else number


def reads() -> Network:
    """The network that the pages are about, of digits or of images. Raises BadInput where there is none."""
    if subject.coming() == subject.DIGITS:
        return selection.classifier().network
    chosen = st.session_state.get(keys.IMAGES_NETWORK, FIRST_IN_COLOUR)
    try:
        found = registry.classifier(chosen, visitor.name())
    except StoreError:
        found = None
    if found is None:
        raise BadInput("there is no network that names images")
    return found.network


def map_layer(said: str) -> str:
    """A layer that makes maps, of the network that reads digits."""
    layers = selection.classifier().network.layers
    shapes = architectures.describe(layers)
    named = zip(architectures.names(layers), shapes, strict=True)
    known = [name for name, (shape, _) in named if len(shape) == 3]
    if said not in known:
        raise BadInput(f"accepted are {', '.join(known) or 'none of this network'}")
    return said


# -- of Own classes, My digits and Runs

PIXELS, _PIXELS = -1, "pixels"


def base(said: str) -> int:
    """What own classes are built on: a network that reads digits, or the pixels."""
    return PIXELS if said == _PIXELS else network(of_digits=True)(said)


def base_text(number: int) -> str:
    """The reverse of `base`."""
    return _PIXELS if number == PIXELS else network_name(number)


def get_measured() -> int | None:
    """The network that reads My digits; None for the one that comes with the app, where it reads Draw, too."""
    return _but_for_shipped(keys.DIGITS_NETWORK, selection.chosen_for_digits())


def put_measured(number: int | None) -> None:
    """Let My digits be read by this network; None as in `get_measured`."""
    st.session_state[keys.DIGITS_NETWORK] = number
    st.session_state[keys.DIGITS_NETWORK_OF_DRAW] = selection.chosen_for_digits()


def runs(said: str) -> list[int]:
    """'3.17' -> runs 3 and 17, of those that are listed."""
    if not re.fullmatch(r"\d{1,9}(\.\d{1,9}){0,99}", said, re.ASCII):
        raise BadInput("expected the numbers of runs, 100 at most, such as 3.17")
    numbers = list(dict.fromkeys(int(text) for text in said.split(".")))
    try:
        known = {run.id for run in visitor.store().runs()}
    except StoreError:
        known = set()
    if strange := [number for number in numbers if number not in known]:
        raise BadInput(f"there is no run {strange[0]}, or it is somebody else's")
    return numbers


def runs_text(numbers: list[int]) -> str:
    """[3, 17] -> '3.17'; the first 100."""
    return ".".join(map(str, numbers[:100]))


def put_runs(numbers: list[int]) -> None:
    """The table that is shown next begins with these."""
    st.session_state[keys.RUNS_TICKED] = numbers
    st.session_state.pop(keys.RUNS_LISTED, None)


def sweep(said: str) -> int:
    """'3' -> the sweep's number, of those that are the visitor's."""
    try:
        known = re.fullmatch(r"\d{1,9}", said, re.ASCII) and sweeps.one(visitor.store(), int(said))
    except StoreError:
        known = None
    if not known:
        raise BadInput("there is no such sweep, or it is somebody else's")
    return int(said)


# What a field of an address is told of each: how it is read and written, and where it is kept.
PLACE = (place, place_text, looked_at)
RUNS = (runs, runs_text, None, put_runs)
MEASURED = (network(of_digits=True), network_name, get_measured, put_measured)
