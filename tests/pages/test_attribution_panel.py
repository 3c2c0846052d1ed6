"""What the room Why shows, without a browser: what is asked, what is shown, which numbers."""

import base64
import html
import io
import re

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.analysis import attribution
from core.analysis.attribution import METHODS, NOT_A_DIGIT, Explanation
from core.analysis.decisive import Piece, decisive
from core.ink.preprocessing import from_strokes
from core.records import DigitImage, Prediction
from tests import shapes
from ui.sections import attribution_panel

PAGE = """
import streamlit as st
from core.models import classifiers
from core.ink.preprocessing import from_strokes
from ui.sections import attribution_panel as decided
from tests import shapes
image = from_strokes(shapes.strokes(st.session_state["what"]))
decided.attribution_section(classifiers.shipped(st.session_state["network"]), image)
"""


def app(what=7, network="digit-lab", **state) -> AppTest:
    """With the four methods."""
    at = AppTest.from_string(PAGE, default_timeout=60)
    for key, value in {"what": what, "network": network, "decided-all": True, **state}.items():
        at.session_state[key] = value
    at.run()
    assert not at.exception
    return at


def text(at: AppTest) -> str:
    body = " ".join(part.proto.body for part in at.get("html"))
    body = re.sub(r"</?a\b[^>]*>", "", body)  # a term is a link in its sentence
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)))


def question(at: AppTest):
    return next(c for c in at.segmented_control if c.label == "What is asked")


def test_one_method_in_a_sentence_until_more_are_asked_for(classifier):
    at = app(6, **{"decided-all": False})
    said, image = text(at), from_strokes(shapes.strokes(6))
    piece = decisive(classifier, image, 6)
    before, then = piece.probabilities
    assert piece.then.digit != 6
    assert f"Cover this bit and it is no longer a 6: {before:.1%} → {then:.1%}." in said
    assert "log-odds" not in said
    assert not [c for c in at.segmented_control if c.label == "How it is asked"]
    at.toggle(key="decided-all").set_value(True).run()
    assert text(at).index("Saliency") < text(at).index("What is explained: the log-odds")


def test_what_keeps_it_from_being_another(classifier):
    at = app(4, **{"decided-all": False})
    control = question(at)
    rival = int(re.search(r"\d", control.options[1])[0])
    control.set_value(rival).run()
    before, then = decisive(classifier, from_strokes(shapes.strokes(4)), rival, rising=True).probabilities
    assert f"{before:.1%} → {then:.1%}" in text(at)
    assert then >= before


def said_of(target, before, then, digit, rising=False) -> str:
    """What is said of a piece with these probabilities of the class, after which that digit is read."""
    others = np.full(10, (1 - before) / 9, np.float32)
    others[target] = before
    rest = np.full(10, (1 - then) / 9, np.float32)
    rest[target] = then
    predictions = [
        Prediction(np.log(p), p, d, "" if d is not None else "No.") for p, d in ((others, 4), (rest, digit))
    ]
    blank = DigitImage(np.zeros((28, 28), np.float32))
    piece = Piece(9, 9, 5, target, rising, blank, *predictions, np.zeros((28, 28), np.float32))
    return attribution_panel._says(piece, "mnist")


def test_what_covering_does_in_a_pupils_words():
    assert said_of(4, 0.999, 0.088, 9) == (
        "Cover this bit and it is no longer a 4: 99.9% → 8.8%. Then it sees a 9."
    )
    assert said_of(4, 0.999, 0.3, None).endswith("Then it sees no digit.")
    assert said_of(4, 0.999, 0.912, 4) == "Cover this bit and it is less sure of a 4: 99.9% → 91.2%."
    assert said_of(4, 0.999, 0.998, 4) == (
        "Whichever bit is covered, the answer hardly changes: a 4 99.9% → 99.8% at the most."
    )
    assert said_of(9, 0.01, 0.9, 9, rising=True) == "Cover this bit and it becomes a 9: 1.0% → 90.0%."
    assert said_of(9, 0.01, 0.2, 4, rising=True) == (
        "Cover this bit and it comes nearer to a 9: 1.0% → 20.0%. It still sees a 4."
    )
    assert said_of(9, 0.001, 0.002, 4, rising=True) == (
        "Whichever bit is covered, it does not become a 9: 0.1% → 0.2% at the most."
    )


def test_all_four_beside_each_other():
    at = app()
    said = text(at)
    for name in ("Occlusion", "Integrated gradients", "Saliency", "Grad-CAM"):
        assert name in said
    for method in METHODS.values():
        assert method.shows in said
        assert method.hides[1:] in said
    assert said.count("What it does not show:") == 4
    assert question(at).options[0] == "Why a 7?"
    assert question(at).options[1].startswith("Why not a")


def test_the_numbers_are_those_of_the_explanation(classifier):
    found = attribution.integrated_gradients(classifier, from_strokes(shapes.strokes(7)).pixels, 7)
    sum_, rise = re.search(r"The sum is ([\d.]+); the log-odds rose by ([\d.]+)", text(app())).groups()
    assert float(sum_) == pytest.approx(found.facts["sum"], rel=0.01)
    assert float(rise) == pytest.approx(found.facts["rise"], rel=0.01)


def test_why_not_the_runner_up():
    at = app()
    control = question(at)
    rival = int(re.search(r"\d", control.options[1])[0])
    control.set_value(rival).run()
    assert not at.exception
    assert f"the log-odds of a {rival}," in text(at).replace("an 8", "a 8")
    assert "to 1 against it" in text(at)


def test_one_method_alone_and_another_square_of_paper():
    at = app()
    method = next(c for c in at.segmented_control if c.label == "How it is asked")
    method.set_value("Cover it").run()
    at.segmented_control(key="decided-patch").set_value(3).run()
    assert not at.exception
    assert METHODS["Cover it"].shows in text(at)
    assert METHODS["Grad-CAM"].shows not in text(at)


def test_grad_cam_of_another_layer():
    at = app(7, "first-conv-best", **{"decided-method": "Grad-CAM"})
    assert at.selectbox[0].value == "conv2d_2"
    at.selectbox[0].set_value("conv2d_1").run()
    assert not at.exception
    assert "16 maps of 25 x 25" in text(at)


def test_a_map_that_is_nowhere_above_zero_says_so():
    facts = {"answer": 1.0, "maps": 20, "height": 28, "width": 28}
    found = Explanation("Grad-CAM", 8, np.zeros((28, 28), np.float32), False, facts)
    said = attribution_panel._fact(found, "logit", attribution_panel.named(8))
    assert said == "Weighted and added, the 20 maps of 28 x 28 speak for an 8 nowhere."


def test_the_bare_logit():
    at = app()
    at.toggle(key="decided-bare").set_value(True).run()
    assert "the logit of a 7, its number before the softmax" in text(at)


def test_what_is_no_digit_is_asked_why():
    at = app("A")
    assert question(at).value == NOT_A_DIGIT
    assert question(at).options[0] == "Why no digit?"
    assert "the log-odds of no digit" in text(at)


def test_a_network_with_ten_outputs_is_not_asked_for_an_eleventh():
    assert len(question(app(3, "first-conv-best")).options) == 10
    assert len(question(app(3)).options) == 11


def test_colour_is_the_sign_and_opacity_the_size():
    shown = np.zeros((28, 28), np.float32)
    shown[0, :3] = 4, -2, 1
    found = Explanation("Add it up", 7, shown, True, {})
    url = re.search(r"base64,([^\"]+)", attribution_panel._coloured(found))[1]
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(url))))
    assert pixels[0, 0].tolist() == [0x5B, 0x60, 0xF0, 255]
    assert pixels[0, 1].tolist() == [0xDD, 0x6B, 0x20, 128]
    assert pixels[0, 2].tolist() == [0x5B, 0x60, 0xF0, 64]
    assert (pixels[1:, :, 3] == 0).all()


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (7.26, "1,400 to 1 for it"),
        (-2.3026, "10 to 1 against it"),
        (0.0, "1.0 to 1 against it"),
        (0.7, "2.0 to 1 for it"),
        (20, "more than a million to 1 for it"),
    ],
)
def test_odds_in_words(value, said):
    assert attribution_panel._odds(value) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (11.26, "11.3"),
        (-4.058, "−4.06"),
        (0.0, "0.00"),
        (0.0123, "0.012"),
        (-0.00001, "−1e-05"),
        (123.4, "123"),
    ],
)
def test_numbers_in_three_digits(value, said):
    assert attribution_panel._n(value) == said
