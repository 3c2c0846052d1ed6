"""The page Train without a browser; trainings are real, in a real worker."""

import sys
import threading
import time
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from core.nn.architectures import Activation, Conv2D, Dense, Flatten
from core.records import Metric
from core.runs import processes, restarts
from core.storage import steering
from core.storage.store import Store
from core.training import configs
from core.training.recipes import RECIPES
from tests import shapes
from tests.pages.opened import ROOT, finish, learnt, page, refuse, words
from tests.short_training import SHORT


def fields(at: AppTest) -> dict:
    """The form's fields by name."""
    every = [*at.selectbox, *at.number_input, *at.slider, *at.select_slider]
    return {w.key.split("-")[-1]: w for w in every if w.key and w.key.startswith("train-")}


def test_before_any_run_it_says_what_to_do(jobs):
    at = page("train")
    assert "Click Train" in words(at)
    assert RECIPES["quick"].claim in words(at)
    assert "<svg" in " ".join(part.value for part in at.markdown)


def test_a_recipe_fills_the_form(jobs):
    at = page("train")
    (recipe,) = (w for w in at.selectbox if w.label == "Start from")
    recipe.set_value("perceptron").run()
    found = fields(at)
    assert found["optimizer"].value == "SGD"
    assert (found["epochs"].value, found["batch_size"].value) == (10, 128)
    assert found["learning_rate"].value == 0.01
    assert at.session_state["config"] == RECIPES["perceptron"].config
    assert "92.81%" in words(at)


def test_another_optimizer_brings_its_own_rate(jobs):
    at = page("train")
    fields(at)["optimizer"].set_value("Adadelta").run()
    assert at.session_state["config"].learning_rate is None
    assert fields(at)["learning_rate"].value == 0.001
    assert any(b.key == "reset" for b in at.button)
    at.button(key="reset").click().run()
    assert at.session_state["config"] == RECIPES["quick"].config


def test_a_number_that_is_declared_with_a_label_has_a_field(jobs, monkeypatch):
    """Nobody has to write one: a slider where it has steps, else a field to type in."""
    slider = replace(configs.SETTINGS["p_no_augment"], label="{noun} left alone", step=0.25, form="%.2f")
    typed = replace(configs.SETTINGS["weight_decay"], label="Weight decay", help="Of all {noun}.")
    monkeypatch.setitem(configs.SETTINGS, "p_no_augment", slider)
    monkeypatch.setitem(configs.SETTINGS, "weight_decay", typed)
    at = page("train")
    next(field for field in at.slider if field.label == "Digits left alone").set_value(0.75).run()
    field = next(field for field in at.number_input if field.label == "Weight decay")
    assert (field.min, field.max, field.help) == (0, 1, "Of all digits.")
    field.set_value(0.5).run()
    config = at.session_state["config"]
    assert (config.p_no_augment, config.weight_decay) == (0.75, 0.5)


def test_the_form_outlives_a_change_of_page(jobs):
    at = page("train")
    fields(at)["epochs"].set_value(7).run()
    at.switch_page("pages/about.py").run()
    at.switch_page("pages/train.py").run()
    assert fields(at)["epochs"].value == 7
    assert at.session_state["config"].epochs == 7


def test_layers_are_added_moved_removed_and_brought_back(jobs):
    at = page("train", **{"layer-table": True})
    before = at.session_state["config"].layers
    at.button(key="add-Dropout").click().run()
    kinds = [layer.kind for layer in at.session_state["config"].layers]
    assert kinds == [layer.kind for layer in before[:-1]] + ["Dropout", "Dense"]
    at.button(key=f"up-{len(before) - 1}").click().run()
    assert at.session_state["config"].layers[-3].kind == "Dropout"
    at.button(key=f"remove-{len(before) - 2}").click().run()
    assert at.session_state["config"].layers == before
    at.button(key="undo-layers").click().run()
    assert at.session_state["config"].layers[-3].kind == "Dropout"


def test_an_activation_may_be_any_function_that_is_read_and_the_program_says_so(jobs):
    layers = (Flatten(), Dense(8), Activation("leaky_relu_0.3"), Dense(10, "softmax"))
    opened = {"layer-table": True, "edit-0-2": True, "source": True}
    at = page("train", config=replace(SHORT, layers=layers), recipe="quick", form=1, **opened)
    assert "layers.LeakyReLU(negative_slope=0.3)" in at.code[0].value
    at.slider(key="layer-0-2-slope").set_value(0.05).run()
    assert at.session_state["config"].layers[2] == Activation("leaky_relu_0.05")
    for function, said in (("gelu", 'layers.Activation("gelu")'), ("silu", '"silu"'), ("elu", '"elu"')):
        at.selectbox(key="layer-0-2-activation").set_value(function).run()
        assert not at.exception
        assert at.session_state["config"].layers[2] == Activation(function)
        assert said in at.code[0].value
    at.selectbox(key="layer-0-2-activation").set_value("leaky_relu").run()
    assert "negative_slope=0.2" in at.code[0].value
    assert not at.button(key="train").disabled


def test_a_layer_that_does_not_fit_says_why_and_train_waits(jobs):
    layers = (Conv2D(4, 5), Conv2D(4, 28), Flatten(), Dense(10, "softmax"))
    at = page("train", config=replace(SHORT, layers=layers), recipe="quick", form=1, **{"layer-table": True})
    assert "a 28x28 kernel does not fit a 24x24 input" in words(at)
    assert at.button(key="train").disabled
    at.button(key="remove-1").click().run()
    assert not at.button(key="train").disabled


def test_the_source_is_that_of_the_form(jobs):
    at = page("train", source=True)
    fields(at)["batch_size"].set_value(77).run()
    assert "batch_size = 77" in at.code[0].value


def test_bent_digits_are_shown_and_trained_with(jobs):
    """The slider's value reaches the configuration, the preview and the program."""
    at = page("train", source=True, augmentation=True)
    assert fields(at)["elastic"].value == 0
    before = previews(at)
    fields(at)["elastic"].set_value(1.3).run()
    assert not at.exception
    assert at.session_state["config"].augmentation == replace(RECIPES["quick"].config.augmentation, elastic=1.3)
    assert previews(at) != before
    assert "def bend(" in at.code[0].value
    assert not at.button(key="train").disabled
    fields(at)["elastic"].set_value(4.0).run()  # the most
    assert not at.button(key="train").disabled


def previews(at: AppTest) -> str:
    """The strip of digits as they are and as the network may see them."""
    (strip,) = (part.proto.body for part in at.get("html") if part.proto.body.count("<figure>") == 16)
    return strip


def test_train_starts_a_run_and_shows_it(jobs):
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    at.session_state["canvas"] = {"drawing": {"raw": shapes.fabric(7), "data": None}}
    for key, value in {"config": SHORT, "recipe": "quick", "form": 1}.items():
        at.session_state[key] = value
    at.run()  # the page Draw takes the drawing over
    at.switch_page("pages/train.py").run()
    at.button(key="train").click().run()
    number = at.session_state["run"]
    finish(jobs, number)
    at.run()
    assert not at.exception
    assert "of the test digits" in words(at)
    seen = learnt(at)
    assert (seen["winds"], seen["whose"], seen["measured"]) == (True, "Your drawing", "validation")
    assert [state["images"] for state in (seen["states"][0], seen["states"][-1])] == [0, 2000]
    assert all(sum(state["said"]) == pytest.approx(1, abs=1e-3) for state in seen["states"])
    # Read again by the network of the end: rounded to float16, as it was measured then.
    assert seen["states"][-1]["said"] == pytest.approx(jobs.store.metrics(number)[-1].drawing, abs=0.01)
    assert "The worst mistakes" in words(at) or "No digit was misread" in words(at)
    assert len(jobs.store.metrics(number)[-1].drawing) == 10
    at.button(key="again").click().run()
    another = at.session_state["run"]
    assert another > number
    assert jobs.store.run(another).config == replace(SHORT, seed=1)
    finish(jobs, another)


def test_a_run_that_is_gone_is_said(jobs):
    assert "This run is gone" in words(page("train", run=99_999))


@pytest.mark.parametrize("named", ["9" * 5000, "-1", "x", "9" * 10])
def test_an_address_that_names_no_run_is_left_out(jobs, named):
    for name in ("mistakes", "train"):
        at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
        at.query_params["run"] = named
        at.switch_page(f"pages/{name}.py").run()
        assert not at.exception


def test_why_nothing_is_trained_is_said(jobs, monkeypatch):
    number = jobs.store.add(SHORT, name="waits", worker=processes.name())
    monkeypatch.setattr(jobs._restarts, "problem", "The worker ended while it started.")
    monkeypatch.setattr(jobs._restarts, "ends", restarts.STARTS)
    at = page("train", run=number)
    advice = "The worker ended while it started. It is not tried again by itself: mend that, then click Train"
    assert advice in words(at)
    assert advice in at.get("progress")[0].proto.text
    jobs.store.ask_to_stop(number)


def test_what_waits_for_the_next_worker_says_so(jobs, monkeypatch):
    """Where the worker that was there is lost, as at the start: what it trained on is known, and it is gone."""
    finish(jobs, jobs.submit(SHORT, name="before"))
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "_workers", set())
        number = jobs.store.add(SHORT, name="waits", worker=processes.name())
        at = page("train", run=number)
        assert "It is the next. The worker is starting" in at.get("progress")[0].proto.text
        assert "It trains on" not in words(at)
    at.run()
    assert "It trains on" in words(at)
    jobs.store.ask_to_stop(number)


def test_a_database_that_is_away_is_one_sentence(jobs, monkeypatch):
    """On every button of a run, on its panel, and wherever else it is asked; and then it is there again."""
    number = jobs.store.add(SHORT, name="waits", worker=processes.name())
    at = page("train", run=number)
    with monkeypatch.context() as patch:
        patch.setattr(Store, "ask_to_stop", refuse)
        at.button(key="stop").click().run()
        assert not at.exception
        assert [error.value for error in at.error] == ["The database is away."]
    with monkeypatch.context() as patch:
        patch.setattr(type(jobs.store), "_transaction", refuse)
        at.run()
        assert not at.exception
        assert {error.value for error in at.error} == {"The database is away."}
    at.run()
    assert not at.error
    at.button(key="stop").click().run()
    assert jobs.store.run(number).status == "stopped"
    with monkeypatch.context() as patch:
        patch.setattr(Store, "requeue", refuse)
        at.button(key="resume").click().run()
        assert not at.exception
        assert [error.value for error in at.error] == ["The database is away."]


def wait_for(jobs, number, what):
    deadline = time.monotonic() + 60
    while not what(jobs.store.run(number)):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_training_is_paused_changed_and_goes_on_and_again_does_the_same(jobs):
    number = jobs.submit(replace(SHORT, epochs=400), name="steered")
    wait_for(jobs, number, lambda run: run.images > 0)
    at = page("train", run=number)
    at.button(key="pace-pause").click().run()
    deadline = time.monotonic() + 30
    while (asked := steering.requests(jobs.store, number))[-1].step is None:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    at.run()
    assert any("paused after" in part.proto.text for part in at.get("progress"))
    assert {b.key for b in at.button} >= {"pace-resume", "pace-batch", "pace-epoch", "stop"}
    assert not any(b.key == "pace-pause" for b in at.button)
    seen = 50 * asked[-1].step  # the point of that step may be stored a moment later
    at.button(key="pace-batch").click().run()
    wait_for(jobs, number, lambda run: run.images == seen + 50)  # a point after that one batch
    rate = at.number_input(key=f"steer-{number}-learning_rate")
    assert rate.value == 0.005
    rate.set_value(0.001).run()
    at.button(key="pace-resume").click().run()
    wait_for(jobs, number, lambda run: run.training.changes)
    (change,) = jobs.store.run(number).training.changes
    assert (change.name, change.value, 50 * change.step) == ("learning_rate", 0.001, seen + 50)
    assert len(asked) == 1
    jobs.stop(number)
    at.run()
    assert "stopping" in words(at) or jobs.store.run(number).status == "stopped"
    finish(jobs, number)
    at.run()
    assert "1 change on the way: learning rate 0.001 from step" in words(at)
    at.button(key="again").click().run()
    another = at.session_state["run"]
    assert jobs.store.run(another).training.changes == (change,)
    jobs.stop(another)
    finish(jobs, another)


def test_the_result_of_a_training_that_was_found_on_coming_back_stays(jobs):
    number = jobs.submit(replace(SHORT, epochs=400), name="left alone")
    wait_for(jobs, number, lambda run: run.images > 0)
    at = page("train")  # as by the bar at the top: no run is named
    assert "left alone" in words(at)
    jobs.stop(number)
    finish(jobs, number)
    at.run()
    assert "left alone" in words(at)
    assert "Click Train" not in words(at)
    assert at.query_params["run"] == str(number)


def test_stop_says_at_once_that_it_stops(jobs):
    number = jobs.submit(replace(SHORT, epochs=400), name="long")
    wait_for(jobs, number, lambda run: run.images > 0)
    jobs.store.ask_to_stop(number)
    run = jobs.store.run(number)
    assert run.stop
    page("train")  # a running app, which components need to be imported
    run_panel = sys.modules["ui.sections.run_panel"]
    assert run_panel._status(replace(run, status="running"))[0] == "stopping"
    finish(jobs, number)
    assert run_panel._status(jobs.store.run(number))[0] == "stopped"


def test_a_click_on_train_is_done_though_the_page_is_shown_anew_at_once(jobs, monkeypatch):
    """What comes in between, here an error while the page is made, does not take the click away."""
    at = page("train", config=replace(SHORT, epochs=1), recipe="quick", form=1)
    before = len(jobs.store.runs())
    train_form = sys.modules["ui.sections.train_form"]
    with monkeypatch.context() as patch:
        patch.setattr(train_form, "recipe_choice", sys.modules["streamlit"].stop)
        at.button(key="train").click().run()
    assert len(jobs.store.runs()) == before + 1
    finish(jobs, at.session_state["run"])


def test_where_flatten_is_missing_a_button_inserts_it(jobs):
    layers = (Conv2D(4, 5, stride=3), Dense(10, "softmax"))
    at = page("train", config=replace(SHORT, layers=layers), recipe="quick", form=1)
    assert at.button(key="train").disabled
    at.button(key="insert-flatten").click().run()
    assert at.session_state["config"].layers == (layers[0], Flatten(), layers[1])
    assert not at.button(key="train").disabled
    assert not any(b.key == "insert-flatten" for b in at.button)


def test_the_first_point_is_drawn_as_soon_as_it_is_there_where_the_page_looks_by_itself(jobs, monkeypatch):
    at = page("train")  # a running app, which components need to be imported
    run_panel = sys.modules["ui.sections.run_panel"]
    me = processes.name()  # a worker that lives, and is not the one that waits for what is to be trained
    number = jobs.store.add(SHORT, name="short", worker=me)
    token = jobs.store.claim(number, me, "here")
    run, point = jobs.store.run(number), Metric(64, 0.1, 0.2, 0.5, 1.0, 0.6, 0.9)
    began = time.monotonic()
    assert not run_panel._first_point(jobs.store, run)
    assert not run_panel._first_point(jobs.store, replace(run, stop=True))  # at once
    assert run_panel.SOON <= time.monotonic() - began < 1.9 * run_panel.SOON  # then it looks anew
    monkeypatch.setattr(run_panel, "SOON", 100.0)
    at.session_state["run"] = number
    at.run()  # whatever somebody clicks on is answered at once
    assert "The network is being built" in words(at)
    comes = threading.Timer(0.05, jobs.store.add_metric, (number, point, 1.0), {"token": token})
    comes.start()
    assert run_panel._first_point(jobs.store, run) == [point]
    comes.join()
    jobs.store.end(number, "stopped", "", token=token)
