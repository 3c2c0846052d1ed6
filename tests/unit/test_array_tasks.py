"""The exercises with arrays take every right answer that their tutorials' readers may know from NumPy."""

import pytest

from ui.lessons import LESSONS
from ui.lessons.lesson import answered

SPELLINGS = [
    (0, "x.astype('float32') / 255", "x.astype('float32')"),
    (0, "np.divide(x, 255)", "np.divide(255, x)"),
    (1, "x[:, :, :, np.newaxis]", "x[:, np.newaxis]"),
    (2, "y[:, None] == np.arange(10)", "y[None] == np.arange(300)"),
    (2, "(y[:, np.newaxis] == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]).astype(int)", "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]"),
    (4, "sum(p.argmax(1) == y) / len(y)", "sum(p.argmax(1) == y)"),
]


@pytest.mark.parametrize(("place", "right", "wrong"), SPELLINGS)
def test_a_right_answer_is_taken_however_it_is_spelled(place, right, wrong):
    question = LESSONS["hand"].steps[place].question
    assert answered(question, right)
    assert not answered(question, wrong)
