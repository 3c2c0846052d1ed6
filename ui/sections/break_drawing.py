"""Damage to the image: the answer along a slider, and the accuracy on test images against the same."""

import html

import numpy as np
import streamlit as st

from core.analysis import breaking, distortions
from core.analysis.distortions import DISTORTIONS
from core.data import datasets
from core.models.classifiers import Classifier
from core.nn import calibration
from core.records import ColourImage, DigitImage
from core.words import confidence
from ui import say
from ui.components import plotly_chart
from ui.figures import fraction_curves
from ui.sections.attribution_panel import named
from ui.state import keys, selection
from ui.widgets import thumbnails

ALONG = 49  # amounts at which the image is read


def drawing_section(classifier: Classifier, image: DigitImage | ColourImage) -> None:
    """Show the distortions of an image and what a network says along each; the section of Break it."""
    st.markdown(
        "Turn it, blur it, cover it: the curve shows what the network answers all along the slider. "
        "Where it falls, the network has never learnt that such a picture is the same."
    )
    of_ink = isinstance(image, DigitImage)
    names = [name for name, kind in DISTORTIONS.items() if of_ink or not kind.only_ink]
    if st.session_state.get(keys.BREAK_HOW) not in names:
        st.session_state[keys.BREAK_HOW] = names[0]
    how = st.segmented_control("Damage", names, key=keys.BREAK_HOW, required=True, persist_state="session")
    kind = DISTORTIONS[how or names[0]]
    amount = st.slider(
        "How much",
        float(kind.low),
        float(kind.high),
        float(kind.start),
        step=(kind.high - kind.low) / 100,
        key=keys.break_amount(how or names[0]),
        persist_state="session",
    )
    _show(classifier, image, how or names[0], amount)
    _tested(classifier, how or names[0], amount)


def _show(classifier: Classifier, image: DigitImage | ColourImage, how: str, amount: float) -> None:
    data, kind = classifier.network.data, DISTORTIONS[how]
    every = distortions.amounts(how, ALONG)
    along = np.concatenate([distortions.distorted(image.pixels[None], how, a) for a in (*every, amount)])
    answers = calibration.split(classifier.outputs(along))[0]
    now, before = answers[-1], classifier.predict(image).probabilities
    was, sees = int(before.argmax()), int(now.argmax())
    left, right = st.columns([1, 3], gap="medium")
    with left:
        word = f"It sees {named(sees, data)}, {confidence(float(now[sees]))} sure."
        damaged = thumbnails.ink(along[-1], title="The damaged picture")
        st.html(
            f'<figure class="dl-broken"><div class="dl-thumb">{damaged}</div>'
            f'<figcaption aria-live="polite">{html.escape(word)}</figcaption></figure>'
        )
    order = list(dict.fromkeys([was, sees, *map(int, np.argsort(-answers.max(0), kind="stable")[:4])]))[:4]
    lines = {named(k, data): list(zip(every.tolist(), answers[:-1, k].tolist(), strict=True)) for k in order}
    with right:
        figure = fraction_curves.fraction_curves(lines, kind.unit, "probability", at=amount)
        plotly_chart.live_chart(figure, key="break-along")


def _tested(classifier: Classifier, how: str, amount: float) -> None:
    """The accuracy of this network, and of another, on test images that are damaged in the same way."""
    kind = datasets.KINDS[classifier.network.data]
    label = f"Also on {breaking.FEWER} test {kind.noun}{', beside another network' * kind.of_digits}"
    if not st.toggle(label, key=keys.BREAK_TESTED, persist_state="session"):
        return
    try:
        with st.spinner("Reading them"):
            lines = {name: breaking.drawing_curve(c, how) for name, c in two(classifier).items()}
    except datasets.NoData as error:
        say.info(error)
        return
    figure = fraction_curves.fraction_curves(lines, DISTORTIONS[how].unit, "accuracy", at=amount)
    plotly_chart.live_chart(figure, key="break-tested-curve")


def two(classifier: Classifier) -> dict[str, Classifier]:
    """This network and the one beside it: the visitor's second choice, or another that comes with the app.

    By their names, which two trainings of one recipe share: the second is told apart then. In colour there is
    no other.
    """
    name = classifier.network.name
    if not datasets.KINDS[classifier.network.data].of_digits:
        return {name: classifier}
    other = selection.beside(classifier)
    return {name: classifier, other.network.name + ", beside it" * (other.network.name == name): other}
