"""The page Runs: what is listed, ticked, deleted and brought back, and networks that read elsewhere."""

import json
import re
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from core.models import input_scalings, networks
from core.nn import architectures
from core.runs import processes
from core.storage.database import HOME
from core.storage.store import Store
from core.training import configs
from tests import shapes
from tests.pages.opened import ROOT, answer, finish, learnt, page, refuse, words
from tests.short_training import SHORT


@pytest.fixture(scope="module")
def trained(jobs):
    """Two seeds of a short training, done."""
    first = jobs.submit(SHORT, name="short")
    second = jobs.submit(replace(SHORT, seed=1), name="short")
    for number in (first, second):
        finish(jobs, number)
    return first, second


def test_runs_are_listed_with_a_leaderboard_and_the_spread_of_seeds(jobs, trained):
    at = page("runs")
    table = at.dataframe[0].value
    assert set(trained) <= set(table["run"])
    run, row = jobs.store.run(trained[0]), table.set_index("run").loc[trained[0]]
    told = ("test", "test loss", "training", "training loss")
    known = [100 * run.test_accuracy, run.test_loss, 100 * run.train_accuracy, run.train_loss]
    assert row.loc[list(told)].tolist() == pytest.approx(known)
    both = [100 * jobs.store.run(n).test_accuracy for n in trained]
    board = at.dataframe[1].value
    assert board["accuracy"].is_monotonic_decreasing
    assert {99.4, 98.54, 92.81} <= set(board["accuracy"].round(2))
    ours = board.set_index("accuracy")["range"]
    assert f"{min(both):.2f}% to {max(both):.2f}%" in set(ours)  # the luckier one alone is not the network
    assert min(abs(mean - sum(both) / 2) for mean in ours.index) < 1e-9
    assert re.search(r"2 seeds from \d\d\.\d\d% to", words(at))


def test_a_network_of_other_pixels_is_opened_once_more_for_ours(jobs):
    """Paper 1, ink 0: said with both figures; one click works the conversion into the first layer."""
    shipped = networks.shipped("first-conv-best")
    config = configs.imported(shipped.layers)
    usual = input_scalings.SCALINGS[1]
    other = input_scalings.fold(shipped.layers, shipped.weights, (28, 28, 1), usual["inverted"])
    number = jobs.open_network(config, other, name="inverted")
    finish(jobs, number)
    at = page("train", run=number)
    told = re.search(
        r"It seems to have been trained on other pixels. Here they go from 0 \(paper\) to 1 \(ink\), and it "
        r"reads (.*)% of 500 test digits; from 0 \(ink\) to 1 \(paper\) it reads (.*)%\.",
        words(at).replace("\\", ""),
    )
    assert told, words(at)
    assert float(told[1]) < 50
    assert float(told[2]) > 98
    at.button(key="pixels").click().run()
    converted = at.session_state["run"]
    assert converted != number
    finish(jobs, converted)
    assert jobs.store.run(converted).test_accuracy == pytest.approx(0.994, abs=0.002)
    for name, array in jobs.store.network(converted).weights.items():
        assert array == pytest.approx(shipped.weights[name], abs=1e-4)
    at = page("train", run=converted)
    assert f"run {converted}, from a file" in words(at)
    table = page("runs").dataframe[0].value.set_index("run")
    invented = ["seed", "epochs", "optimizer", "rate", "batch", "pictures", "validation"]
    assert table.loc[converted, invented].isna().all()
    assert table.loc[converted, "parameters"] == architectures.parameters(shipped.layers)
    assert "other pixels" not in words(at)
    assert not [button for button in at.button if button.key == "pixels"]


def test_a_deleted_run_can_be_brought_back(jobs, trained):
    at = page("runs", deleted=[trained[0]])
    jobs.store.delete(trained[0])
    at.run()
    assert trained[0] not in set(at.dataframe[0].value["run"])
    at.button(key="undelete").click().run()
    assert trained[0] in set(at.dataframe[0].value["run"])


def ticked(at: AppTest) -> list[int]:
    """The numbers of the runs that stand ticked in the table that a browser is given."""
    rows = json.loads(at.dataframe[0].proto.selection_default)["selection"]["rows"]
    return at.dataframe[0].value["run"].iloc[rows].tolist()


def test_ticks_belong_to_runs_and_undo_brings_back_every_deletion(jobs, trained):
    first, second = trained
    at = page("runs", **{"runs-ticked": [first]})
    assert ticked(at) == [first]
    third = jobs.submit(SHORT, name="another visitor's")
    at.run()
    assert at.dataframe[0].value["run"].iloc[0] == third
    assert ticked(at) == [first]
    jobs.store.ask_to_stop(third)
    finish(jobs, third)
    at.button(key="delete").click().run()
    assert ticked(at) == []
    assert not any(button.key == "delete" for button in at.button)
    at.session_state["runs-ticked"] = [second, third]
    at.session_state["runs-listed"] = []
    at.run().button(key="delete").click().run()
    assert not {first, second, third} & set(at.dataframe[0].value["run"])
    assert f"3 runs: {first}, {third}, {second}" in words(at) or f"3 runs: {first}, {second}, {third}" in words(
        at
    )
    at.button(key="undelete").click().run()
    assert {first, second, third} <= set(at.dataframe[0].value["run"])
    assert "Deleted" not in words(at)
    jobs.store.delete(third)


def test_the_order_stays_when_the_list_is_another_one(jobs, trained):
    at = page("runs", **{"runs-ticked": [trained[0]]})
    at.selectbox(key="runs-order").set_value("the most right on the test first").run()
    new = jobs.store.add(SHORT, name="by hand", worker=processes.name())
    at.run()
    table = at.dataframe[0].value
    assert table["test"].dropna().is_monotonic_decreasing
    assert table["run"].iloc[-1] == new  # the latest, of no accuracy yet
    assert ticked(at) == [trained[0]]
    assert at.selectbox(key="runs-order").value == "the most right on the test first"
    jobs.store.delete(new)


def test_a_queued_run_has_empty_cells_and_one_that_trains_says_how_far_it_is(jobs, trained):
    at = page("runs")
    assert at.dataframe[0].proto.placeholder == ""
    number = jobs.store.add(SHORT, name="by hand", worker=processes.name())  # or the worker would take it
    table = page("runs").dataframe[0].value.set_index("run")
    assert table["status"][number] == "queued"
    assert table[["test", "validation", "time"]].loc[number].isna().all()
    assert jobs.store.claim(number, processes.name(), "nothing")
    assert page("runs").dataframe[0].value.set_index("run")["status"][number] == "running, 0%"
    jobs.store.delete(number)


def test_the_star_is_for_ones_own(jobs, trained):
    mine = jobs.submit(replace(SHORT, seed=2), name="mine", visitor="a" * 16)
    finish(jobs, mine)
    jobs.store.publish(mine)
    starred = {}
    for who in "ab":
        board = page("runs", browser=who * 16).dataframe[1].value
        starred[who] = set(board[board["yours"] == "★"]["from"])
    assert starred == {"a": {f"run {mine}"}, "b": set()}


def test_a_reload_forgets_neither_the_networks_that_read_nor_whose_a_training_is(jobs, trained):
    who = {"browser": "c" * 16}
    jobs.store.publish(trained[0])
    at = page("train", run=trained[0], **who)
    at.button(key="read").click().run()
    at = page("draw", **who)  # a new session of the same browser
    assert at.session_state["reader"] == trained[0]
    assert "reader" not in page("draw", browser="d" * 16).session_state
    at = page("train", config=SHORT, recipe="quick", form=1, **who)
    at.button(key="train").click().run()
    assert jobs.store.run(at.session_state["run"]).visitor == "c" * 16
    finish(jobs, at.session_state["run"])


def test_a_run_of_a_session_of_an_earlier_version_is_looked_at_and_reads_as_any_other(jobs):
    old = jobs.submit(replace(SHORT, seed=7), name="old", visitor=HOME)
    finish(jobs, old)
    at = page("train", run=old)
    assert "of the test digits" in words(at)
    run = jobs.store.run(old)
    assert f"{run.train_accuracy:.2%} of the training digits (loss {run.train_loss:.3f})" in words(at)
    assert f"{run.device} in {run.dtype}" in words(at)
    at.button(key="read").click().run()
    assert not at.exception
    assert at.session_state["reader"] == old


def test_what_the_database_does_not_delete_is_said_and_still_there(jobs, trained, monkeypatch):
    at = page("runs", **{"runs-ticked": [trained[0]]})
    with monkeypatch.context() as patch:
        patch.setattr(Store, "delete", refuse)
        at.button(key="delete").click().run()
        assert not at.exception
        assert [error.value for error in at.error] == ["The database is away."]
    assert "Deleted" not in words(at)
    assert ticked(at) == [trained[0]]


def test_a_trained_network_reads_the_draw_page_alone_and_beside_another(jobs, trained):
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    at.session_state["canvas"] = {"drawing": {"raw": shapes.fabric(1), "data": None}}
    at.session_state["reader"] = trained[0]
    at.run()
    assert not at.exception
    assert "short" in [p.proto.popover.label for p in at.get("popover")] or "short" in str(at.main)
    at.session_state["second_reader"] = 0
    at.run()
    assert not at.exception
    own, beside = answer(at)["answers"]
    assert len(own["probabilities"]) == len(beside["probabilities"]) == 10
    assert (own["isDigit"], beside["digit"]) == (None, 1)


def test_a_network_that_is_gone_leaves_the_shipped_one(jobs):
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    at.session_state["canvas"] = {"drawing": {"raw": shapes.fabric(1), "data": None}}
    at.session_state["reader"] = 99_999
    at.run()
    assert not at.exception
    assert at.session_state["reader"] == 0


def test_on_runs_the_training_of_a_ticked_run_is_wound_back(jobs, trained):
    at = page("runs", **{"runs-ticked": [trained[0]]})
    assert next(state["images"] for state in learnt(at)["states"]) == 0


def test_look_inside_shows_the_network_as_it_was(jobs, trained):
    """The answer is that of the state: before the first step it knows nothing."""
    jobs.store.publish(trained[0])
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    at.session_state["canvas"] = {"drawing": {"raw": shapes.fabric(7), "data": None}}
    at.session_state["reader"] = trained[0]
    at.session_state["inside-view"] = "All maps"
    at.switch_page("pages/look_inside.py").run()
    assert not at.exception
    slider = next(one for one in at.select_slider if one.label == "As it was")
    assert slider.value == -1  # its end
    last = answer(at)["answers"][0]["probabilities"]
    slider.set_value(0).run()
    assert not at.exception
    first = answer(at)["answers"][0]["probabilities"]
    assert max(first) < 0.4 < max(last)


def test_a_finished_run_says_how_it_compares_and_where_to_go_next(jobs, trained):
    at = page("train", run=trained[0])
    assert "on the leaderboard" in words(at)
    assert re.search(r"Your best, run \d+, has \d", words(at))
    assert {b.key for b in at.button} >= {"its-mistakes", "draw-with-it", "look-inside-it", "again"}


def test_a_run_is_named_tagged_and_made_the_baseline_and_runs_are_grouped(jobs, trained):
    at = page("runs", **{"runs-ticked": [trained[0]]})
    at.text_input(key=f"run-{trained[0]}-tags").set_value("small,  fast, small").run()
    at.text_area(key=f"run-{trained[0]}-notes").set_value("=1 first").run()
    at.toggle(key=f"run-{trained[0]}-baseline").set_value(True).run()
    assert not at.exception
    run = jobs.store.run(trained[0])
    assert (run.name, run.tags, run.notes, run.baseline) == ("short", "small, fast", "=1 first", True)
    at.selectbox(key="runs-group").set_value("tags").run()
    groups = next(table.value for table in at.dataframe if "test from" in table.value)
    (mine,) = groups[groups["tags"] == "small, fast"].to_dict("records")
    assert (mine["runs"], mine["test"]) == (1, pytest.approx(100 * run.test_accuracy))
    assert set(at.dataframe[0].value["network"]) >= {"short (baseline)"}
    at.toggle(key=f"run-{trained[0]}-baseline").set_value(False).run()
    assert not jobs.store.run(trained[0]).baseline
