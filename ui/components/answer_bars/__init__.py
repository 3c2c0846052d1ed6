"""A prediction in large, and its ten bars. The browser draws them (ui/components/live/bars.js): Python's answer
after each stroke, and its own while the pen moves, into the same bars."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from core.models.classifiers import Classifier
from core.records import Drawing, NumberPrediction, Prediction
from core.words import ordinal
from ui.components import canvas, live
from ui.state import keys

HERE = Path(__file__).parent

_answer_bars = st.components.v2.component(
    "digit_lab_answer",
    html='<div class="dl-answer"></div><div class="dl-said" role="status"></div>',
    js=(HERE.parent / "live" / "message_store.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def answer(
    classifiers: Sequence[Classifier],
    predictions: Sequence[Prediction | None],
    invitation: str,
    *,
    on_canvas: bool,
    rows: bool = True,
    grid: str = "",
    number: NumberPrediction | None = None,
    place: int = 0,
) -> None:
    """The answers of one network or of two to the same drawing.

    Of one: the digit and how confident it is, and a row for each class in order, the winner marked; below
    them, where it has learnt that, whether it is a digit at all. Of two: two cards, and two bars in each row.
    predictions: None where there is no ink: then an em dash and the invitation, one sentence.
    on_canvas: is it the canvas that is read? Then the bars move with the pen.
    rows: False for the digit in large alone, of one network.
    grid: the key of the `pixel_grid` that shows what the networks are given, where there is one.
    number: what is shown in large instead of one digit; then the prediction is of its digit at that place.
    """
    live.expect(classifiers)
    turn = st.session_state.get(keys.ANSWER_TURN, 0) + 1  # what differs is sent
    st.session_state[keys.ANSWER_TURN] = turn
    _answer_bars(
        key="prediction",
        data={
            "turn": turn,
            "answers": [_told(p) for p in predictions],
            "names": [r.network.name for r in classifiers] if len(classifiers) > 1 else [],
            "rows": rows,
            "classes": list(classifiers[0].kind.names),
            "what": classifiers[0].kind.label_noun,
            "hasRejectClass": len(classifiers) == 1 and classifiers[0].has_reject_class,
            "invitation": invitation,
            "networks": live.runnable(classifiers),
            "grid": grid,
            "number": None if number is None else _number_told(number, place),
            "numbers": len(classifiers) == 1 and classifiers[0].has_reject_class and rows,
            "canvas": canvas.told() if on_canvas else None,
        },
    )


def _number_told(number: NumberPrediction, place: int) -> dict[str, Any]:
    count, drawing = len(number.digits), number.digits[place].drawing or Drawing(())
    which = "" if count < 2 else f" The bars are of its {ordinal(place + 1)} digit."
    return {
        "text": number.number,
        "probability": float(np.prod([digit.prediction.probabilities.max() for digit in number.digits])),
        "words": f"That is {number.number}.{which}",
        "place": place,
        "strokes": canvas.hundredths(drawing),
        "brushes": drawing.brushes,
    }


def _told(prediction: Prediction | None) -> dict[str, Any] | None:
    if prediction is None:
        return None
    if not prediction.is_number:
        return {
            "probabilities": [0.0] * len(prediction.probabilities),
            "isDigit": None,
            "digit": None,
            "abstention": prediction.abstention,
        }
    return {
        "probabilities": np.round(prediction.probabilities.astype(float), 6).tolist(),
        "isDigit": None if prediction.is_digit is None else round(prediction.is_digit, 6),
        "digit": prediction.digit,
        "abstention": prediction.abstention,
    }
