"""A number and its digits: which ink each is, how confident of each, and which of them the page is about."""

import numpy as np
import streamlit as st
from PIL import Image

from core.io.data_urls import SVG, data_url
from core.models import number_prediction
from core.models.classifiers import Classifier
from core.records import DigitImage, Drawing, NumberPrediction, Prediction
from core.words import confidence
from ui.components import canvas
from ui.state import keys
from ui.widgets import thumbnails

MARGIN = 0.08  # around a number's boxes, as a fraction of their height
_SIDE = 640  # pixels of the longer side of the image that is shown


def reading(
    content: Drawing | np.ndarray | None,
    image: DigitImage | None,
    prediction: Prediction | None,
    classifier: Classifier,
) -> NumberPrediction | None:
    """Return the number that is shown, if it is one; of an image it is read once only.

    content: what is read. image, prediction: all its ink as one digit, and what the classifier says of that.
    """
    if content is None or image is None or prediction is None:
        return None
    if isinstance(content, Drawing):
        return number_prediction.several(content, image, prediction, classifier)
    known = st.session_state.get(keys.NUMBER_READ)
    if known is None or known[0] is not content or known[1] is not classifier:
        found = number_prediction.several(content, image, prediction, classifier)
        known = st.session_state[keys.NUMBER_READ] = (content, classifier, found)
    return known[2]


def chosen(number: NumberPrediction) -> int:
    """Return the place of the digit that the page is about."""
    place = st.session_state.get(keys.NUMBER_DIGIT)
    if place is None or place >= len(number.digits):
        place = st.session_state[keys.NUMBER_DIGIT] = 0
    return place


def digits(number: NumberPrediction, content: Drawing | np.ndarray) -> None:
    """Show the ink with a box around each digit, each digit's bars, and a choice among them."""
    with st.container(key="number-digits", gap="xsmall"):
        st.html(_boxes(number, content, chosen(number)))
        st.segmented_control(
            "Look at its digit",
            range(len(number.digits)),
            key=keys.NUMBER_DIGIT,
            required=True,
            persist_state="session",
            format_func=lambda place: f"{number.digits[place].prediction.digit}",
            width="stretch",
        )
        st.html(_bars(number, chosen(number)))


def _boxes(number: NumberPrediction, content: Drawing | np.ndarray, place: int) -> str:
    corners = np.array([[left, top, left + w, top + h] for left, top, w, h in (d.box for d in number.digits)])
    low, high = corners[:, :2].min(0), corners[:, 2:].max(0)
    margin = MARGIN * float(high[1] - low[1])
    low, high = low - margin, high + margin
    width, height = high - low
    fractions = (corners - np.tile(low, 2)) / np.tile(high - low, 2)
    boxes = "".join(
        f'<div class="dl-box{" dl-chosen" if n == place else ""}" style="left:{x:.2%};top:{y:.2%};'
        f'width:{right - x:.2%};height:{bottom - y:.2%}"></div>'
        for n, (x, y, right, bottom) in enumerate(fractions)
    )
    ink = _drawn(content, low, high) if isinstance(content, Drawing) else _cut(content, low, high)
    label = f"The ink of {number.number}, with a box around each of its {len(number.digits)} digits"
    return (
        f'<div class="dl-boxes" role="img" aria-label="{label}" '
        f'style="aspect-ratio:{width / height:.4f}">{ink}{boxes}</div>'
    )


def _drawn(drawing: Drawing, low: np.ndarray, high: np.ndarray) -> str:
    (left, top), (width, height) = low, high - low
    brushes = drawing.brushes or (min(width, height) / 15,) * len(drawing.strokes)
    strokes = "".join(
        f'<polyline stroke-width="{brush:.2f}" points="{" ".join(f"{x:.2f},{y:.2f}" for x, y in stroke)}"/>'
        for stroke, brush in zip(drawing.strokes, brushes, strict=True)
    )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{left:.2f} {top:.2f} {width:.2f} {height:.2f}" '
        f'fill="none" stroke="{canvas.INK}" stroke-linecap="round" stroke-linejoin="round">{strokes}</svg>'
    )
    return f'<img src="{data_url(svg.encode(), SVG)}" alt="">'


def _cut(image: np.ndarray, low: np.ndarray, high: np.ndarray) -> str:
    """The part of an image, edges repeated where the margin lies outside."""
    rows, columns = (
        np.arange(int(low[axis]), int(high[axis]) + 1).clip(0, image.shape[1 - axis] - 1) for axis in (1, 0)
    )
    cut = Image.fromarray(image[np.ix_(rows, columns)])
    cut.thumbnail((_SIDE, _SIDE))
    return f'<img src="{thumbnails.image_url(cut)}" alt="">'


def _bars(number: NumberPrediction, place: int) -> str:
    """Ten small upright bars for each digit, and how confident it is."""
    cells = []
    for n, digit in enumerate(number.digits):
        fractions = digit.prediction.probabilities
        bars = "".join(f'<i style="height:{fraction:.1%}"></i>' for fraction in fractions)
        sure = confidence(float(fractions.max()))
        label = f"{digit.prediction.digit}, {sure} sure"
        marked = " dl-chosen" if n == place else ""
        opening = f'<div class="dl-mini{marked}" role="img" aria-label="{label}">'
        cells.append(f"{opening}<div>{bars}</div><span>{sure}</span></div>")
    return f'<div class="dl-minis">{"".join(cells)}</div>'
