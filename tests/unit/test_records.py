import numpy as np
import pytest

from core.models.classifiers import NO_INK, NO_NUMBER, Classifier
from core.models.networks import shipped
from core.records import ColourImage, DigitImage, Drawing, Evaluation, Prediction, Step, StoredDrawing

DIGIT = np.full((28, 28), 0.5, np.float32)
COLOUR = np.full((32, 32, 3), 0.5, np.float32)
LINE = np.array([[0, 0], [9, 9]], np.float32)
TENTH = np.full(10, 0.1, np.float32)
NONE = np.full(10, np.nan, np.float32)


def having(pixels, value):
    """The same with one pixel that is no pixel."""
    pixels = pixels.copy()
    pixels.flat[7] = value
    return pixels


def evaluation(probabilities):
    n = len(probabilities)
    zeros = np.zeros(n)
    return Evaluation(tuple("0123456789"), zeros, probabilities, zeros, zeros, zeros)


def stored(pixels, confidence=None):
    return StoredDrawing(3, pixels, "", "me", None, confidence=confidence)


REFUSED = {
    "a digit with NaN": lambda: DigitImage(having(DIGIT, np.nan)),
    "a digit with infinity": lambda: DigitImage(having(DIGIT, np.inf)),
    "a digit of 0..255": lambda: DigitImage(255 * DIGIT),
    "a digit below 0": lambda: DigitImage(having(DIGIT, -0.5)),
    "a digit of bytes": lambda: DigitImage(np.zeros((28, 28), np.uint8)),
    "a digit in a row": lambda: DigitImage(DIGIT.ravel()),
    "a digit of 32 x 32": lambda: DigitImage(COLOUR[..., 0]),
    "a picture with NaN": lambda: ColourImage(having(COLOUR, np.nan)),
    "a picture without colours": lambda: ColourImage(COLOUR[..., 0]),
    "a step with NaN": lambda: Step("", "", having(DIGIT, np.nan)),
    "a step of no height": lambda: Step("", "", DIGIT[:0]),
    "probabilities that are NaN": lambda: Prediction(TENTH, NONE, 1),
    "logits that are NaN": lambda: Prediction(NONE, TENTH, 1),
    "NaN without a word": lambda: Prediction(NONE, NONE, None),
    "probabilities of 2": lambda: Prediction(TENTH, 2 * TENTH, 1),
    "no digit by NaN": lambda: Prediction(TENTH, TENTH, None, "", float("nan")),
    "a point that is NaN": lambda: Drawing((LINE * np.nan,)),
    "a point of three": lambda: Drawing((np.zeros((4, 3)),)),
    "a stroke without points": lambda: Drawing((LINE[:0],)),
    "a brush too many": lambda: Drawing((LINE,), (1.0, 2.0)),
    "a brush of NaN": lambda: Drawing((LINE,), (float("nan"),)),
    "a brush of 0": lambda: Drawing((LINE,), (0.0,)),
    "a canvas without an end": lambda: Drawing((LINE,), (), float("inf")),
    "a canvas of 0": lambda: Drawing((LINE,), (), 0.0),
    "a measurement with NaN": lambda: evaluation(np.stack([TENTH, NONE])),
    "a stored drawing of numbers": lambda: stored(DIGIT),
    "a stored drawing of NaN": lambda: stored(np.zeros((28, 28), np.uint8), float("nan")),
}


@pytest.mark.parametrize("record", REFUSED)
def test_no_record_is_made_of_what_is_no_number(record):
    with pytest.raises(ValueError, match=r"accepted|number|points|brushes"):
        REFUSED[record]()


def test_what_is_sound_is_made():
    DigitImage(DIGIT, (Step("a", "b", DIGIT),))
    ColourImage(COLOUR)
    Prediction(TENTH, TENTH, None, "no", 0.2)
    Prediction(NONE, NONE, None, "It is not a number.")
    Drawing(())
    Drawing((LINE, LINE[:1]), (1.0, 2.0), 3.0)
    evaluation(np.zeros((0, 10), np.float32))
    evaluation(TENTH[None])
    stored(np.zeros((28, 28), np.uint8), 0.5)


def test_a_network_of_nan_reads_no_digit():
    """Its prediction says so: it is not the first of ten NaN, a 0."""

    class Broken(Classifier):
        def outputs(self, pixels):
            return np.full((len(pixels), 11), np.nan, np.float32)

    (prediction,) = Broken(shipped()).predict_many([DigitImage(DIGIT)])
    assert (prediction.digit, prediction.abstention, prediction.is_number) == (None, NO_NUMBER, False)


def test_a_blank_is_no_digit(classifier):
    prediction = classifier.predict(DigitImage(np.zeros((28, 28), np.float32)))
    assert (prediction.digit, prediction.abstention) == (None, NO_INK)
