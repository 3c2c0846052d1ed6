"""What stands in each page's address: its parameters, where each is kept, and how its text is checked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.nn import damage
from core.runs import leaderboard
from ui.state import keys, link_networks, link_options, link_parts, link_values, subject
from ui.state.link_networks import network
from ui.state.link_values import choice, class_slug, flag, number, several, several_text, whole

DRAWING = "drawing"


@dataclass(frozen=True)
class Field:
    """A parameter of an address.

    default: the value with which it is left out. read: a text of the address -> the value; raises BadInput with
    half a sentence. write: the other way. get, put: where the value is kept, by default under `key`.
    clears: is it to be None where somebody goes back to an address without it? Then the page chooses.
    unsaid: what it is where a link says other things of the page, but nothing of this; None to leave it.
    """

    name: str
    key: str
    default: Any
    read: Callable[[str], Any]
    write: Callable[[Any], str] = link_values.slug
    get: Callable[[], Any] | None = None
    put: Callable[[Any], None] | None = None
    clears: bool = False
    unsaid: Any = None

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


def _class(name: str, key: str, default: str) -> Field:
    """A class of any data set."""
    read = choice((default, *link_options.CLASSES), class_slug)
    return Field(name, key, default, read, class_slug)


def _several(name: str, key: str, options: Sequence[str], default: Sequence[str]) -> Field:
    return Field(name, key, list(default), several(options), several_text)


_SUBJECT = Field(
    "of", keys.SUBJECT, subject.DIGITS, choice((subject.DIGITS, subject.IMAGES)), get=subject.coming
)
_READS = (
    Field("network", keys.NETWORK, 0, network(of_digits=True), link_networks.network_name),
    Field(
        "images-network",
        keys.IMAGES_NETWORK,
        link_networks.FIRST_IN_COLOUR,
        network(of_digits=False),
        link_networks.network_name,
    ),
)
_TEST_IMAGE = Field("image", keys.IMAGES_NUMBER, 0, whole(0, 9_999))
_LINKED = Field(DRAWING, keys.CANVAS_LINKED, None, link_values.drawing, str)
_LOOKED_AT = (
    _SUBJECT,
    *_READS,
    _choice("from", keys.INSIDE_WAY, "Draw", "Test digit"),
    Field("digit", keys.INSIDE_NUMBER, 0, whole(0, 39_999)),
    _choice("image-from", keys.IMAGES_WAY, "Picture", "Camera", "Test picture"),
    _TEST_IMAGE,
    Field("moment", keys.INSIDE_STATE_SHOWN, link_parts.AT_THE_END, *link_parts.MOMENT),
    _LINKED,
)

# Each page, by its file: what its address holds. A new parameter is one entry.
FIELDS: dict[str, tuple[Field, ...]] = {
    "draw": (
        _SUBJECT,
        *_READS,
        Field("beside", keys.SECOND_NETWORK, -1, network(of_digits=True), link_networks.network_name),
        _choice("by", keys.DRAW_WAY, "Draw", "Picture", "Camera"),
        _choice("image-from", keys.IMAGES_WAY, "Picture", "Camera", "Test picture"),
        _TEST_IMAGE,
        Field("ink", keys.SHOWS_WHY, False, flag),
        _LINKED,
    ),
    "look_inside": (
        *_LOOKED_AT,
        _choice("view", keys.INSIDE_VIEW, "Left to right", "All maps"),
        Field("map", keys.INSIDE_BEGIN, None, *link_networks.PLACE),
    ),
    "why": (
        *_LOOKED_AT,
        Field("methods", keys.DECIDED_ALL, False, flag),
        _choice("method", keys.DECIDED_METHOD, *link_options.METHODS),
        _choice("patch", keys.DECIDED_PATCH, 5, 3, 7),
        Field("logit", keys.DECIDED_BARE, False, flag),
        Field("layer", keys.decided_layer(()), None, *link_parts.EXPLAINED_LAYER),
        Field("asked", keys.DECIDED_CLASS, link_parts.AS_READ, *link_parts.ASKED),
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
        Field("step", keys.FOOL_STEP, 20, whole(0, 20)),
        Field("others", keys.FOOL_OTHERS, False, flag),
        Field("draw", keys.FOOL_DRAWN, 4, whole(0, 9)),
        Field("taken-for", keys.FOOL_TAKEN, 9, whole(0, 9)),
        Field("dream", keys.DREAM_UNIT, link_parts.FIRST_DREAM, *link_parts.DREAM),
        Field(
            "held",
            keys.DREAM_HELD,
            list(link_options.REGULARISERS),
            several(link_options.REGULARISERS),
            several_text,
        ),
        Field("noise", keys.DREAM_SEED, 0, whole(0, 10**6)),
    ),
    "break_it": (
        *_LOOKED_AT,
        _choice("what", keys.BREAK_WHAT, "The network", "The picture"),
        Field("broken", keys.BREAK_LINKED, damage.NONE, *link_parts.BROKEN),
        Field("curve", keys.BREAK_CURVE, None, choice(("Prune", "Noise", "Bits")), clears=True),
        _choice("damage", keys.BREAK_HOW, *link_options.DAMAGES),
        Field("amount", keys.BREAK_AMOUNT, None, *link_values.AMOUNT),
        Field("tested", keys.BREAK_TESTED, False, flag),
    ),
    "convolution": (
        _READS[0],
        _choice("part", keys.CONV_PART, "Step by step", "Image kernels"),
        _choice("picture", keys.CONV_IMAGE, "5 x 5 example", "Your drawing"),
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
        Field("learnt", keys.CONV_LEARNT, 1, whole(1, 4_096)),
        _LINKED,
    ),
    "pooling": (
        _READS[0],
        _choice("picture", keys.POOL_IMAGE, "8 x 8 zero", "Your drawing", "Feature map"),
        _choice("window", keys.POOL_WINDOW, 2, 3, 4),
        _choice("stride", keys.POOL_STRIDE, 2, 1, 3, 4),
        Field("layer", keys.POOL_LAYER, None, link_networks.map_layer, str),
        Field("map", keys.POOL_MAP, 1, whole(1, 4_096)),
        Field("shift", keys.POOL_SHIFT, 1, whole(-3, 3)),
        _LINKED,
    ),
    "tutorials": (Field("lesson", keys.LESSON, None, choice(("first", "lenet", "express", "guided", "ml4a"))),),
    "data": (
        _SUBJECT,
        Field(
            "set",
            keys.DATA_SET,
            "MNIST, training digits",
            link_values.data_set(of_colour=False),
            put=link_values.put_set(keys.DATA_SET),
        ),
        Field(
            "image-set",
            keys.DATA_COLOUR_SET,
            "CIFAR-10, training pictures",
            link_values.data_set(of_colour=True),
            put=link_values.put_set(keys.DATA_COLOUR_SET),
        ),
        Field("number", keys.DATA_NUMBER, 0, whole(0, 239_999)),
        _class("class", keys.DATA_CLASS, "each class"),
        Field("page", keys.DATA_PAGE, 0, whole(0, 9_999)),
        _choice("channel", keys.DATA_CHANNEL, *link_options.CHANNELS),
        _choice("scale", keys.DATA_SCALE, *link_options.SCALES),
        *(
            Field(f"augment-{name}", keys.augment(name), first, number(0, most))
            for name, (first, most) in link_options.AUGMENTATION.items()
        ),
        Field("augment-chance", keys.AUGMENT_SEED, 0, whole(0, 10**6)),
    ),
    "own_classes": (
        _SUBJECT,
        Field("base", keys.OWN_BASE, 0, link_networks.base, link_networks.base_text),
        Field(
            "images-base",
            keys.OWN_IMAGE_BASE,
            link_networks.FIRST_IN_COLOUR,
            network(of_digits=False),
            link_networks.network_name,
        ),
        _choice("by", keys.OWN_WAY, "Camera", "Upload"),
    ),
    "my_digits": (
        Field("network", keys.DIGITS_NETWORK, None, *link_networks.MEASURED, clears=True, unsaid=0),
        Field("digit", keys.DIGITS_CLASS, None, whole(0, 9), clears=True),
        Field("misread", keys.DIGITS_MISREAD, False, flag),
        Field("page", keys.DIGITS_PAGE, 0, whole(0, 9_999)),
        _choice("weak-size", keys.WEAK_SIZE, 100, 10, 500),
    ),
    "runs": (
        _choice("sorted", keys.RUNS_ORDER, *link_options.RUN_ORDERS),
        Field(
            "columns",
            keys.RUNS_COLUMNS,
            list(link_options.RUN_COLUMNS[:-2]),
            several(link_options.RUN_COLUMNS),
            several_text,
        ),
        Field("runs", keys.RUNS_TICKED, [], *link_networks.RUNS),
        _choice("compare", keys.RUNS_COMPARED, *link_options.COMPARED),
        Field("smoothing", keys.RUNS_SMOOTHING, 0, number(0, 0.95)),
        _several("logarithmic", keys.RUNS_LOG, link_options.AXES, ()),
        _choice("group", keys.RUNS_GROUP, *link_options.RUN_GROUPS),
        Field("board", keys.BOARD_DATA, None, choice(tuple(leaderboard.PUBLISHED))),
        Field("sweep", keys.SWEEP, None, link_networks.sweep, str, clears=True),
    ),
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
            link_networks.network_name,
            link_networks.looked_at_for_mistakes,
            clears=True,
            unsaid=0,
        ),
        _choice("set", keys.mistakes_set("mnist"), *link_values.MEASURED["mnist"]),
        _choice("image-set", keys.mistakes_set("cifar10"), *link_values.MEASURED["cifar10"]),
        *(
            _choice(f"{data}-set", keys.mistakes_set(data), *link_values.MEASURED[data])
            for data in link_values.IN_FILES
        ),
        _choice("show", keys.MISTAKES_KIND, "Mistakes", "Read rightly", "Doubtful labels", "All"),
        _class("true", keys.MISTAKES_TRUE, "any"),
        _class("read", keys.MISTAKES_READ, "any"),
        Field("sorted", keys.MISTAKES_ORDER, "surest first", choice(link_options.ORDERS)),
        Field("sure", keys.MISTAKES_SURE, (0, 100), link_values.percents, link_values.percents_text),
        _choice("matrix", keys.MISTAKES_VIEW, "counts", "by row, %", "errors only"),
        Field("page", keys.MISTAKES_PAGE, 0, whole(0, 9_999)),
        Field("number", keys.MISTAKES_NUMBER, None, whole(0, 239_999), clears=True),
        Field("beside", keys.TWO_NETWORK, -1, network(), link_networks.network_name),
        _choice("right", keys.TWO_GROUP, "Only the first", "Only the second", "Neither"),
        Field("two-page", keys.TWO_PAGE, 0, whole(0, 9_999)),
        Field("two-number", keys.TWO_NUMBER, None, whole(0, 239_999), clears=True),
    ),
}
