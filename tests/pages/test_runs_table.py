"""The list of runs as its owner sees it: nothing here trains."""

import json
from dataclasses import replace

import pytest
from streamlit.runtime.context import ContextProxy

from core.runs import queue
from core.storage.store import open_store
from core.training import finetuning
from tests import listed_runs
from tests.pages.opened import page
from tests.short_training import SHORT
from tests.stored_runs import POINT
from ui.sections import run_actions

OF_A_SWEEP = "The network of a tutorial: learning rate 0.000333, batch size 512, label smoothing 0.05"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """The number of one that a sweep might have named."""
    monkeypatch.setenv("DIGIT_LAB_HOME", str(tmp_path))
    monkeypatch.setenv("DIGIT_LAB_WARM_WORKER", "0")
    number = open_store().add(SHORT, name=OF_A_SWEEP)
    open_store().end(number, "stopped", "")
    yield number
    queue.jobs().close()


def field(at, kind, label):
    (found,) = (one for one in at.get(kind) if one.label == label)
    return found


def test_a_long_name_stays_whole_when_notes_are_written(run):
    at = page("runs", **{"runs-ticked": [run]})
    assert field(at, "text_input", "Name").value == OF_A_SWEEP
    field(at, "text_area", "Notes").set_value("The best so far.").run()
    assert not at.exception
    found = open_store().run(run)
    assert (found.name, found.notes) == (OF_A_SWEEP, "The best so far.")


def test_runs_have_started_at_the_viewers_time(run, monkeypatch):
    monkeypatch.setattr(ContextProxy, "timezone", "Asia/Tokyo")
    (columns,) = (json.loads(one.proto.columns) for one in page("runs").dataframe if "started" in one.value)
    assert columns["started"]["type_config"]["timezone"] == "Asia/Tokyo"


def test_of_a_network_that_learnt_from_drawings_alone_no_picture_of_mnist_is_counted(run):
    config = finetuning.config(SHORT.layers, finetuning.ALONE, "", 9)
    number = open_store().add(config, name="The class alone")
    shown = {"runs-columns": ["data", "pictures"]}
    (table,) = (one.value for one in page("runs", **shown).dataframe if "status" in one.value)
    row = table.set_index("run").loc[number]
    assert (row["data"], str(row["pictures"])) == ("drawings alone", "<NA>")


def test_how_far_a_run_is_counts_the_pictures_that_its_data_add(run):
    """Of 'MNIST and drawings' an epoch has more than MNIST's: these 60,000 are half of the first of two."""
    store = open_store()
    number = store.add(replace(SHORT, data="digit-lab", train_size=60_000, validation_split=0.0), name="Added")
    token = store.claim(number, "host:1:1.00", "a device")
    store.add_metric(number, replace(POINT, images=60_000, epoch=0.5), 1000.0, token=token)
    (table,) = (one.value for one in page("runs").dataframe if "status" in one.value)
    assert table.set_index("run").loc[number, "status"] == "running, 25%"


def test_one_report_is_of_runs_that_are_tested_on_the_same_images():
    def comparable(*data: str) -> bool:
        runs = [listed_runs.run(n, 0.9) for n in range(len(data))]
        configs = [replace(run.training, data=one) for run, one in zip(runs, data, strict=True)]
        told = [replace(run, config=one, has_network=True) for run, one in zip(runs, configs, strict=True)]
        return run_actions._comparable(told)

    assert comparable("mnist", "digit-lab", "hand")
    assert not comparable("mnist", "emnist-digits")
    assert not comparable("cifar10", "fashion-mnist")


def test_what_is_written_in_one_tab_stays_when_something_else_is_in_another(run):
    one, other = (page("runs", **{"runs-ticked": [run]}) for _ in range(2))
    field(one, "text_area", "Notes").set_value("Half an hour of work.").run()
    field(other, "text_input", "Tags").set_value("best").run()
    field(one, "toggle", "Baseline").set_value(True).run()
    field(other, "text_input", "Name").set_value("Mine").run()
    found = open_store().run(run)
    assert (found.name, found.notes, found.tags, found.baseline) == (
        "Mine",
        "Half an hour of work.",
        "best",
        True,
    )
