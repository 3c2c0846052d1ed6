"""What a network says of somebody's own classes: its bars, how good it is, and its files."""

import html
from functools import lru_cache

import streamlit as st

from core.data import own_classes
from core.data.own_classes import OwnClasses
from core.models import own_head, registry
from core.models.classifiers import Classifier
from core.models.exports import html_file, keras_files, pytorch
from core.models.own_head import Head
from core.records import DigitImage
from core.words import confidence, counted
from ui import say
from ui.components import plotly_chart
from ui.figures import break_figures
from ui.sections import network_choice
from ui.state import keys, visitor
from ui.widgets import class_bars
from ui.widgets import downloads as files

PIXELS = -1
NONE = "none of these"


def answer(own: OwnClasses, image: DigitImage | None) -> None:
    """The bars of what is drawn, by a network that has learnt all that is kept."""
    bars = st.container()  # above the choice of the network: what one looks at while one draws
    base = _base()
    with bars:
        _bars(base, own, image)


def _bars(base: Classifier | None, own: OwnClasses, image: DigitImage | None) -> None:
    if not own.trainable:
        missing = "Draw one of each of two classes at least: then the bars begin to answer."
        st.html(f'<p class="dl-says">{html.escape(missing)}</p>')
        class_bars.class_bars([*own.classes, NONE], None)
        return
    if image is None:
        st.html('<p class="dl-says">It has learnt them. Draw, and see what it takes it for.</p>')
        class_bars.class_bars([*own.classes, NONE], None)
        return
    found = _head(base, own).answer(image.pixels)
    shares = [*(found.probabilities * (1 - found.none)), found.none]
    names = [*own.classes, NONE]
    best = max(range(len(names)), key=shares.__getitem__)
    says = f"{names[best]}, {confidence(float(shares[best]))} sure."
    st.html(f'<p class="dl-says" role="status">{html.escape(says[0].upper() + says[1:])}</p>')
    rows = "".join(
        class_bars.bar(name, float(share), "dl-named dl-winner" if n == best else "dl-named")
        for n, (name, share) in enumerate(zip(names, shares, strict=True))
    )
    st.html(f'<div class="dl-rows" role="group" aria-label="How probable each is">{rows}</div>')


def _base() -> Classifier | None:
    """The network on whose last hidden layer it is built; None for the pixels themselves."""
    known = {**network_choice.names_of_networks(), PIXELS: "nothing: a small network from the pixels"}
    if st.session_state.get(keys.OWN_BASE) not in known:
        st.session_state[keys.OWN_BASE] = registry.SHIPPED
    number = st.selectbox(
        "Built on what this network has learnt",
        list(known),
        key=keys.OWN_BASE,
        format_func=known.__getitem__,
        persist_state="session",
    )
    return None if number == PIXELS else registry.classifier(number, visitor.name())


@lru_cache(16)
def _head(base: Classifier | None, own: OwnClasses) -> Head:
    return own_head.fit(base, own)


def how_good(own: OwnClasses) -> None:
    """How many of the drawings it reads that it has not learnt from, and how that grows with their number."""
    if not own.trainable:
        return
    with st.expander("How good is it?", key="own-good", on_change="rerun") as opened:
        if not opened.open:
            return
        number = st.session_state[keys.OWN_BASE]
        base = None if number == PIXELS else registry.classifier(number, visitor.name())
        share = own_head.accuracy(base, own)
        if share is None:
            st.caption("Draw two of each at least: then some can be asked about that it has not learnt from.")
            return
        said = counted(len(own.examples), "drawing")
        say.caption(f"{share:.0%} of {said} are right, each asked of one that has learnt from others only.")
        if points := own_head.learning_curve(base, own):
            lines = {"right": [(float(n), accuracy) for n, accuracy in points]}
            plotly_chart.chart(
                break_figures.against(lines, "drawings of each that it has learnt from", "accuracy"),
                key="own-curve",
            )


def downloads(own: OwnClasses) -> None:
    """The drawings as one file, and the network that has learnt them."""
    stem = files.stem_of(own.name)
    files.button("Classes and drawings (.json)", f"{stem}.json", lambda: own_classes.write(own))
    if not own.trainable:
        return
    number = st.session_state.get(keys.OWN_BASE, registry.SHIPPED)
    base = None if number == PIXELS else registry.classifier(number, visitor.name())
    make = lambda: _head(base, own).network(own.name)  # noqa: E731
    files.button(
        "Page that draws and reads (.html)", f"{stem}.html", lambda: html_file.make(make(), own.classes)
    )
    files.button("Keras model (.keras)", f"{stem}.keras", lambda: keras_files.keras(make()))
    files.button("PyTorch weights (.safetensors)", f"{stem}.safetensors", lambda: pytorch.tensors(make()))
    module = lambda: pytorch.source(make(), f"{stem}.safetensors", own.classes)  # noqa: E731
    files.button("PyTorch module (.py)", f"{stem}.py", module)
