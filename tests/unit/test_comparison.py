"""How a finished run compares: the test images choose nothing."""

from dataclasses import replace

from core.runs import comparison
from tests.listed_runs import PERCEPTRON, run

HELD_OUT = replace(PERCEPTRON, validation_split=0.1)


def test_the_best_is_the_one_that_read_its_validation_images_best():
    mine = run(1, 0.95, config=HELD_OUT, validation=0.95)
    lucky = run(2, 0.99, config=HELD_OUT, validation=0.94)  # with the test images
    better = run(3, 0.96, config=HELD_OUT, validation=0.97)
    blind = run(4, 0.999)  # has held none back
    others = replace(run(5, 0.999, config=HELD_OUT, validation=0.999), visitor="another")
    runs = [mine, lucky, better, blind, others]
    assert comparison.best_of(mine, runs, "somebody") == better
    assert comparison.best_of(mine, [mine, blind, others], "somebody") is None


def test_what_is_said():
    mine = run(1, 0.9281)
    best = run(2, 0.96, recipe="", name="Other", config=HELD_OUT, validation=0.97)
    said = comparison.facts(mine, [mine, best], "somebody")
    assert said == [
        "its recipe promises 92.8%",
        "your best, run 2, has 96.00%",
        "place 9 of 10 on the leaderboard",
    ]
    assert comparison.facts(run(1, None), [best], "somebody") == []
    stopped = replace(mine, status="stopped")  # before its end, for which the promise is
    assert comparison.facts(stopped, [stopped, best], "somebody")[0] == "your best, run 2, has 96.00%"
