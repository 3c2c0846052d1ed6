"""What is set up on a page stands in its address, so that the address, copied, opens the same.

`FIELDS` says what: for each page the parameters, where the session keeps each, and how its text is checked.
An address is read where a session begins with it and where somebody goes back in the browser's history; it is
written at the end of each run of a page or of its fragments, where it has changed. Nothing that is somebody's
secret is in it: only what `FIELDS` names, and what other functions of `ui.state.navigation` put there.
"""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ParamSpec
from urllib.parse import urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.ink import stroke_code
from core.ink.files import BadInput
from core.records import Drawing
from core.words import printable
from ui.state import keys, link_values
from ui.state.link_values import choice, flag, network, number, whole

_P = ParamSpec("_P")
LONGEST = 7_000  # characters of an address that is read; what is longer was not written here
_ECHOED = 24  # letters of a value that are said again
_DRAWING = "drawing"


@dataclass(frozen=True)
class Field:
    """A parameter of an address.

    default: the value with which it is left out. read: a text of the address -> the value; raises BadInput with
    half a sentence. write: the other way. get, put: where the value is kept, by default under `key`. written:
    False for what stays in an address that has brought it, and is not put there.
    """

    name: str
    key: str
    default: Any
    read: Callable[[str], Any]
    write: Callable[[Any], str] = link_values.slug
    get: Callable[[], Any] | None = None
    put: Callable[[Any], None] | None = None
    written: bool = True

    def value(self) -> Any:
        return self.get() if self.get else st.session_state.get(self.key, self.default)

    def take(self, value: Any) -> None:
        if self.put:
            self.put(value)
        else:
            st.session_state[self.key] = value


def _choice(name: str, key: str, *options: Any) -> Field:
    """The first is the default."""
    return Field(name, key, options[0], choice(options))


# One switch for all pages: were it written, the browser's Back would stop at each turn of it.
_SUBJECT = Field("of", keys.SUBJECT, "Digits", choice(("Digits", "Images")), written=False)
_READS = (
    Field("network", keys.NETWORK, 0, network(of_digits=True), link_values.network_name),
    Field(
        "images-network",
        keys.PICTURES_NETWORK,
        link_values.FIRST_IN_COLOUR,
        network(of_digits=False),
        link_values.network_name,
    ),
)
_TEST_IMAGE = Field("image", keys.PICTURES_NUMBER, 0, whole(0, 9_999))
_LINKED = Field(_DRAWING, keys.CANVAS_LINKED, None, link_values.drawing, str)
_LOOKED_AT = (
    _SUBJECT,
    *_READS,
    _choice("from", keys.INSIDE_WAY, "Draw", "Test digit"),
    Field("digit", keys.INSIDE_NUMBER, 0, whole(0, 39_999)),
    _choice("image-from", keys.PICTURES_WAY, "Picture", "Camera", "Test picture"),
    _TEST_IMAGE,
    _LINKED,
)
_METHODS = ("All four", "Cover it", "Add it up", "Gradient", "Grad-CAM")
_DAMAGES = ("Turn", "Shift", "Scale", "Thin", "Thicken", "Blur", "Noise", "Cover", "Invert")
_ORDERS = ("surest first", "least sure first", "largest loss first", "by class", "by number")
_TRUE = ("any", *dict.fromkeys(name for names in link_values.CLASSES for name in names))

# Each page, by its file: what its address holds. A new parameter is one entry.
FIELDS: dict[str, tuple[Field, ...]] = {
    "draw": (
        _SUBJECT,
        *_READS,
        Field("beside", keys.SECOND_NETWORK, -1, network(of_digits=True), link_values.network_name),
        _choice("by", keys.DRAW_WAY, "Draw", "Picture", "Camera"),
        _choice("image-from", keys.PICTURES_WAY, "Picture", "Camera", "Test picture"),
        _TEST_IMAGE,
        _LINKED,
    ),
    "look_inside": (
        *_LOOKED_AT,
        _choice("view", keys.INSIDE_VIEW, "Left to right", "All maps"),
        Field("map", keys.INSIDE_BEGIN, None, link_values.place, link_values.place_text, link_values.looked_at),
    ),
    "why": (
        *_LOOKED_AT,
        Field("methods", keys.DECIDED_ALL, False, flag),
        _choice("method", keys.DECIDED_METHOD, *_METHODS),
    ),
    "map_of_digits": (*_LOOKED_AT, _choice("map", keys.NEIGHBOURHOOD_MAP, "t-SNE", "PCA")),
    "fool": (
        *_LOOKED_AT,
        _choice("how", keys.FOOL_HOW, "Change pixels", "Add a stroke", "Let it dream"),
        Field("target", keys.FOOL_TARGET, -1, whole(-1, 9)),
        _choice("norm", keys.FOOL_NORM, "L-infinity", "L2"),
        Field("one-step", keys.FOOL_ONE_STEP, False, flag),
        Field("budget", keys.fool_budget("L-infinity"), 0.15, number(0, 0.5)),
        Field("budget-l2", keys.fool_budget("L2"), 2.0, number(0, 8)),
        Field("noise", keys.DREAM_SEED, 0, whole(0, 10**6)),
    ),
    "break_it": (
        *_LOOKED_AT,
        _choice("what", keys.BREAK_WHAT, "The network", "The picture"),
        _choice("damage", keys.BREAK_HOW, *_DAMAGES),
        Field("tested", keys.BREAK_TESTED, False, flag),
    ),
    "convolution": (
        _READS[0],
        _choice("part", keys.CONV_PART, "Step by step", "Image kernels"),
        _choice("picture", keys.CONV_PICTURE, "5 x 5 example", "Your drawing"),
        Field("kernel", keys.CONV_KERNEL, "The example's", link_values.step_kernel),
        Field("numbers", keys.CONV_TEXTS, link_values.CROSS, link_values.kernel, link_values.kernel_text),
        Field("size", keys.CONV_SIZE, 3, whole(1, 7)),
        _choice("stride", keys.CONV_STRIDE, 1, 2, 3),
        _choice("padding", keys.CONV_PADDING, "valid", "same", "Zeros"),
        Field("zeros", keys.CONV_ZEROS, 1, whole(0, 6)),
        _choice("source", keys.CONV_SOURCE, "Your drawing", "Picture", "Camera"),
        Field("image-kernel", keys.CONV_IMAGE_KERNEL, link_values.FIRST_KERNEL, link_values.image_kernel),
        Field(
            "image-numbers",
            keys.CONV_IMAGE_TEXTS,
            link_values.FIRST_NUMBERS,
            link_values.kernel,
            link_values.kernel_text,
        ),
        _LINKED,
    ),
    "pooling": (
        _READS[0],
        _choice("picture", keys.POOL_PICTURE, "8 x 8 zero", "Your drawing", "Feature map"),
        _choice("window", keys.POOL_WINDOW, 2, 3, 4),
        _choice("stride", keys.POOL_STRIDE, 2, 1, 3, 4),
        Field("layer", keys.POOL_LAYER, None, link_values.map_layer, str),
        Field("map", keys.POOL_MAP, 1, whole(1, 4_096)),
        Field("shift", keys.POOL_SHIFT, 0, whole(-3, 3)),
        _LINKED,
    ),
    "tutorials": (Field("lesson", keys.LESSON, None, choice(("first", "lenet", "express", "guided", "ml4a"))),),
    "data": (
        _SUBJECT,
        Field("set", keys.DATA_SET, "MNIST, training digits", link_values.data_set(of_colour=False)),
        Field(
            "image-set",
            keys.DATA_COLOUR_SET,
            "CIFAR-10, training pictures",
            link_values.data_set(of_colour=True),
        ),
        Field("number", keys.DATA_NUMBER, 0, whole(0, 239_999)),
        Field("class", keys.DATA_CLASS, "each class", choice(("each class", *_TRUE[1:]))),
    ),
    "own_classes": (_SUBJECT,),
    "train": (
        Field("recipe", keys.RECIPE, "quick", link_values.recipe, str, put=link_values.put_recipe),
        Field(
            "changes",
            keys.CONFIG,
            "",
            link_values.changes,
            str,
            link_values.get_changes,
            link_values.put_changes,
        ),
    ),
    "mistakes": (
        _SUBJECT,
        Field(
            "network",
            keys.MISTAKES_NETWORK,
            None,
            network(),
            link_values.network_name,
            link_values.looked_at_for_mistakes,
        ),
        _choice("set", keys.mistakes_set("mnist"), *link_values.MEASURED["mnist"]),
        _choice("image-set", keys.mistakes_set("cifar10"), *link_values.MEASURED["cifar10"]),
        *(
            _choice(f"{data}-set", keys.mistakes_set(data), *link_values.MEASURED[data])
            for data in link_values.IN_FILES
        ),
        _choice("show", keys.MISTAKES_KIND, "Mistakes", "Read rightly", "Doubtful labels", "All"),
        Field("true", keys.MISTAKES_TRUE, "any", choice(_TRUE)),
        Field("read", keys.MISTAKES_READ, "any", choice(_TRUE)),
        Field("sorted", keys.MISTAKES_ORDER, "surest first", choice(_ORDERS)),
        Field("number", keys.MISTAKES_NUMBER, None, whole(0, 239_999)),
    ),
}


def open_address(page: str) -> None:
    """Take over what the address says of this page. Call it before the page, outside of any fragment.

    What cannot be is left out, and said by `said`; nothing else changes for that.
    """
    state, here = st.session_state, _in_address(page)
    before = state.get(keys.ADDRESS)  # (page, its parameters), as they were read or written last
    state[keys.ADDRESS] = (page, here)
    same_page = before is not None and before[0] == page
    if not same_page:
        state.pop(keys.ADDRESS_SAID, None)
    went_back = same_page and getattr(get_script_run_ctx(), "is_history_navigation", False)
    if not (went_back or (here and before is None)) or before == (page, here):
        return  # on another page, what was chosen meanwhile holds
    if before is None:
        state[keys.NETWORKS_RECALLED] = True  # it opens as it was there, not with what was chosen here before
    problems = []
    for field in FIELDS.get(page, ()):
        try:
            if field.name in here:
                _take(field, here[field.name])
            elif went_back and field.default is not None and field.name != _DRAWING:
                field.take(field.default)
        except BadInput as error:
            problems.append(f"{field.name} “{printable(here[field.name], _ECHOED)}” ({error})")
    if problems:
        more = " and the rest of it was taken" if len(problems) < len(here) else ""
        state[keys.ADDRESS_SAID] = f"This link could not set {'; '.join(problems)}{more}."


def _take(field: Field, said: str) -> None:
    if len(said) > LONGEST:
        raise BadInput(f"it has {len(said):,} characters, and {LONGEST:,} are the most")
    value = field.read(said)
    if field.name == _DRAWING and value != st.session_state.get(field.key):
        st.session_state[keys.CANVAS_FROM_LINK] = value
    field.take(value)


def drawing() -> Drawing | None:
    """Return the drawing that the address has brought, once, for the canvas."""
    text_of_it = st.session_state.pop(keys.CANVAS_FROM_LINK, None)
    return stroke_code.decode(text_of_it) if text_of_it else None


def said() -> str:
    """Return one sentence about what a link asked for that cannot be, or ''."""
    return st.session_state.get(keys.ADDRESS_SAID, "")


def forget_said() -> None:
    st.session_state.pop(keys.ADDRESS_SAID, None)


def keep() -> None:
    """Write what is set up on the page into its address, where that has changed. Call it when a run ends."""
    state = st.session_state
    page = state.get(keys.PAGE, "")
    if page not in FIELDS:
        return
    wanted = of_page(page)
    if wanted == _in_address(page):
        state[keys.ADDRESS] = (page, wanted)
        return
    names = {field.name for field in FIELDS[page]}
    others = {name: value for name, value in st.query_params.to_dict().items() if name not in names}
    st.query_params.from_dict(wanted | others)
    state[keys.ADDRESS] = (page, wanted)


def of_page(page: str) -> dict[str, str]:
    """Return the parameters that say what is set up on a page."""
    found = {}
    for field in FIELDS.get(page, ()):
        value = field.value()
        is_there = field.written or field.name in st.query_params
        if is_there and value is not None and value != field.default:
            found[field.name] = field.write(value)
    return found


def with_drawing(page: str, drawn: Drawing) -> str:
    """Return the query of a link that opens this page with what is drawn, too. Raises BadInput."""
    own = {name: value for name, value in of_page(page).items() if name != _DRAWING}
    code = stroke_code.encode(drawn)
    return urlencode(own | ({_DRAWING: code} if code else {}))


def _in_address(page: str) -> Mapping[str, str]:
    names = {field.name for field in FIELDS.get(page, ())}
    return {name: value for name, value in st.query_params.to_dict().items() if name in names}


def fragment(part: Callable[_P, None]) -> Callable[_P, None]:
    """As st.fragment, for a part of a page whose settings stand in the address."""

    @functools.wraps(part)
    def kept(*args: _P.args, **named: _P.kwargs) -> None:
        part(*args, **named)
        keep()

    return st.fragment(kept)
