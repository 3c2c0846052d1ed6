"""A sweep from the form on Train to its board on Runs; the trainings are real."""

import time
from dataclasses import replace

import pytest

from core.runs import sweeps
from core.storage import sweeps as stored
from core.storage.store import ACTIVE
from core.training import configs, search
from core.training.recipes import RECIPES
from tests.pages.opened import page, words
from tests.short_training import SHORT
from ui.sections import sweep_form

NINE = "3 x 3 of rate and batch size"


@pytest.mark.parametrize("optimizer", ["AdamW", "SGD with momentum"])
@pytest.mark.parametrize("recipe", ["first-conv-best", "quick"])
def test_the_values_that_a_field_begins_with_can_be_swept(recipe, optimizer):
    """Sizes of 200%, a beta 2 of 0.05 and twice as many digits as there are were proposed."""
    config = search.with_validation(replace(RECIPES[recipe].config, optimizer=optimizer))
    for name in set(search.names()) - configs.CHOICES.keys():
        axis = search.parse(name, sweep_form._suggested(config, name))
        said = search.check(config, search.Plan((axis,)))
        assert not said or "would change nothing" in said
        trained = {str(search.change(config, {name: value})) for value in axis.points()}
        assert len(trained) == len(axis.points()) > 1
    sizes = search.parse("train_size", sweep_form._suggested(config, "train_size")).points()
    assert max(sizes) == configs.divide(config)[0]


def button(at, key):
    (found,) = (one for one in at.button if one.key == key)
    return found


def finished(jobs, number):
    deadline = time.monotonic() + 100  # a busy computer's worker waits for all others
    while stored.one(jobs.store, number).status == "running":
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_sweep_is_begun_watched_stopped_and_deleted(jobs):
    at = page("train", **{"sweep-form": True, "config": SHORT, "form": 1, "recipe": "quick"})
    assert button(at, "sweep-nine").label == NINE
    assert "3 trainings of 2 epochs each." in words(at)
    (rates,) = (field for field in at.text_input if field.key == "sweep-learning_rate")
    rates.set_value("0.001, fast").run()
    assert "Learning rate 'fast' is not a number." in words(at)
    assert button(at, "sweep-start").disabled
    (rates,) = (field for field in at.text_input if field.key == "sweep-learning_rate")
    rates.set_value("0.001, 0.01").run()
    button(at, "sweep-start").click().run()
    assert not at.exception
    (sweep,) = stored.every(jobs.store)
    finished(jobs, sweep.id)

    at = page("runs")
    said = words(at)
    assert sweeps.progress(sweep, stored.trainings(jobs.store, sweep.id)) == (1.0, "2 of 2 trainings over")
    (table,) = (frame.value for frame in at.dataframe if "state" in frame.value)
    assert set(table["Learning rate"]) == {"0.001", "0.01"}
    assert list(table["validation"]) == sorted(table["validation"], reverse=True)
    best = max(jobs.store.runs(), key=lambda run: run.validation_accuracy)
    assert f"(run {best.id}, seed 0)" in said

    number = jobs.sweep(SHORT, sweep.plan, name="to be stopped")
    at = page("runs", sweep=number)
    button(at, "sweep-stop").click().run()
    assert stored.one(jobs.store, number).status in ("stopped", "done")
    button(at, "sweep-delete").click().run()
    assert [one.id for one in stored.every(jobs.store)] == [sweep.id]
    button(at, "sweep-undelete").click().run()
    assert len(stored.every(jobs.store)) == 2
    for run in jobs.store.runs():
        if run.status in ACTIVE:
            jobs.stop(run.id)
