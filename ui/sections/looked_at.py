"""What the pages behind Look inside are about, the same in all: an image, and the network that reads it."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import streamlit as st

from core.data import datasets
from core.data.datasets import Kind
from core.models.classifiers import Classifier
from core.records import ColourImage, Dataset, DigitImage
from core.words import possessive, with_article
from ui import say
from ui.components import answer_bars, canvas, feature_maps, live
from ui.sections import colour_image, link_bar, network_choice, network_state, repaired, sample_images
from ui.state import keys, links, selection, subject
from ui.state.subject import DIGITS, IMAGES
from ui.widgets import class_bars, downloads, thumbnails

WAYS = {"Draw": ":material/draw: Draw", "Test digit": ":material/dataset: Test digit"}
WAYS_TO_IMAGES = {"Picture": "Upload", "Camera": "Camera", "Test picture": "Test"}  # short: one row
INVITATION = "Draw a digit, or choose a test digit: the page follows it."
INVITATION_IN_COLOUR = "Show it a picture of one of its ten things: the page follows it."
NO_NUMBER = "Its answer is not a number (NaN). Red in the maps shows where that begins."
_NUMBER_OF = {DIGITS: keys.INSIDE_NUMBER, IMAGES: keys.IMAGES_NUMBER}
_CLASS_OF = {DIGITS: keys.INSIDE_CLASS, IMAGES: keys.INSIDE_IMAGE_CLASS}
_WAY_OF = {DIGITS: (keys.INSIDE_WAY, "Test digit"), IMAGES: (keys.IMAGES_WAY, "Test picture")}


def beside(
    show: Callable[[Classifier, DigitImage | ColourImage | None], None],
    *,
    borrows: bool = False,
    of_digits: bool = False,
) -> None:
    """Show what is looked at on the left, and beside it what the page makes of it. Call it last on a page.

    borrows: where nothing is drawn or uploaded yet, the page is given an image that is there for everybody.
    of_digits: the page is about digits and images in colour; where the chosen network reads letters or
    clothes, that is said, and the network that comes with the app takes its place.
    """
    classifier = network_state.classifier(of_digits=of_digits)
    live.begin([classifier])
    _beside(show, borrows, of_digits)
    canvas.helpers()
    live.send([classifier], canvas.bring_back)


def nothing_yet() -> None:
    """On a page that has nothing to show without an image: say so, and offer one."""
    digits = subject.of_digits()
    st.info("Draw a digit on the left, or take a test digit." if digits else INVITATION_IN_COLOUR)
    st.button(
        f"Take a test {'digit' if digits else 'image'}",
        key="inside-take",
        icon=":material/dataset:",
        on_click=_take_test_image,
    )


def called(image: DigitImage | ColourImage) -> str:
    """Return what the image is called that is looked at."""
    borrowed = _borrowed(subject.chosen(), network_state.classifier())
    if np.array_equal(borrowed.image.pixels, image.pixels):
        return borrowed.called
    return "your drawing" if subject.of_digits() else "your picture"


class _Borrowed(NamedTuple):
    """An image that is there for everybody, what it is called, and what it shows."""

    image: DigitImage | ColourImage
    called: str
    label: str


def _borrowed(what: str, classifier: Classifier) -> _Borrowed:
    """The test image that is on; without CIFAR-10 one of those that come with the app."""
    try:
        data, kind = (
            _of_paper(classifier) if what == DIGITS else (datasets.cifar10(), datasets.KINDS["cifar10"])
        )
    except datasets.NoData:
        pixels, label = sample_images.thing()
        return _Borrowed(ColourImage(pixels), "a painted scene", label)
    number = min(int(st.session_state.get(_NUMBER_OF[what], 0)), len(data.x_test) - 1)
    pixels = data.x_test[number].astype(np.float32) / 255
    image = DigitImage(pixels) if what == DIGITS else ColourImage(pixels)
    return _Borrowed(image, f"a test {kind.singular}", kind.names[data.y_test[number]])


def _of_paper(classifier: Classifier) -> tuple[Dataset, Kind]:
    """The data set whose test images a network for drawings is shown; MNIST where its own is not here."""
    try:
        return datasets.load(classifier.kind.tested_on), datasets.kind(classifier.kind.tested_on)
    except datasets.NoData:
        return datasets.mnist(), datasets.KINDS["mnist"]


def _any(kind: Kind) -> str:
    """The choice of no class in particular."""
    return f"any {kind.singular}" if kind.on_paper else "any"


def _take_test_image() -> None:
    key, way = _WAY_OF[subject.chosen()]
    st.session_state[key] = way


@links.fragment
def _beside(
    show: Callable[[Classifier, DigitImage | ColourImage | None], None], borrows: bool, of_digits: bool
) -> None:
    what = subject.chosen()
    if (number := feature_maps.looked_for()) is not None:
        _take_test_image()
        st.session_state[_NUMBER_OF[what]] = number
        st.session_state.pop(_CLASS_OF[what], None)
    left, right = st.columns([1, 4.2], gap="medium")
    with left, st.container(key="looked-at", gap="small"):
        classifier, image = _digit(of_digits) if what == DIGITS else _thing()
        if borrows and image is None and classifier is not None:
            borrowed = _borrowed(what, classifier)
            image = borrowed.image
            st.caption(f"Until you have one, it looks at {borrowed.called}: {with_article(borrowed.label)}.")
    if classifier is not None:
        with right:
            show(classifier, image)


def _digit(of_digits: bool) -> tuple[Classifier, DigitImage | None]:
    """The network that reads what is drawn, and what it is given."""
    classifier = network_state.classifier(of_digits=of_digits)
    image = _image(classifier)
    prediction = classifier.predict(image) if image else None
    broken = prediction is not None and not np.isfinite(prediction.probabilities).all()
    on_canvas = st.session_state[keys.INSIDE_WAY] == "Draw"
    invitation = NO_NUMBER if broken else INVITATION.replace("digit", classifier.kind.singular)
    answer_bars.answer(
        [classifier], [None if broken else prediction], invitation, on_canvas=on_canvas, rows=False
    )
    with st.container(horizontal=True, gap="xsmall"):
        network_choice.menu(classifier, None)
        downloads.network_menu(classifier.network, downloads.stem(classifier.network))
        if image and on_canvas:
            link_bar.menu(canvas.last_drawing(), st.session_state.get(keys.PAGE, ""))
    if of_digits and not (chosen := selection.classifier().kind).of_digits:
        st.caption(
            f"This page is about digits, and the network that you have chosen reads {chosen.noun}: here one "
            "that comes with the app takes its place."
        )
    network_state.choice(selection.chosen(), live=True)
    if image and on_canvas:
        ink = thumbnails.ink(image.pixels, title="The 28 x 28 picture that the network is given")
        st.html(
            f'<div class="dl-given"><div class="dl-thumb">{ink}</div>what the network is given: 28 x 28</div>'
        )
    return classifier, image


def _thing() -> tuple[Classifier | None, ColourImage | None]:
    """The network that names images in colour, if there is one, and what it is given."""
    known = colour_image.known_networks()
    if not known:
        return None, None
    st.session_state.setdefault(keys.IMAGES_WAY, "Picture")
    way = _way(WAYS_TO_IMAGES, keys.IMAGES_WAY)
    problem = ""
    if way == "Test picture":
        pixels = _test_thing()
    else:
        pixels, problem = colour_image.brought(way, show=False)
        if pixels is not None:
            ink = thumbnails.ink(pixels, title="The 32 x 32 pixels that the network is given")
            st.html(f'<div class="dl-thumb dl-looked">{ink}</div>')
            st.caption("What the network is given: the middle of your picture, 32 x 32 pixels.")
    answer = st.container()
    classifier = colour_image.choose_classifier(known)
    if classifier is None:
        st.info("This network is gone. Choose another.")
        return None, None
    downloads.network_menu(classifier.network, downloads.stem(classifier.network))
    number = st.session_state[keys.IMAGES_NETWORK]
    network_state.choice(number, live=False)
    classifier = network_state.at_state(number) or classifier
    image = None if pixels is None else ColourImage(pixels)
    p = None if image is None else classifier.predict(image).probabilities
    broken = p is not None and not np.isfinite(p).all()
    with answer:
        names = datasets.KINDS[classifier.network.data].classes
        invitation = NO_NUMBER if broken else problem or INVITATION_IN_COLOUR
        class_bars.class_card(names, None if broken else p, invitation)
    return classifier, image


def _way(ways: dict[str, str], key: str, shown: str = "digit") -> str:
    """shown: what a test image shows, of those that are drawn."""
    way = st.segmented_control(
        "What is looked at",
        list(ways),
        key=key,
        required=True,
        format_func=lambda way: ways[way].replace("Test digit", f"Test {shown}"),
        label_visibility="collapsed",
        persist_state="session",
    )
    assert way
    return way


def _image(classifier: Classifier) -> DigitImage | None:
    # No default: a click on a digit elsewhere sets it, too.
    st.session_state.setdefault(keys.INSIDE_WAY, "Draw")
    if _way(WAYS, keys.INSIDE_WAY, classifier.kind.singular) == "Draw":
        with st.container(key="small-canvas"):
            drawing = canvas.drawing_canvas()
        with st.container(horizontal=True, gap="xsmall"):
            canvas.buttons()
        canvas.notice()
        return repaired.image(drawing)
    data, kind = _of_paper(classifier)
    pixels = _from_the_test_set(data, kind)
    label = kind.names[data.y_test[st.session_state[keys.INSIDE_NUMBER]]]
    st.caption(
        f"One of {possessive(kind.title)} {kind.test:,} test {kind.noun}, labelled {label}. "
        "No network that is trained here has learnt from it."
    )
    return DigitImage(pixels)


def _test_thing() -> np.ndarray | None:
    try:
        data = datasets.cifar10()
    except datasets.NoData as error:
        say.info(error)
        return None
    kind = datasets.KINDS["cifar10"]
    pixels = _from_the_test_set(data, kind)
    label = kind.classes[data.y_test[st.session_state[keys.IMAGES_NUMBER]]]
    st.caption(f"One of {kind.title}'s {kind.test:,} test pictures, labelled {label}.")
    return pixels


def _from_the_test_set(data: Dataset, kind: Kind) -> np.ndarray:
    """Let people go through the test set; return the image that is chosen, float32, 0..1."""
    what = subject.chosen()
    key, noun = _NUMBER_OF[what], kind.singular if kind.on_paper else what.lower()[:-1]
    st.session_state.setdefault(key, 0)
    number = st.session_state[key] = min(int(st.session_state[key]), len(data.x_test) - 1)
    names = kind.names
    pixels = data.x_test[number].astype(np.float32) / 255
    label = names[data.y_test[number]]
    title = f"Test {noun} {number}, {with_article(label) if kind.on_paper else label}"
    ink = thumbnails.ink(pixels, title=title)
    st.html(f'<div class="dl-thumb dl-looked">{ink}</div>')
    with st.container(horizontal=True, gap="xsmall"):
        for icon, name, step, said in (
            (":material/chevron_left:", "before", -1, "The one before"),
            (":material/chevron_right:", "next", 1, "The next"),
        ):
            st.button("", icon=icon, key=f"inside-{name}", help=said, on_click=_go, args=(step, data, names))
        st.button("Surprise me", key="inside-surprise", on_click=_surprise, args=(data, names))
    first, second = st.columns(2, gap="small")
    with first:
        st.number_input(f"Test {noun}", 0, len(data.x_test) - 1, key=key, persist_state="session")
    with second:
        options = [_any(kind), *names]
        if st.session_state.get(_CLASS_OF[what], options[0]) not in options:  # of another network's
            st.session_state.pop(_CLASS_OF[what])
        st.selectbox(
            "Step through",
            options,
            key=_CLASS_OF[what],
            on_change=_enter_class,
            args=(data, names),
            persist_state="session",
        )
    return pixels


def _go(step: int, data: Dataset, names: Sequence[str]) -> None:
    """To the next or the one before, of the chosen class where one is chosen; around at the ends."""
    numbers, key = _numbers(data, names), _NUMBER_OF[subject.chosen()]
    if step > 0:
        later = numbers[numbers > st.session_state[key]]
        st.session_state[key] = int(later[0] if len(later) else numbers[0])
    else:
        earlier = numbers[numbers < st.session_state[key]]
        st.session_state[key] = int(earlier[-1] if len(earlier) else numbers[-1])


def _enter_class(data: Dataset, names: Sequence[str]) -> None:
    if st.session_state[_NUMBER_OF[subject.chosen()]] not in _numbers(data, names):
        _go(1, data, names)


def _surprise(data: Dataset, names: Sequence[str]) -> None:
    key = _NUMBER_OF[subject.chosen()]
    st.session_state[key] = int(np.random.default_rng().choice(_numbers(data, names)))


def _numbers(data: Dataset, names: Sequence[str]) -> np.ndarray:
    """The test images that next and before go through, in order."""
    chosen = st.session_state.get(_CLASS_OF[subject.chosen()], "")
    if chosen not in names:
        return np.arange(len(data.y_test))
    return np.flatnonzero(data.y_test == list(names).index(chosen))
