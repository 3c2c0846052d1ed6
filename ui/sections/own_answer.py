"""What a network says of somebody's own classes: its bars, how good it is, and its files."""

from functools import lru_cache

import numpy as np
import streamlit as st

from core.analysis import evaluation
from core.data import own_classes
from core.data.own_classes import OwnClasses
from core.models import classifiers, own_head, registry
from core.models.classifiers import Classifier
from core.models.exports import html_file, keras_files, onnx_file, pytorch
from core.models.own_head import Head, OwnClassifier
from core.records import ColourImage, DigitImage, Labelled
from core.storage.store import StoreError
from core.words import capitalised, confidence, counted
from ui import say
from ui.components import own_bars, plotly_chart, signal_flow
from ui.figures import fraction_curves
from ui.sections import confusion_explorer, network_choice
from ui.sections.one_image import Answer
from ui.state import keys, visitor
from ui.widgets import downloads as files

PIXELS = -1
NONE = "none of these"
MISSING = "Draw one of each of two classes at least: then the bars begin to answer."
MISSING_IMAGES = "Keep one of each of two classes at least: then the bars begin to answer."
EMPTY_OF_IMAGES = "It has learnt them. Show it one, and see what it takes it for."
EMPTY = "It has learnt them. Draw, and see what it takes it for."
NO_NUMBER = (
    "What this network makes of them is not a number (NaN), so nothing can be learnt from it: choose another."
)
NO_NUMBER_HERE = "What this network makes of this is not a number (NaN), so it is taken for nothing."


def classifier() -> Classifier:
    """The network that a browser reads with: that on which it is built, or for pixels the one that comes with
    the app, for its image alone."""
    return _base(of_images=False) or classifiers.shipped()


def answer(own: OwnClasses, image: DigitImage | None) -> None:
    """The bars of what is drawn, by a network that has learnt all that is kept."""
    base, names = _base(of_images=False), [*own.classes, NONE]
    head = _head(base, own) if own.trainable else None
    with st.container(key="own-unseen"):
        follows = own_bars.follow_pen(classifier())
        if head and head.is_finite:
            own_bars.learnt(head, names)
    with st.container(key="own-answer"):
        if head is None or not head.is_finite:
            says = MISSING if head is None else NO_NUMBER
            own_bars.own_bars(names, None, says, says)
        else:
            probabilities = None if image is None else _probabilities(head, image)
            says = EMPTY if image is None else _says(names, probabilities)
            own_bars.own_bars(names, probabilities, says, EMPTY, follows)
    _choose_base(of_images=False)


def answer_image(own: OwnClasses, pixels: np.ndarray | None) -> None:
    """The same for classes of images. pixels: float32 [32, 32, 3], or None."""
    base, names = _base(of_images=True), [*own.classes, NONE]
    with st.container(key="own-answer"):
        if not own.trainable or pixels is None or base is None:
            own_bars.own_bars(names, None, EMPTY_OF_IMAGES if own.trainable else MISSING_IMAGES, "")
        elif not (head := _head(base, own)).is_finite:
            own_bars.own_bars(names, None, NO_NUMBER, "")
        else:
            probabilities = _probabilities(head, ColourImage(pixels))
            own_bars.own_bars(names, probabilities, _says(names, probabilities), "")
    _choose_base(of_images=True)


def _probabilities(head: Head, image: DigitImage | ColourImage) -> list[float] | None:
    """Of each class, and of none; None where they are no numbers."""
    found = head.answer(image.pixels)
    probabilities = [*(found.probabilities * (1 - found.none)).tolist(), found.none]
    return probabilities if np.isfinite(probabilities).all() else None


def _says(names: list[str], probabilities: list[float] | None) -> str:
    if probabilities is None:
        return NO_NUMBER_HERE
    best = max(range(len(names)), key=probabilities.__getitem__)
    return capitalised(f"{names[best]}, {confidence(probabilities[best])} sure.")


def _base(*, of_images: bool) -> Classifier | None:
    """The network on whose last hidden layer it is built; None for the pixels themselves."""
    first = next(iter(registry.IN_COLOUR)) if of_images else registry.SHIPPED
    number = st.session_state.get(keys.OWN_IMAGE_BASE if of_images else keys.OWN_BASE, first)
    if number == PIXELS:
        return None
    try:
        found = registry.classifier(number, visitor.name())
    except StoreError:
        found = None
    return found or registry.classifier(first, visitor.name())


def _choose_base(*, of_images: bool) -> None:
    key, known = keys.OWN_BASE, network_choice.names_of_networks(of_digits=not of_images)
    if of_images:
        key = keys.OWN_IMAGE_BASE
    else:
        known |= {PIXELS: "nothing: a small network from the pixels"}
    if st.session_state.get(key) not in known:
        st.session_state[key] = next(iter(known))
    st.selectbox(
        "Built on what this network has learnt",
        list(known),
        key=key,
        format_func=known.__getitem__,
        persist_state="session",
    )


@lru_cache(16)
def _head(base: Classifier | None, own: OwnClasses) -> Head:
    return own_head.fit(base, own)


def look_inside(own: OwnClasses, image: DigitImage | ColourImage | None) -> None:
    """What each layer makes of it, up to the classes; of the last one kept, where nothing is shown."""
    if not own.trainable or not _head(_base(of_images=own.of_images), own).is_finite:
        return
    with st.expander("Look inside", icon=":material/layers:", key="own-inside", on_change="rerun") as opened:
        if not opened.open:
            return
        pixels, labels = own.images()
        called = f"your {own.noun}"
        if image is None:
            image = ColourImage(pixels[-1]) if own.of_images else DigitImage(pixels[-1])
            called = f"the last {own.classes[labels[-1]]}"
        signal_flow.network_flow(_classifier(_base(of_images=own.of_images), own), image, called)


@lru_cache(4)
def _classifier(base: Classifier | None, own: OwnClasses) -> OwnClassifier:
    return OwnClassifier(_head(base, own), own)


def how_good(own: OwnClasses) -> None:
    """How many of the drawings it reads that it has not learnt from, and how that grows with their number."""
    if not own.trainable:
        return
    with st.expander("How good is it?", icon=":material/rule:", key="own-good", on_change="rerun") as opened:
        if not opened.open:
            return
        base = _base(of_images=own.of_images)
        if not _head(base, own).is_finite:
            st.info(NO_NUMBER)
            return
        with st.spinner(f"Asking about each {own.noun}, of one that has not learnt from it"):
            right, points = own_head.accuracy(base, own), own_head.learning_curve(base, own)
        if right is None:
            st.caption("Two of each at least: then some can be asked about that it has not learnt from.")
            return
        said = counted(len(own.examples), own.noun)
        say.caption(f"{right:.0%} of {said} are right, each asked of one that has learnt from others only.")
        if points:
            lines = {"right": [(float(n), accuracy) for n, accuracy in points]}
            plotly_chart.chart(
                fraction_curves.fraction_curves(
                    lines, f"{own.noun}s of each that it has learnt from", "accuracy"
                ),
                key="own-curve",
            )
        mistakes(base, own)


def mistakes(base: Classifier | None, own: OwnClasses) -> None:
    """Which drawings are taken for what, as on the page of mistakes."""
    probabilities = own_head.cross_validated(base, own)
    assert probabilities is not None  # else there is no accuracy
    pixels, labels = own.images()
    data = Labelled(np.rint(255 * pixels).astype(np.uint8), labels.astype(np.uint8), own.classes)
    found = evaluation.evaluate(probabilities, labels, own.classes)
    confusion_explorer.explore("", data, Answer(PIXELS, own.name, found))


def downloads(own: OwnClasses) -> None:
    """The drawings as one file, and the network that has learnt them."""
    stem = files.stem_of(own.name)
    files.button(f"Classes and {own.noun}s (.json)", f"{stem}.json", lambda: own_classes.write(own))
    if not own.trainable:
        return
    base, names = _base(of_images=own.of_images), own.classes
    if not _head(base, own).is_finite:
        st.info(NO_NUMBER)
        return
    make = lambda: _head(base, own).network(own.name)  # noqa: E731
    files.button("Page that draws and reads (.html)", f"{stem}.html", lambda: html_file.make(make(), names))
    files.button("Keras model (.keras)", f"{stem}.keras", lambda: keras_files.keras(make()))
    files.button("LiteRT model (.tflite)", f"{stem}.tflite", lambda: make().litert)
    files.button("ONNX model (.onnx)", f"{stem}.onnx", lambda: onnx_file.make(make(), names))
    files.button("PyTorch weights (.safetensors)", f"{stem}.safetensors", lambda: pytorch.tensors(make()))
    module = lambda: pytorch.source(make(), f"{stem}.safetensors", names)  # noqa: E731
    files.button("PyTorch module (.py)", f"{stem}.py", module)
