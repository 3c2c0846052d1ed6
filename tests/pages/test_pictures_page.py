"""CIFAR-10 on the pages: recipes and data sets under Train, ten classes under Images, and no digits."""

import contextlib
import io
import re
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.data import datasets
from core.ink import rgb
from core.models import networks, registry
from core.nn import architectures
from core.records import Imported
from core.runs import queue as core_jobs
from core.storage.database import HOME
from core.storage.store import open_store
from core.training.recipes import RECIPES
from core.worker import tasks
from tests import colours
from tests.colours import CONFIG
from tests.pages.opened import finish, page, words

OWNER = HOME  # who trained it


@pytest.fixture
def small(monkeypatch, tmp_path):
    data = colours.dataset()
    colours.install(monkeypatch, tmp_path, data)
    return data


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The database with a network that tells the made images apart, and its run's number."""
    home = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as patch:
        colours.install(patch, home, colours.dataset())
        store = open_store()
        number = store.add(CONFIG, name="colours", visitor=OWNER)
        tasks.train_run(store.url, number)
    return home / "digit-lab.db", number


@pytest.fixture
def run(small, tmp_path, trained):
    """That network, in the store that the pages use: a copy for each test."""
    database, number = trained
    with (
        contextlib.closing(sqlite3.connect(database)) as made,
        contextlib.closing(sqlite3.connect(tmp_path / database.name)) as copy,
    ):
        made.backup(copy)
    return open_store().run(number)


@pytest.fixture
def nothing_shipped(monkeypatch):
    monkeypatch.setattr(networks, "is_shipped", lambda name: False)


def as_png(picture: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "PNG")
    return out.getvalue()


# -- from a photograph to 32 x 32


def test_the_middle_square_of_a_picture_is_shrunk():
    """200 x 100 pixels: a grey square in the middle of black, and fine stripes that become their mean."""
    picture = np.zeros((100, 200, 3), np.uint8)
    picture[:, 50:150] = (200, 100, 50)
    assert rgb.shrink(picture) == pytest.approx(np.full((32, 32, 3), [200, 100, 50]) / 255, abs=0.003)
    picture[:, 50:150:2] = 0
    stripes = rgb.shrink(picture)[4:-4, 4:-4]
    assert stripes == pytest.approx(np.full(stripes.shape, [100, 50, 25]) / 255, abs=0.06)
    assert rgb.square(picture.transpose(1, 0, 2)).shape == (100, 100, 3)


@pytest.mark.parametrize(("shares", "said"), [((0.9, 0.1), "bird 90.0% sure"), ((0.4, 0.6), "ship 60.0% sure")])
def test_the_card_names_the_class_and_a_close_second(shares, said):
    def card(shares):
        import numpy as np  # noqa: PLC0415

        from ui.widgets import class_bars  # noqa: PLC0415

        class_bars.class_card(["bird", "ship"], np.array(shares), "")

    text = " ".join(
        words(AppTest.from_function(card, kwargs={"shares": shares}, default_timeout=60).run()).split()
    )
    assert text.startswith(said)
    assert ("It could also be a bird." in text) == (shares[0] == 0.4)


# -- the page Images


def test_without_a_network_it_says_what_to_do(nothing_shipped):
    assert "There is no network for pictures in colour yet." in words(page("draw", subject="Images"))


def test_a_test_picture_is_named(run, small, nothing_shipped):
    at = page("draw", subject="Images", **{"pictures-way": "Test picture", "pictures-number": 27})
    name = datasets.KINDS["cifar10"].classes[small.y_test[27]]
    said = " ".join(words(at).split())
    assert f"test picture 27, labelled {name}" in said
    assert re.search(rf"{name} (over )?\d+\.\d% sure", said)
    rows = re.findall(r"([a-z]+) (\d+\.\d)%", said.split("sure")[1])
    assert {row for row, _ in rows} >= set(datasets.KINDS["cifar10"].classes)


def test_an_upload_is_named(run, small, nothing_shipped, monkeypatch):
    """An image of 64 x 96 whose middle is a test image in large."""
    large = np.kron(small.x_test[4], np.ones((2, 2, 1), np.uint8))
    wide = np.pad(large, ((0, 0), (16, 16), (0, 0)))
    at = page("draw", subject="Images")
    at.file_uploader(key="pictures-file").set_value(("photo.png", as_png(wide), "image/png")).run()
    assert not at.exception
    name = datasets.KINDS["cifar10"].classes[small.y_test[4]]
    assert re.search(rf"{name}\s+(over )?\d+\.\d% sure", words(at))


def test_a_file_that_is_no_picture_is_refused(run, nothing_shipped):
    at = page("draw", subject="Images")
    at.file_uploader(key="pictures-file").set_value(("photo.png", b"text", "image/png")).run()
    assert "This is a text file, not a picture that I can read: PNG, JPEG, WebP and GIF are accepted." in words(
        at
    )


def test_a_strip_is_refused_in_a_sentence(run, nothing_shipped):
    """Shrunk to the page's width, it would have no height."""
    at = page("draw", subject="Images")
    strip = as_png(np.zeros((8, 3000, 3), np.uint8))
    at.file_uploader(key="pictures-file").set_value(("strip.png", strip, "image/png")).run()
    assert not at.exception
    assert "The picture is 3,000 x 8 pixels; its longer side can be at most 100 times" in words(at)


@pytest.mark.parametrize("size", [(8, 800), (800, 8), (300, 300)])
def test_whatever_is_read_is_shown(run, nothing_shipped, size):
    """Also strips, and 16 bits in one channel."""
    at = page("draw", subject="Images")
    picture = as_png(np.full(size, 40_000, np.uint16))
    at.file_uploader(key="pictures-file").set_value(("grey.png", picture, "image/png")).run()
    assert not at.exception


def test_without_test_pictures_it_says_what_to_do(run, nothing_shipped):
    datasets.cifar10_path().unlink()
    at = page("draw", subject="Images", **{"pictures-way": "Test picture"})
    assert "CIFAR-10 is not on this computer yet: put cifar10.npz into" in words(at)


@pytest.mark.skipif(not networks.is_shipped("cifar-small"), reason="it has not been trained yet")
def test_the_shipped_network_answers_without_the_data_set():
    classifier = registry.classifier(-3)
    assert architectures.parameters(classifier.network.layers, (32, 32, 3)) <= 1_000_000
    assert classifier.network.about["test_accuracy"] >= 0.85
    at = page("draw", subject="Images")
    at.file_uploader(key="pictures-file").set_value(
        ("photo.png", as_png(np.full((40, 40, 3), 90, np.uint8)), "image/png")
    ).run()
    assert "sure" in words(at)


# -- the other pages


def test_it_is_not_offered_for_drawings(run):
    at = page("draw", reader=run.id)
    assert at.session_state["reader"] == registry.SHIPPED
    assert not at.exception


def test_its_run_has_names_and_colours(run, small):
    at = page("train", run=run.id)
    said = " ".join(words(at).split())
    assert "of the test pictures" in said
    assert "airplane" in said
    assert "rows: the true class, columns: the class read" in said
    assert at.button(key="read").label == "Show it pictures"
    at.button(key="read").click().run()
    assert not at.exception


def opened(run, jobs):
    """Open the file of `run` on the Train page; return that page, and the run that is there then."""
    at = page("train", upload=True)
    file = ("mine.keras", open_store().keras_file(run.id), "application/zip")
    at.file_uploader(key="keras-file").set_value(file).run()
    finish(jobs, at.session_state["run"])
    found = open_store().run(at.session_state["run"])
    assert (found.status, found.kind, found.config) == ("done", "imported", Imported(CONFIG.layers, "cifar10"))
    at.run()
    assert not at.exception
    return at, found


def test_its_file_is_opened_again_with_its_test_pictures_or_without(run, small, monkeypatch):
    with ThreadPoolExecutor(1) as executor:
        jobs = core_jobs.Jobs(open_store(), lambda: executor)
        monkeypatch.setattr(core_jobs, "_jobs", lambda store: jobs)
        at, again = opened(run, jobs)
        mistakes = words(page("mistakes", **{"mistakes-network": again.id}))
        inside = page("look_inside", **{"subject": "Images", "pictures-network": again.id})
        datasets.cifar10_path().unlink()
        later, unmeasured = opened(run, jobs)

    assert again.test_accuracy == run.test_accuracy
    assert "of the test pictures" in words(at)
    assert f"{round(100 * (1 - run.test_accuracy))} of 100" in mistakes
    name = f"run {again.id}: mine, from a file, {run.test_accuracy:.2%}"
    assert name in inside.selectbox(key="pictures-network").options
    at.button(key="read").click().run()  # 'Show it images'
    assert at.session_state["pictures-network"] == again.id

    assert unmeasured.test_accuracy is None
    assert "Its accuracy is not measured. CIFAR-10 is not on this computer yet: put cifar10" in words(later)
    later = page("draw", subject="Images", **{"pictures-network": unmeasured.id})
    name = f"run {unmeasured.id}: mine, from a file, not measured"
    assert name in later.selectbox(key="pictures-network").options
    file = ("photo.png", as_png(small.x_test[4]), "image/png")
    later.file_uploader(key="pictures-file").set_value(file).run()
    thing = datasets.KINDS["cifar10"].classes[small.y_test[4]]
    assert re.search(rf"{thing}\s+(over )?\d+\.\d% sure", words(later))
    assert "is not on this computer" in words(page("mistakes", **{"mistakes-network": unmeasured.id}))
    for number in (again.id, unmeasured.id):
        open_store().delete(number)


def test_it_stands_in_the_table_of_runs(run):
    at = page("runs")
    (table,) = [frame.value for frame in at.dataframe if "seed" in frame.value]
    row = table[table["run"] == run.id].iloc[0]
    assert (row["data"], row["pictures"]) == ("CIFAR-10", 400)
    assert row["parameters"] == architectures.parameters(CONFIG.layers, (32, 32, 3))


def test_it_stands_beside_the_claims_for_its_own_pictures(run):
    def ours(at):
        board = at.dataframe[1].value
        return set(board[board["yours"] == "★"]["from"])

    at = page("runs", browser=OWNER)  # it is the latest that was measured
    assert f"run {run.id}" in ours(at)
    open_store().publish(run.id)
    others = page("runs", browser="d" * 16)
    assert f"run {run.id}" in set(others.dataframe[1].value["from"]) - ours(others)
    assert {68.0, 78.0, 95.38} <= set(at.dataframe[1].value["accuracy"].round(2))
    assert "CIFAR-10's 100 test pictures that are named rightly" in words(at)
    at.segmented_control(key="board-data").set_value("mnist").run()
    assert f"run {run.id}" not in ours(at)
    assert {99.4, 92.81} <= set(at.dataframe[1].value["accuracy"].round(2))
    assert "MNIST's 10,000 test digits that are read rightly" in words(at)


def test_the_spread_of_seeds_is_drawn_for_each_data_set_by_itself(small):
    store, numbers = open_store(), []
    network = networks.shipped()
    for name, low in (("perceptron", 0.92), ("cifar-three", 0.66)):
        for seed in range(2):
            config = replace(RECIPES[name].config, seed=seed)
            numbers.append(store.add(config, name=f"spread of {name}", recipe=name))
            store.finish(numbers[-1], network, b"", None, test_accuracy=low + seed / 100, status="done")
    at = page("runs")
    for number in numbers:
        store.delete(number)
    assert "**MNIST** " in words(at)
    assert "**CIFAR-10** " in words(at)
    assert "spread of perceptron: 2 seeds from 92.00% to 93.00%." in words(at)
    assert "spread of cifar-three: 2 seeds from 66.00% to 67.00%." in words(at)
    assert len(at.get("plotly_chart")) == 2


def test_a_cifar_recipe_fills_the_form(small):
    at = page("train")
    (recipes,) = [box for box in at.selectbox if box.label == "Start from"]
    recipes.select("cifar-three").run()
    assert not at.exception
    assert at.session_state["config"].data == "cifar10"
    assert "68%" in words(at)
    assert not at.button(key="train").disabled


def test_another_data_set_gives_the_layers_another_picture(small):
    at = page("train", **{"layer-table": True, "augmentation": True})
    (choice,) = [box for box in at.selectbox if box.label == "Data set"]
    assert choice.options == [
        "MNIST: digits in ten classes, 28 x 28 x 1",
        "CIFAR-10: pictures in ten classes, 32 x 32 x 3",
    ]
    choice.select("cifar10").run()
    assert not at.exception
    assert at.session_state["config"].data == "cifar10"
    assert "It learns from 380 pictures and is measured on 20 others." in words(at)  # 5% of 400
