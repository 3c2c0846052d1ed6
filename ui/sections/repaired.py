"""An image from elsewhere that was traced into pen strokes on the canvas, to be repaired there. Until they are
changed the image itself is read, so that tracing alone changes no answer."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.ink import files, vectorize
from core.models.classifiers import Classifier
from core.records import DigitImage, Drawing
from ui import say
from ui.components import canvas
from ui.state import keys
from ui.widgets import thumbnails


@dataclass(frozen=True)
class _Repaired:
    """pixels: the original, float32 [28, 28], 1 = ink. called: what it is. traced: as it lies on the canvas."""

    pixels: np.ndarray
    called: str
    traced: Drawing


def begin(pixels: np.ndarray, called: str, classifier: Classifier | None) -> None:
    """Put it on the canvas, traced in the way that this classifier, where there is one, answers as it does the
    original, if any is."""
    found = vectorize.candidates(pixels)
    same = [drawing for drawing in found if classifier and _same(classifier, drawing, pixels)]
    canvas.put(next(iter([*same, *found]), Drawing(())))
    st.session_state[keys.REPAIRED] = _Repaired(pixels, called, canvas.last_drawing())


def image(drawing: Drawing) -> DigitImage | None:
    """Return the ink that is read: the original as long as its strokes are as they were, else the canvas's own.

    drawing: what is on the canvas.
    """
    original = _untouched(drawing)
    return DigitImage(original.pixels) if original else canvas.last_image()


def banner(drawing: Drawing, classifier: Classifier) -> None:
    """Say what lies on the canvas and where it came from, beside the original; nothing once it was replaced."""
    known = st.session_state.get(keys.REPAIRED)
    if known is None or not _begins_with(drawing.strokes, known.traced.strokes[:1]):
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="repaired"):
        st.html(f'<div class="dl-thumb dl-original">{thumbnails.ink(known.pixels, title=known.called)}</div>')
        if _untouched(drawing) is None:
            say.caption(f"{known.called}, from Mistakes, as it was. The strokes are read now, not the picture.")
            return
        same = _same(classifier, drawing, known.pixels)
        other = (
            "" if same else f" The strokes it takes for a {_digit(classifier, files.to_digit_image(drawing))}."
        )
        say.caption(
            f"{known.called}, from Mistakes, on the canvas as pen strokes. The picture itself is read until "
            f"you change them.{other}"
        )


def _untouched(drawing: Drawing) -> "_Repaired | None":
    known = st.session_state.get(keys.REPAIRED)
    if known is None or len(drawing.strokes) != len(known.traced.strokes):
        return None
    return known if drawing.strokes and _begins_with(drawing.strokes, known.traced.strokes) else None


def _begins_with(strokes: Sequence[np.ndarray], others: Sequence[np.ndarray]) -> bool:
    return len(strokes) >= len(others) and all(map(np.array_equal, strokes, others))


def _same(classifier: Classifier, drawing: Drawing, pixels: np.ndarray) -> bool:
    return _digit(classifier, files.to_digit_image(drawing)) == _digit(classifier, DigitImage(pixels))


def _digit(classifier: Classifier, ink: DigitImage | None) -> int | None:
    return None if ink is None else int(np.argmax(classifier.predict(ink).probabilities))
