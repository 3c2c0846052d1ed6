"""What the networks predict of the ink on the Draw page: one digit, or a number and each of its digits.

Called by `pages.draw`.
"""

import time
from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.models.classifiers import Classifier
from core.records import DigitImage, Drawing, NumberPrediction, Prediction
from ui.components import answer_bars
from ui.sections import label_row, network_choice, number_digits
from ui.state import selection

# Seconds by which the answer is ahead of the rest of the page. The browser puts up at once what comes at once:
# with thirty other elements the answer was drawn when those were.
_AHEAD = 0.015


@dataclass(frozen=True)
class Answer:
    """What is predicted, and of what.

    classifiers, predictions: of one network, or of two to be compared; None where there is no ink.
    content: all that is drawn, or the part of an image that is read, uint8 [h, w, 3]; None where there is none.
    image, drawing: what the predictions are of; no drawing where it came as an image.
    number: what the ink is, where it may be several digits.
    place: which of its digits the predictions are of; None where they are of all the ink.
    collects: is each drawing one digit to be kept, whatever it looks like?
    """

    classifiers: list[Classifier]
    predictions: list[Prediction | None]
    content: Drawing | np.ndarray | None
    image: DigitImage | None
    drawing: Drawing | None
    number: NumberPrediction | None = None
    place: int | None = None
    collects: bool = False


def predict(content: Drawing | np.ndarray | None, image: DigitImage | None) -> Answer:
    """Return what the chosen networks predict. content: see `Answer`. image: all its ink as one digit."""
    first, second = selection.classifier(), selection.second()
    prediction = first.predict(image) if image else None
    drawing = content if isinstance(content, Drawing) else None
    collects = first.kind.of_digits and drawing is not None and label_row.collects()
    number = None if collects else number_digits.reading(content, image, prediction, first)
    if second is not None:  # beside its answer a number is only told of
        both = [prediction, second.predict(image) if image else None]
        return Answer([first, second], both, content, image, drawing, number, collects=collects)
    if number is None:
        return Answer([first], [prediction], content, image, drawing, collects=collects)
    place = number_digits.chosen(number)
    digit = number.digits[place]
    return Answer([first], [digit.prediction], content, digit.image, digit.drawing, number, place)


def draw_answer(answer: Answer, invitation: str, *, on_canvas: bool) -> None:
    """Show the bars, a number's digits, and which networks these are.

    invitation: one sentence for where there is no ink. on_canvas: is it the canvas that is read?
    """
    is_number = answer.place is not None
    answer_bars.answer(
        answer.classifiers,
        answer.predictions,
        invitation,
        on_canvas=on_canvas,
        grid="pixels",
        number=answer.number if is_number else None,
        place=answer.place or 0,
    )
    time.sleep(_AHEAD)
    if answer.number is not None and answer.content is not None:
        if is_number:
            number_digits.digits(answer.number, answer.content)
        else:
            found = answer.number.number
            st.caption(f"It may be {found}: numbers are read where one network is chosen, not two.")
    first, *second = answer.classifiers
    network_choice.menu(first, second[0] if second else None)
