"""No time left is said before it is known."""

import pytest

from core.records import Metric
from core.training import pace


def points(*seconds):
    return [Metric(100 * n, n / 10, s, 0.5, 1.0) for n, s in enumerate(seconds, 1)]


@pytest.mark.parametrize(
    ("seconds", "left"),
    [
        ((), None),
        ((1, 2, 3), None),  # too few
        ((0.1, 0.2, 0.3, 0.4), None),  # too soon
        ((4, 4.5, 5, 5.5), None),  # the first epoch's tenth took 4 s, the whole would take 40, 22.5, 16.7, 13.8
        ((1, 2, 3, 4), 6.0),
        ((2, 3, 4, 5, 6, 7), pytest.approx(7 / 0.6 - 7)),
    ],
)
def test_time_left(seconds, left):
    assert pace.seconds_left(points(*seconds), epochs=1) == left


def test_at_the_end_nothing_is_left():
    assert pace.seconds_left(points(*range(1, 11)), epochs=1) == 0
