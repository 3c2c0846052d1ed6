"""A network for letters from the files of EMNIST to the pages that show it."""

import json
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.__main__ import main
from core.data import datasets
from core.models import browser_export, classifiers
from core.models.exports import html_file, onnx_file
from core.records import DigitImage
from core.storage.store import open_store
from core.training import configs
from tests import letters
from ui import visits

PAGES = Path(__file__).parents[2] / "pages"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("letters")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIGIT_LAB_HOME", str(folder))
        patch.setenv("DIGIT_LAB_WARM_WORKER", "0")
        patch.setattr(visits, "is_at_home", lambda client, headers: True)
        images, labels = letters.letters(of_each=18)
        letters.put(folder, "emnist-letters", images.transpose(0, 2, 1), labels)
        yield folder


@pytest.fixture(scope="module")
def run(home):
    assert main(["train", "--recipe", "quick", "--data", "emnist-letters", "--epochs", "20"]) == 0
    return open_store().runs()[0]


def page(name, **state):
    at = AppTest.from_file(str(PAGES / f"{name}.py"), default_timeout=60)
    for key, value in state.items():
        at.session_state[key.replace("_", "-")] = value
    at.run()
    assert not at.exception
    return at


def text(at):
    kinds = (at.markdown, at.caption, at.info, at.header, at.title)
    pieces = [element.value for elements in kinds for element in elements]
    return " ".join([*pieces, *(element.proto.body for element in at.get("html"))])


def test_it_learns_letters_and_is_measured_on_them(run, capsys):
    assert (run.status, run.config.data, run.recipe) == ("done", "emnist-letters", "")
    assert run.config.layers[-1].units == 26
    assert run.test_accuracy > 0.25  # chance is 0.04
    capsys.readouterr()
    assert main(["evaluate", str(run.id), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["test_accuracy"] == pytest.approx(run.test_accuracy)
    snapshot = open_store().snapshot(run.id)
    assert np.array(snapshot.confusion).shape == (26, 26)
    assert np.array(snapshot.confusion).sum() == configs.divide(run.config)[1]  # held back


def test_a_drawing_is_read_as_a_letter_whatever_it_is(run):
    classifier = classifiers.Classifier(open_store().network(run.id))
    data = datasets.load("emnist-letters")
    images = [DigitImage(image / np.float32(255)) for image in data.x_test]
    found = classifier.predict_many(images)
    assert np.mean([p.digit for p in found] == data.y_test) == pytest.approx(run.test_accuracy)
    assert found[0].probabilities.shape == (26,)
    assert classifier.predict(DigitImage(np.zeros((28, 28), np.float32))).digit is None
    assert browser_export.pack(classifier.network)  # so the bars move with the pen
    assert b"Draw a letter" in html_file.make(classifier.network)
    assert b'"Z"]' in onnx_file.make(classifier.network)


def test_a_network_for_letters_from_a_file_is_known_as_one(run):
    layers = run.config.layers
    assert configs.imported(layers).data == "emnist-letters"


@pytest.mark.parametrize("name", ["train", "runs", "mistakes", "data", "look_inside", "why", "draw"])
def test_the_pages_show_letters(name, run):
    sets = {"data": {"data_set": "EMNIST letters, test letters"}}
    at = page(name, reader=run.id, run=run.id, mistakes_network=run.id, **sets.get(name, {}))
    said = {
        "train": "test letters",
        "runs": "EMNIST letters' 156 test letters that are read rightly",
        "mistakes": "mistakes** 1 of",
        "data": "The letters in the files are transposed, as EMNIST is published",
        "look_inside": "a test letter",
        "why": "a test letter",
        "draw": "Draw a letter, watch it being read",
    }
    assert said[name] in text(at)
    if name == "mistakes":
        measured = at.segmented_control(key="mistakes-set-emnist-letters")
        assert list(measured.options) == ["EMNIST letters, test letters", "EMNIST letters, training letters"]


@pytest.mark.parametrize("name", ["fool", "break_it", "map_of_digits"])
def test_the_rooms_about_digits_say_that_they_are(name, run):
    at = page(name, reader=run.id)
    assert "This page is about digits, and the network that you have chosen reads letters" in text(at)
