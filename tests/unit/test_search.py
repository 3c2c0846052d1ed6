"""What a sweep tries, and whom its milestones stop."""

from dataclasses import replace

import pytest

from core.records import Augmentation
from core.training import search
from core.training.search import Axis, BadSweep, Plan
from tests.unit.sweep_configs import CONFIG

RATE, BATCH = Axis("learning_rate", (0.001, 0.1), is_range=True), Axis("batch_size", (16, 64))


def test_a_grid_is_every_combination_once():
    plan = Plan((RATE, BATCH), budget=6)
    assert search.combinations(plan) == [
        {"learning_rate": 0.001, "batch_size": 16},
        {"learning_rate": 0.001, "batch_size": 64},
        {"learning_rate": 0.01, "batch_size": 16},  # half way in the logarithm
        {"learning_rate": 0.01, "batch_size": 64},
        {"learning_rate": 0.1, "batch_size": 16},
        {"learning_rate": 0.1, "batch_size": 64},
    ]
    assert search.check(CONFIG, plan) == ""
    assert search.check(CONFIG, replace(plan, budget=5)) == (
        "The grid has 6 combinations, more than the budget of 5: raise it, choose fewer values, or draw at "
        "random."
    )
    assert "6 combinations times 2 seeds" in search.check(CONFIG, replace(plan, budget=11, seeds=2))


@pytest.mark.parametrize("method", ["random", "halving"])
def test_what_is_drawn_is_within_its_range_the_same_for_a_seed_and_never_twice(method):
    plan = Plan((RATE, BATCH), method, budget=40, seeds=2, draw=3)
    drawn = search.combinations(plan)
    assert drawn == search.combinations(plan) != search.combinations(replace(plan, draw=4))
    assert len(drawn) == 20 == len({tuple(changes.values()) for changes in drawn})
    rates = sorted(changes["learning_rate"] for changes in drawn)
    assert (0.001 <= rates[0] < 0.005, 0.02 < rates[-1] <= 0.1) == (True, True)  # evenly in the logarithm
    assert {changes["batch_size"] for changes in drawn} == {16, 64}
    few = Plan((BATCH,), method, budget=40)
    assert len(search.combinations(few)) == 2  # there are no more


# what is varied, with which configuration, and what is said of it
UNHEEDED = [
    ("momentum", {"optimizer": "Adam"}, "Momentum would change nothing: Adam has none."),
    ("momentum", {"optimizer": "SGD with momentum"}, ""),
    (
        "beta_2",
        {"optimizer": "RMSprop"},
        "Memory of squared gradients (beta 2) would change nothing: RMSprop has none.",
    ),
    ("weight_decay", {"optimizer": "Adam"}, "Weight decay would change nothing: Adam has none."),
    ("p_no_augment", {}, "Share of digits not augmented would change nothing: nothing is augmented."),
    ("p_no_augment", {"augmentation": Augmentation(shift=1)}, ""),
    (
        "extra_fraction",
        {},
        "Share of the added digits in an epoch would change nothing: nothing is added to these data.",
    ),
]


@pytest.mark.parametrize(("name", "settings", "said"), UNHEEDED)
def test_what_no_training_would_heed_is_not_swept(name, settings, said):
    axis = Axis(name, (0.6, 0.9))
    assert search.check(replace(CONFIG, **settings), Plan((axis,))) == said
    both = Plan((axis, Axis("optimizer", ("RMSprop", "AdamW")), Axis("shift", (0.0, 2.0))), budget=99)
    assert (search.check(replace(CONFIG, **settings), both) == "") == (
        name not in ("momentum", "extra_fraction")
    )


def test_a_milestone_lets_the_best_third_go_on():
    """By hand: six trainings reach epoch 1 in this order; of n the best max(1, n // 3) go on."""
    values = [0.90, 0.95, 0.80, 0.93, 0.96, 0.94]
    go_on = [search.survives(value, values[: n + 1]) for n, value in enumerate(values)]
    assert go_on == [
        True,  # alone
        True,  # the best of 2
        False,  # the third of 3
        False,  # the second of 4, of whom 1 goes on
        True,  # the best of 5
        False,  # the third of 6, of whom 2 go on
    ]
    assert search.survives(0.955, [*values[:5], 0.955])  # the second of 6
    assert search.milestones(27) == [1, 3, 9]
    assert search.milestones(1) == []


def test_what_is_typed():
    assert search.parse("learning_rate", "0.1, 0.01, 0.1") == Axis("learning_rate", (0.1, 0.01))
    assert search.parse("learning_rate", "0.001 to 0.1") == RATE
    assert search.parse("batch_size", "16..128 in 4").points() == (16, 32, 64, 128)
    assert search.parse("optimizer", "Adam, SGD with momentum").values == ("Adam", "SGD with momentum")
    assert search.parse("rotation", "0, 10").values == (0.0, 10.0)
    assert search.parse("flip", "yes, no").values == (True, False)
    assert Axis("batch_size", (1, 3), is_range=True).points() == (1, 2, 3)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("learning_rate", "fast", "Learning rate 'fast' is not a number."),
        ("batch_size", "1.5", "Batch size '1.5' is not a whole number."),
        ("batch_size", "64 to 32", "Batch size goes from 64 to 32, which is no range."),
        ("batch_size", "", "Batch size has no values; accepted are such as '1, 2, 3' or '1 to 3'."),
        ("optimizer", "Best", "Optimizer 'Best' is unknown; known are SGD,"),
        ("seed", "1, 2", "The setting 'seed' cannot be varied; these can: learning_rate,"),
        ("batch_size", "1 to 9 in x", "A range is cut into 'x' points; 2 to 200 are accepted."),
        ("learning_rate", "nan to 3", "which is no range."),
    ],
)
def test_what_cannot_be_swept_is_one_sentence(name, text, said):
    with pytest.raises(BadSweep) as refused:
        search.parse(name, text)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (Plan(()), "Choose at least one setting to vary."),
        (Plan((BATCH,), "best"), "The method 'best' is unknown; known are grid, random, halving."),
        (Plan((BATCH,), seeds=0), "There are 0 seeds; 1 to 10 are accepted."),
        (Plan((BATCH,), budget=201), "The budget is 201 trainings; 1 to 200 are accepted."),
        (
            Plan((BATCH,), "random", draw=-1),
            "The seed of what is drawn at random is -1; 0 and more are accepted.",
        ),
        (Plan((BATCH,), "random", budget=2, seeds=3), "The budget of 2 is less than one combination"),
        (Plan((Axis("batch_size", (16, 5000)),)), "The batch size is 5000, but has to lie between 1 and 2048."),
    ],
)
def test_what_is_not_trained_is_said_before(plan, said):
    assert said in search.check(CONFIG, plan)


def test_halving_needs_epochs_to_save():
    plan = Plan((BATCH,), "halving")
    assert "choose more epochs" in search.check(replace(CONFIG, epochs=1), plan)
    assert search.check(replace(CONFIG, epochs=2), plan) == ""


def test_the_test_never_chooses():
    bare = replace(CONFIG, validation_split=0.0)
    assert "held back" in search.check(bare, Plan((BATCH,)))
    assert search.check(search.with_validation(bare), Plan((BATCH,))) == ""
    assert search.with_validation(CONFIG) == CONFIG


def test_settings_of_augmentation_are_changed_where_they_are():
    changed = search.change(CONFIG, {"batch_size": 8, "rotation": 5.0})
    assert changed == replace(CONFIG, batch_size=8, augmentation=Augmentation(rotation=5.0))


def test_nine_of_rate_and_batch_size():
    plan = search.three_by_three(CONFIG)
    assert [axis.points() for axis in plan.axes] == [(0.000333, 0.001, 0.003), (8, 32, 128)]
    assert search.check(CONFIG, plan) == ""
    for batch_size in (1, 2048):
        assert search.check(replace(CONFIG, batch_size=batch_size), search.three_by_three(CONFIG)) == ""
        odd = replace(CONFIG, batch_size=batch_size)
        assert search.check(odd, search.three_by_three(odd)) == ""


def test_a_plan_survives_being_stored():
    plan = Plan((RATE, BATCH, Axis("flip", (True, False))), "halving", 30, 2, 5)
    assert search.from_json(search.to_json(plan)) == plan
