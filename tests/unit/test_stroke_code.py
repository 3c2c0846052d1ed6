"""A drawing as a text that fits into an address."""

import numpy as np
import pytest

from core.data.own_classes import EXAMPLES
from core.ink import files, stroke_code
from core.ink.decoder import BadInput
from core.ink.stroke_code import SIDE, decode, encode
from core.records import Drawing

LINE = np.array([[10, 10], [100, 40], [400, 560]], np.float32)


def drawing(*strokes: np.ndarray, canvas: float | None = SIDE) -> Drawing:
    return Drawing(strokes, (28.0,) * len(strokes), canvas)


def hand(seed: int = 0, points: int = 90) -> Drawing:
    """A loop with a tremor, as a hand draws it, and a bar through it."""
    rng, t = np.random.default_rng(seed), np.linspace(0, 2 * np.pi, points)
    loop = np.stack([280 + 130 * np.sin(t), 280 - 170 * np.cos(t)], 1) + rng.normal(0, 0.8, (points, 2))
    bar = np.stack([np.linspace(150, 420, 40), 300 + rng.normal(0, 0.5, 40)], 1)
    return drawing(loop.astype(np.float32), bar.astype(np.float32))


def test_the_text_of_a_line_is_this():
    # version 1, 1 stroke, brush 28, 2 points: (2, 1), then (-1, +2) in half pixels -> 4, 2, then 1, 4
    text = encode(drawing(np.array([[1, 0.5], [0.5, 1.5]], np.float32)))
    assert text == "AQEcAgQCAQQ"
    assert decode(text).strokes[0].tolist() == [[1, 0.5], [0.5, 1.5]]


def test_what_comes_back_is_what_was_drawn():
    back = decode(encode(drawing(LINE)))
    assert (back.brushes, back.canvas) == ((28.0,), 560.0)
    np.testing.assert_allclose(back.strokes[0], LINE, atol=0.25)
    half = decode(encode(drawing(LINE / 2, canvas=SIDE / 2)))
    np.testing.assert_allclose(half.strokes[0], LINE, atol=0.25)


@pytest.mark.parametrize("seed", range(3))
def test_a_network_is_given_the_same_and_the_link_is_short(seed):
    before = hand(seed)
    text = encode(before)
    assert len(text) < 350
    one, other = files.to_digit_image(before), files.to_digit_image(decode(text))
    assert np.abs(one.pixels - other.pixels).mean() < 0.004


def test_a_long_drawing_fits_all_the_same():
    text = encode(drawing(*[hand(seed, 400).strokes[0] for seed in range(40)]))
    assert 1000 < len(text) <= stroke_code.MAX_LENGTH
    assert len(decode(text).strokes) == 40


def test_a_dot_and_nothing():
    assert decode(encode(drawing(LINE[:1]))).strokes[0].shape == (1, 2)
    assert encode(Drawing(())) == ""


def test_too_many_strokes_are_refused_with_a_sentence():
    with pytest.raises(BadInput, match=r"201 strokes is too much for a link: 200 strokes are the most"):
        encode(drawing(*[LINE] * 201))


GOOD = encode(drawing(LINE))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A",
        "====",
        "<script>",
        GOOD[:-2],
        GOOD + "AA",
        "AgEcAgQCAQQ",  # another version
        "AQEcAgQCAQ",  # a coordinate is missing
        "AQEAAgQCAQQ",  # a brush of 0
        "AQEcAgECAQQ",  # left of the canvas
        "AQH_____________",  # a number without an end
        "é" * 20,
        "A" * 4000,
    ],
)
def test_what_is_no_drawing_is_refused_in_words(text):
    with pytest.raises(BadInput, match=r"damaged or no drawing: expected|characters, and 3,000 are the most"):
        decode(text)


def test_whatever_comes_is_a_drawing_on_the_canvas_or_bad_input():
    rng = np.random.default_rng(0)
    for _ in range(2000):
        changed = list(GOOD)
        changed[rng.integers(len(changed))] = "ABCDEFGHabcdefgh0123-_"[rng.integers(22)]
        try:
            back = decode("".join(changed))
        except BadInput:
            continue
        assert all(s.min() >= 0 and s.max() <= SIDE for s in back.strokes)


def test_the_examples_of_own_classes_fit():
    for make in EXAMPLES["Shapes"].values():
        strokes = tuple(100 + 300 * np.asarray(s, np.float32) for s in make())
        assert 0 < len(encode(drawing(*strokes))) < 300
