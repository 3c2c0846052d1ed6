from dataclasses import replace

import pytest

from core.runs import leaderboard
from core.training.recipes import RECIPES
from tests.listed_runs import PERCEPTRON, run


def ours(runs):
    return [(row.run, row.accuracy) for row in leaderboard.rows(runs) if row.run is not None]


def test_without_runs_there_are_claims_and_records():
    rows = leaderboard.rows([])
    assert [(row.accuracy, row.who, row.source) for row in rows] == [
        (0.9991, "Ensemble of convolutional networks", "An, Lee, Park, Yang and So, 2020"),
        (0.9983, "Best single network", "Byerly, Kalganova and Dear, 2020"),
        (0.9980, "The world record that the first tutorial names", RECIPES["first-conv"].source),
        (0.994, "Two convolutions, the best of the first tutorial, as claimed", RECIPES["first-conv"].source),
        (0.99, "Two convolutions, as claimed", RECIPES["first-conv"].source),
        (0.9854, "Simplified LeNet, as claimed", RECIPES["simplified-lenet"].source),
        (0.98, "A first convolutional network, as claimed", RECIPES["first-conv"].source),
        (0.9281, "Multilayer perceptron, as claimed", RECIPES["perceptron"].source),
    ]


CIFAR = RECIPES["cifar-three"].config


def test_each_data_set_has_its_own():
    """A network that has learnt from somebody's hand too is measured on MNIST; CIFAR-10's never stand there."""
    runs = [
        run(1, 0.99, name="A hand", recipe="", config=replace(PERCEPTRON, data="hand")),
        run(2, 0.7, recipe="cifar-three", config=CIFAR),
        run(3, 0.65, recipe="cifar-three", config=CIFAR, seed=1),
        run(4, None, recipe="", imported=True, name="Not measured", config=CIFAR),
    ]
    assert ours(runs) == [(1, 0.99)]
    mean = pytest.approx(0.675)
    source = RECIPES["cifar-three"].source
    assert [(row.accuracy, row.who, row.source, row.run) for row in leaderboard.rows(runs, "cifar10")] == [
        (
            0.9950,
            "Vision Transformer, which had seen 300 million other pictures before",
            "Dosovitskiy and others, An Image is Worth 16x16 Words, 2020",
            None,
        ),
        (
            0.9538,
            "Residual network of 1,001 layers",
            "He, Zhang, Ren and Sun, Identity Mappings in Deep Residual Networks, 2016",
            None,
        ),
        (0.78, f"{RECIPES['cifar-three-adam'].title}, as claimed", source, None),
        (0.69, f"{RECIPES['cifar-three-dropout'].title}, as claimed", source, None),
        (0.68, f"{RECIPES['cifar-three'].title}, as claimed", source, None),
        (mean, "Mine", "2 seeds, runs 2, 3", 3),
        (0.63, f"{RECIPES['cifar-two'].title}, as claimed", source, None),
        (0.4, f"{RECIPES['cifar-perceptron'].title}, as claimed", source, None),
    ]


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        # the same seed again: the latest, however lucky the others were
        ([run(1, 0.92), run(2, 0.94), run(3, 0.93)], [(3, 0.93)]),
        ([run(1, 0.92), run(2, 0.92)], [(2, 0.92)]),
        # recipes and names have a row each, the best first
        (
            [run(1, 0.92), run(2, 0.95, recipe=""), run(3, 0.99, recipe="", name="Other")],
            [(3, 0.99), (2, 0.95), (1, 0.92)],
        ),
        # a recipe is known by its key, whatever its runs are called
        ([run(1, 0.92, name="A"), run(2, 0.93, name="B")], [(2, 0.93)]),
        # a network from a file is nobody's seed
        (
            [
                run(1, 0.92, recipe="", imported=True, name="A"),
                run(2, 0.95, recipe="", imported=True, name="B"),
            ],
            [(2, 0.95), (1, 0.92)],
        ),
        # one that is not measured, or is still training, has none
        ([run(1, None), run(2, None, status="running")], []),
        # one that was stopped stands there until one of the same settings has come to its end
        ([run(1, 0.5, status="stopped")], [(1, 0.5)]),
        ([run(1, 0.5, status="stopped"), run(2, 0.4)], [(2, 0.4)]),
        ([run(1, 0.4), run(2, 0.5, status="stopped", seed=1)], [(1, 0.4)]),
        # a network that reads nothing rightly
        ([run(1, 0.0)], [(1, 0.0)]),
    ],
)
def test_the_best_run_of_each_recipe_or_name(runs, expected):
    assert ours(runs) == expected


def test_several_seeds_are_a_mean_and_a_range():
    """The luckiest on the test images is not taken for the network: that would be choosing by the test."""
    runs = [run(1, 0.94), run(2, 0.92, seed=1), run(3, 0.93, seed=2), run(4, 0.99, seed=3, status="stopped")]
    (row,) = [row for row in leaderboard.rows(runs) if row.run]
    assert (row.accuracy, row.min, row.max) == (pytest.approx(0.93), 0.92, 0.94)
    assert (row.run, row.source) == (3, "3 seeds, runs 1, 2, 3")
    (row,) = [row for row in leaderboard.rows(runs[:1]) if row.run]
    assert (row.accuracy, row.min, row.max, row.source) == (0.94, None, None, "run 1")


HELD_OUT = replace(PERCEPTRON, validation_split=0.1)


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        # better on the test images, worse on the validation images: these decide
        (
            [
                run(1, 0.95, config=HELD_OUT, validation=0.90),
                run(2, 0.93, config=replace(HELD_OUT, epochs=20), validation=0.94),
            ],
            [(2, 0.93)],
        ),
        # of several seeds, their mean
        (
            [
                run(1, 0.90, config=HELD_OUT, validation=0.99),
                run(2, 0.92, config=HELD_OUT, validation=0.90, seed=1),
                run(3, 0.93, config=replace(HELD_OUT, epochs=20), validation=0.95),
            ],
            [(3, 0.93)],
        ),
        # where nothing was held back nothing can choose, so each stands there
        ([run(1, 0.92), run(2, 0.95, config=replace(PERCEPTRON, epochs=20))], [(2, 0.95), (1, 0.92)]),
    ],
)
def test_of_several_settings_the_validation_pictures_choose(runs, expected):
    assert ours(runs) == expected


def test_a_run_stands_beside_its_recipes_claim():
    rows = [row.who for row in leaderboard.rows([run(1, 0.93, name="Multilayer perceptron")])]
    assert rows[-2:] == ["Multilayer perceptron", "Multilayer perceptron, as claimed"]
    rows = [row.who for row in leaderboard.rows([run(1, 0.92, name="Multilayer perceptron")])]
    assert rows[-2:] == ["Multilayer perceptron, as claimed", "Multilayer perceptron"]


LONGER = replace(PERCEPTRON, epochs=20)


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        ([], {}),
        ([run(1, 0.92)], {}),  # one seed has no spread
        ([run(1, 0.92), run(2, 0.93)], {}),  # the same seed twice
        # in the order of the seeds, whatever the order of the runs
        (
            [run(3, 0.93, seed=0), run(2, 0.92, seed=7), run(1, 0.94, seed=1)],
            {"Mine": [(0, 0.93), (1, 0.94), (7, 0.92)]},
        ),
        # the same seed again: the latest is shown
        ([run(1, 0.90), run(2, 0.91, seed=1), run(3, 0.92)], {"Mine": [(0, 0.92), (1, 0.91)]}),
        # another number of epochs is another group, which may have the same name
        ([run(1, 0.92), run(2, 0.93, seed=1, config=LONGER)], {}),
        (
            [
                run(1, 0.91),
                run(2, 0.92, seed=1),
                run(3, 0.93, config=LONGER),
                run(4, 0.94, seed=1, config=LONGER),
            ],
            {"Mine": [(0, 0.91), (1, 0.92)], "Mine (run 3)": [(0, 0.93), (1, 0.94)]},
        ),
        # only what was trained to its end, here
        ([run(1, 0.92), run(2, 0.93, seed=1, status="stopped")], {}),
        ([run(1, 0.92), run(2, None, seed=1)], {}),
        ([run(1, 0.92, recipe="", imported=True), run(2, 0.93, seed=1, recipe="", imported=True)], {}),
    ],
)
def test_runs_that_differ_in_nothing_but_their_seed(runs, expected):
    assert leaderboard.seeds(runs) == expected


def test_of_several_seeds_validation_chooses_the_best_and_the_mean_is_told():
    held_out = replace(PERCEPTRON, validation_split=0.1)
    runs = [run(n, test, seed=n, config=held_out, validation=v) for n, test, v in SEEDS]
    (row,) = [row for row in leaderboard.rows(runs) if row.run is not None]
    assert (row.run, row.min, row.max) == (2, 0.91, 0.95)
    assert row.accuracy == pytest.approx(0.93)
    assert row.source == "3 seeds, runs 1, 2, 3; best on validation: 2, with 91.00%"


SEEDS = [(1, 0.93, 0.92), (2, 0.91, 0.94), (3, 0.95, 0.93)]  # run, test, validation
