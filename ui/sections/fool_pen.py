"""The shortest stroke that changes the answer, and a game: draw one digit that is taken for another."""

import html

import numpy as np
import streamlit as st

from core.analysis import pen_attack, works
from core.analysis.pen_attack import Stroke
from core.models.classifiers import Classifier
from core.records import DigitImage, Drawing
from core.words import confidence, with_article
from ui.components import canvas
from ui.state import keys
from ui.widgets import thumbnails

GAME = (4, 9)  # what the challenge begins with


def pen_section(classifier: Classifier, image: DigitImage) -> None:
    """Show the shortest stroke that changes what a network says of an image."""
    st.markdown(
        "One more stroke of the pen can change the answer. "
        "Thousands are tried, the shortest first, until one does."
    )
    drawing = _drawing(image)
    mine = (works.fingerprint(classifier.network), image.pixels.tobytes())
    if st.button("Find the shortest stroke", key="fool-stroke-find", icon=":material/search:"):
        with st.spinner("Trying strokes, the shortest first"):
            st.session_state[keys.FOOL_STROKE] = (mine, pen_attack.shortest(classifier, image, drawing))
    known, found = st.session_state.get(keys.FOOL_STROKE, (None, None))
    if known == mine:
        _show(found, image)
    st.header("Can you do it?", anchor=False)
    _game(classifier, image, drawing)


def _drawing(image: DigitImage) -> Drawing | None:
    """What is on the canvas, where it is that which is looked at."""
    drawing, made = canvas.last_drawing(), canvas.last_image()
    return drawing if made is not None and np.array_equal(made.pixels, image.pixels) else None


def _show(found: Stroke | None, image: DigitImage) -> None:
    if found is None:
        st.info("No single straight stroke of up to 10 pixels changes this answer. It is a clear one.")
        return
    was, now = (int(p.probabilities.argmax()) for p in (found.before, found.after))
    says = (
        f"A stroke of {found.length:g} pixels makes {with_article(str(was))} into {with_article(str(now))}, "
        f"{confidence(float(found.after.probabilities.max()))} sure."
    )
    (x1, y1), (x2, y2) = found.line / 28
    turned = np.degrees(np.arctan2(y2 - y1, x2 - x1))
    place = f"left:{x1:.2%};top:{y1:.2%};width:{np.hypot(x2 - x1, y2 - y1):.2%};rotate:{turned:.1f}deg"
    before = thumbnails.ink(image.pixels, title="As it was") + f'<div class="dl-stroke" style="{place}"></div>'
    after = thumbnails.ink(found.image.pixels, title="With the stroke")
    cells = (
        (before, f"the stroke to add to {with_article(str(was))}"),
        (after, f"what it sees then: {with_article(str(now))}"),
    )
    body = "".join(
        f'<figure><div class="dl-thumb">{thumb}</div><figcaption>{words}</figcaption></figure>'
        for thumb, words in cells
    )
    st.html(f'<p class="dl-says" role="status">{html.escape(says)}</p><div class="dl-threes">{body}</div>')
    if found.drawing is not None:
        st.button(
            "Draw it for me",
            key="fool-stroke-draw",
            icon=":material/draw:",
            on_click=_put,
            args=(found.drawing,),
            help="It comes onto the canvas as a stroke of its own; one Undo takes it away.",
        )


def _put(drawing: Drawing) -> None:
    canvas.put(drawing)
    st.session_state[keys.INSIDE_WAY] = "Draw"


def _game(classifier: Classifier, image: DigitImage, drawing: Drawing | None) -> None:
    digits = list(range(10))
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        drawn = st.selectbox(
            "Draw",
            digits,
            index=GAME[0],
            key=keys.FOOL_DRAWN,
            format_func=lambda k: with_article(str(k)),
            persist_state="session",
            width=120,
        )
        taken = st.selectbox(
            "that it takes for",
            digits,
            index=GAME[1],
            key=keys.FOOL_TAKEN,
            format_func=lambda k: with_article(str(k)),
            persist_state="session",
            width=150,
        )
    if drawn == taken:
        st.caption("Choose two different digits.")
        return
    if drawing is None:
        wanted = with_article(f"{drawn}")
        st.caption(f"Draw {wanted} on the left, and your score appears here.")
        return
    score = pen_attack.score(classifier, image, drawn, taken)
    best = st.session_state.setdefault(keys.FOOL_BEST, {})
    place = (drawn, taken, works.fingerprint(classifier.network))
    best[place] = max(best.get(place, 0), score.points)
    near = round(score.looks * pen_attack.NEIGHBOURS)
    st.html(
        f'<div class="dl-score"><b>{score.points}</b><div>of 100 points; your best is {best[place]}<br><small>'
        f"The network is {confidence(score.fooled)} sure that it is {with_article(str(taken))}; of the "
        f"{pen_attack.NEIGHBOURS} most similar training digits {near} are "
        f"{drawn!s}s.</small></div></div>"
    )
    st.caption("Points are how sure the fooled network is, times how much it still is what you were to draw.")
