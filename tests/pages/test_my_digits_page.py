"""Labelling on the Draw page, and the page My digits, without a browser; the retraining is real."""

import io
import json
import struct
import threading
import time
import zipfile
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.data import datasets
from core.models import prediction_cache, registry
from core.models.classifiers import Classifier
from core.records import DrawingArrays, StoredDrawing
from core.runs import drawing_imports
from core.storage import drawings, exchange, exchange_json, exchange_zip
from core.training import finetuning, weak_start
from tests.file_bytes import archive, png
from tests.pages.my_digits_pages import page
from tests.pages.opened import finish, words
from tests.pages.visitors import ME, YOU
from ui.sections import digit_files, digit_predictions

SMALL = -2  # a network with the app that is trained in a second


@pytest.fixture
def stored(store):
    """Five of MNIST's test digits of each class, mine; and two of somebody else."""
    data = datasets.mnist()
    mine = [n for digit in range(10) for n in np.flatnonzero(data.y_test == digit)[:5]]
    now = datetime.now(UTC)
    everyone = [(n, ME) for n in mine] + [(n, YOU) for n in (500, 501)]
    return drawings.add_many(
        store, [StoredDrawing(int(data.y_test[n]), data.x_test[n], "", who, now) for n, who in everyone]
    )


def gallery(at: AppTest) -> list[dict]:
    (cells,) = [json.loads(p.proto.json)["cells"] for p in at.get("bidi_component") if "cells" in p.proto.json]
    return cells


def choose(at: AppTest, *ids: int) -> None:
    """Choose images as the component in the browser would."""
    turn = 0 if "digits-turn" not in at.session_state else at.session_state["digits-turn"]  # noqa: SIM401
    key = f"gallery-{turn}-0-None-False"
    at.session_state[key] = {"selected": list(ids)}
    at.run()
    assert not at.exception


def test_without_drawings_it_says_what_to_do(store):
    assert "Draw a digit, then tap" in words(page())


def test_mine_alone(store, stored):
    assert len(drawings.everything(store)) == 52
    at = page()
    assert len(gallery(at)) == 50
    assert "nobody else who uses it can see them" in words(at)
    at = page(browser=YOU)
    assert len(gallery(at)) == 2


def test_pictures_are_shown_by_digit_and_by_how_they_are_read(store, stored):
    at = page()
    classifier = registry.classifier(registry.SHIPPED)
    mine = drawings.load(store, ME)
    said, _ = prediction_cache.predict(classifier, mine.x)
    assert f"{(said == mine.y).sum()} of 50" in words(at)
    at.segmented_control(key="digit").set_value(3).run()
    assert [cell["caption"][0] for cell in gallery(at)] == ["3"] * 5
    drawings.relabel(store, {stored[0]: 9})  # a 0, so that it is read differently
    at.segmented_control(key="digit").set_value(None).run()
    at.toggle(key="only-misread").set_value(True).run()
    cells = gallery(at)
    assert {"caption": "9 → 0", "wrong": True}.items() <= next(c for c in cells if c["id"] == stored[0]).items()
    assert all(cell["wrong"] for cell in cells)


def test_pages_of_the_gallery(store):
    data = datasets.mnist()
    now = datetime.now(UTC)
    new = [StoredDrawing(int(data.y_test[n]), data.x_test[n], "", ME, now) for n in range(130)]
    ids = drawings.add_many(store, new)
    at = page()
    assert [cell["id"] for cell in gallery(at)] == ids[:69:-1]
    at.button(key="page-last_page").click().run()
    assert [cell["id"] for cell in gallery(at)] == ids[9::-1]
    assert at.button(key="page-chevron_right").disabled


def test_relabel_and_delete_can_be_undone(store, stored):
    at = page()
    choose(at, stored[0], stored[7])
    at.segmented_control(key="relabel").set_value(5).run()
    assert [drawings.get(store, stored[n]).label for n in (0, 7)] == [5, 5]
    at.button(key="undo-digits").click().run()
    assert [drawings.get(store, stored[n]).label for n in (0, 7)] == [0, 1]
    twin = drawings.add(store, replace(drawings.get(store, stored[0]), label=5, id=0))
    choose(at, stored[0], stored[7])
    at.segmented_control(key="relabel").set_value(5).run()
    assert [bool(drawings.get(store, n)) for n in (stored[0], stored[7], twin)] == [False, True, True]
    at.button(key="undo-digits").click().run()
    assert [drawings.get(store, n).label for n in (stored[0], stored[7], twin)] == [0, 1, 5]
    drawings.delete(store, [twin])
    choose(at, *stored[:3])
    at.button(key="delete-digits").click().run()
    assert len(drawings.load(store, ME).ids) == 47
    at.button(key="undo-digits").click().run()
    assert not at.exception
    assert len(drawings.load(store, ME).ids) == 50


def test_two_idx_files_are_taken_in_as_one_set(store, stored):
    images, labels = datasets.mnist().x_test[900:910], datasets.mnist().y_test[900:910]
    pair = {
        "t10k-images-idx3-ubyte": b"\0\0\x08\x03" + struct.pack(">3I", *images.shape) + images.tobytes(),
        "t10k-labels-idx1-ubyte": b"\0\0\x08\x01" + struct.pack(">I", 10) + labels.tobytes(),
    }
    at = page()
    at.file_uploader(key="import").set_value([(name, data, "") for name, data in pair.items()]).run()
    assert not at.exception
    assert "**10** taken in." in words(at)
    at.button(key="undo-digits").click().run()


def test_files_are_taken_in_undone_and_what_is_bad_is_listed(store, stored):
    data = exchange_json.write(drawings.everything(store, YOU))
    bad = json.loads(data)
    bad["drawings"].append({"label": 12})
    at = page()
    at.file_uploader(key="import").set_value(
        [("digits.json", json.dumps(bad).encode(), "application/json")]
    ).run()
    assert not at.exception
    assert "**2** taken in, 1 left out:" in words(at)
    table = next(d.value for d in at.dataframe if "file" in d.value)
    assert table.iloc[0].tolist() == ["drawing 3", "Its label is '12'; accepted are the numbers 0 to 9."]
    assert len(drawings.load(store, ME).ids) == 52
    at.button(key="undo-digits").click().run()
    assert len(drawings.load(store, ME).ids) == 50
    at.file_uploader(key="import").set_value([("digits.zip", b"PK but no zip", "application/zip")]).run()
    assert "The archive is damaged" in words(at)
    assert len(drawings.load(store, ME).ids) == 50


def test_names_that_say_two_digits_are_asked_about_before_anything_is_stored(store):
    digits = datasets.mnist().x_test
    data = archive({"7/three.png": png(digits[0]), "7/a.png": png(digits[1])})
    at = page()
    at.file_uploader(key="import").set_value([("digits.zip", data, "application/zip")]).run()
    assert "Two different digits in 1 name, so nothing is taken in" in at.warning[0].value
    assert drawings.everything(store, ME) == []
    row = next(d.value for d in at.dataframe if "name" in d.value).iloc[0].tolist()
    assert row == ["7/three.png", "7", "3"]
    assert at.button(key="import-answer").disabled
    at.radio(key="import-counts").set_value("inner").run()
    at.button(key="import-answer").click().run()
    assert not at.exception
    assert [d.label for d in drawings.everything(store, ME)] == [7, 7]
    assert not at.warning


def test_numbers_in_a_folder_that_is_not_understood_are_asked_about(store):
    digits = datasets.mnist().x_test
    data = archive({f"sieben/{n}.png": png(digits[n]) for n in range(1, 4)})
    at = page()
    at.file_uploader(key="import").set_value([("digits.zip", data, "application/zip")]).run()
    assert "The number in 3 names may be the digit or may only count the files" in at.warning[0].value
    rows = next(d.value for d in at.dataframe if "name" in d.value)
    assert rows.iloc[0].tolist() == ["sieben/1.png", "not understood", "1"]
    assert at.radio(key="import-counts").options == ["Its own name", "Neither: leave these out"]
    at.radio(key="import-counts").set_value("file").run()
    at.button(key="import-answer").click().run()
    assert not at.exception
    assert [d.label for d in drawings.everything(store, ME)] == [1, 2, 3]


def test_a_file_that_takes_long_shows_how_far_it_is_and_can_be_ended(store, monkeypatch):
    monkeypatch.setattr(digit_files, "SOON", 0.0)
    busy = threading.Event()
    for _ in range(drawing_imports.THREADS):
        drawing_imports._pool.submit(busy.wait, 60)
    try:
        data = archive({"7/a.png": png(datasets.mnist().x_test[0])})
        at = page()
        at.file_uploader(key="import").set_value([("digits.zip", data, "application/zip")]).run()
        assert not at.exception
        at.button(key="import-cancel").click().run()
        at.run()
    finally:
        busy.set()
    assert "nothing of the file is taken in" in words(at)
    assert drawings.everything(store, ME) == []


def test_what_is_saved_is_what_is_stored(store, stored):
    mine = drawings.load(store, ME)
    data = exchange_zip.write(mine.ids, mine.x, mine.y, mine.held_out)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert len(archive.namelist()) == 50
    files = (data, exchange_json.write(drawings.everything(store, ME)))
    (found,) = {len(exchange.read(file, YOU).good) for file in files}
    assert found == 50


# -- retraining


def test_with_few_drawings_it_says_what_is_missing_and_can_go_on(store):
    data, now = datasets.mnist(), datetime.now(UTC)
    few = [StoredDrawing(7, data.x_train[n], "", ME, now, held_out=False) for n in range(2)]
    drawings.add_many(store, few)
    at = page()
    assert "Draw and label 8 more: 2 of at least 10 are there. There is no 0, 1, 2" in words(at)
    assert at.button(key="retrain").label == "Retrain with these few"
    assert not at.button(key="retrain").disabled


def test_one_drawing_is_no_drawings(store):
    drawings.add(
        store, StoredDrawing(7, datasets.mnist().x_train[40], "", ME, datetime.now(UTC), held_out=False)
    )
    assert "It learns 1 drawing, each" in words(page())
    drawings.add(
        store, StoredDrawing(7, datasets.mnist().x_train[41], "", ME, datetime.now(UTC), held_out=True)
    )
    assert "The other one is held back" in words(page())


def test_retraining_shows_before_and_after_and_can_be_switched_to_and_back(jobs, store, stored):
    at = page(reader=SMALL)
    at.button(key="retrain").click().run()
    assert not at.exception
    run = jobs.store.runs()[0]
    assert (run.recipe, run.config.fine_tuning.base, run.config.fine_tuning.visitor) == (
        finetuning.RECIPE,
        SMALL,
        ME,
    )
    finish(jobs, run.id)
    done = jobs.store.run(run.id)
    assert done.status == "done"
    at = page(reader=SMALL)  # a reload
    mine = drawings.load(store, ME)
    held = mine.held_out
    after = Classifier(jobs.store.network(run.id))
    both = (registry.classifier(SMALL), after)
    right = [
        int((prediction_cache.predict(classifier, mine.x[held])[0] == mine.y[held]).sum())
        for classifier in both
    ]
    said = words(at)
    assert f"Your hand {right[0] / 10:.0%} → {right[1] / 10:.0%}" in said
    before = registry.classifier(SMALL).network.about["test_accuracy"]
    assert f"MNIST {before:.2%} → {done.test_accuracy:.2%}" in said
    at.button(key="read").click().run()
    assert at.session_state["reader"] == run.id
    at.button(key="switch-back").click().run()
    assert at.session_state["reader"] == SMALL
    assert not at.exception


def test_a_network_that_has_seen_next_to_nothing_is_taught_and_its_curve_is_drawn(
    jobs, store, stored, monkeypatch
):
    monkeypatch.setattr(weak_start, "_EPOCHS", 30)
    at = page()
    assert at.session_state["weak-size"] == 100
    at.segmented_control(key="weak-size").set_value(10)
    at.button(key="weak-teach").click().run()
    for _ in range(100):
        if at.session_state["weak-asked"] is None:
            break
        time.sleep(1)
        at.run()
        assert not at.exception
    runs = [run for run in jobs.store.runs() if run.recipe == weak_start.RECIPE]
    assert [run.name for run in runs] == [
        "Has seen 10 digits, and 40 of mine",
        "Has seen 10 digits, and 20 of mine",
        "Has seen 10 digits, and 10 of mine",
        "Has seen 10 digits",
    ]
    after, *_, before = runs
    assert after.training.fine_tuning.base == before.id
    assert before.test_accuracy < 0.75
    assert after.test_accuracy > before.test_accuracy + 0.05
    *_, result = [one.value for one in at.markdown if one.value.startswith("### Your hand")]
    assert f"MNIST {before.test_accuracy:.2%} → {after.test_accuracy:.2%}" in result
    assert "Retrain" in [one.value for one in at.header]
    assert not any("**Has seen" in one.value for one in at.markdown)  # it is no retraining of what reads
    assert at.button(key="weak-teach").disabled  # it has learnt all there are
    at.button(key="weak-read").click().run()
    assert at.session_state["reader"] == after.id


def test_one_drawing_that_is_not_read_yet_is_told_in_the_singular():
    one = DrawingArrays(*(np.zeros(1, int) for _ in range(3)), np.zeros(1, bool))
    said = digit_predictions._accuracy(one, np.array([prediction_cache.NOT_YET]))
    assert said == "1 drawing still to be read."
