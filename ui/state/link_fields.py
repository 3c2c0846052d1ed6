"""What stands in each page's address: its parameters, where each is kept, and how its text is checked."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from ui.state import keys, link_values
from ui.state.link_values import choice, flag, network, number, whole

DRAWING = "drawing"


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
_LINKED = Field(DRAWING, keys.CANVAS_LINKED, None, link_values.drawing, str)
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
