"""The page that one takes away, opened from the disk: it draws, reads, and agrees with Python."""

import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from core.data import datasets
from core.ink import files
from core.models import classifiers
from core.models.exports import html_file
from core.nn import architectures, backprop
from core.nn.activations import softmax
from core.nn.architectures import Activation, BatchNormalization, Conv2D, Dense, Flatten
from tests import shapes
from tests.browser.axe import AXE
from tests.networks import by_chance


def opened(page, network, folder):
    file = folder / "network.html"
    file.write_bytes(html_file.make(network))
    page.goto(file.as_uri())
    page.wait_for_function("window.digitLab")
    return page


def draw(page, strokes):
    box = page.locator("#canvas").bounding_box()
    zoom = box["width"] / 340
    for stroke in strokes:
        for place, (x, y) in enumerate(stroke):
            page.mouse.move(box["x"] + x * zoom, box["y"] + y * zoom)
            if not place:
                page.mouse.down()
        page.mouse.up()


def read(page, pixels) -> np.ndarray:
    return np.array(page.evaluate("pixels => digitLab.read(new Float32Array(pixels)).probabilities", pixels))


@pytest.mark.parametrize("name", ["digit-lab", "first-conv-best"])
def test_it_draws_reads_and_agrees_with_python(phone, tmp_path, name):
    classifier = classifiers.shipped(name)
    page = opened(phone, classifier.network, tmp_path)
    draw(page, shapes.strokes(4))
    expect(page.locator("#best")).to_have_text("4")
    expect(page.locator(".best")).to_contain_text("4")
    pixels = np.array(page.evaluate("[...digitLab.seen()]"), np.float32)
    python = classifier.probabilities(pixels.reshape(1, 28, 28))[0]
    np.testing.assert_allclose(read(page, pixels.tolist()), python, atol=1e-5)
    # The image too is the one that Python makes of the strokes.
    strokes = page.evaluate("digitLab.strokes().map((stroke) => [...stroke])")
    drawn = {"strokes": [np.reshape(stroke, (-1, 2)).tolist() for stroke in strokes]}
    image = files.read(json.dumps(drawn).encode(), classifier.predict)
    np.testing.assert_allclose(image.pixels, pixels.reshape(28, 28), atol=1e-5)
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("#best")).to_have_text("–")
    page.evaluate(AXE)
    assert page.evaluate("axe.run().then(({violations}) => violations.map(({id}) => id))") == []


def test_test_digits_are_read_as_python_reads_them(phone, tmp_path, classifier):
    page = opened(phone, classifier.network, tmp_path)
    pixels = datasets.mnist().x_test[:40].astype(np.float32) / 255
    browser = [read(page, one.ravel().tolist()) for one in pixels]
    np.testing.assert_allclose(browser, classifier.probabilities(pixels), atol=1e-5)


@pytest.mark.parametrize("data", ["mnist", "emnist-letters"])
def test_an_answer_that_is_no_number_is_called_so(phone, tmp_path, data):
    network = by_chance(Flatten(), Dense(len(datasets.KINDS[data].classes), "softmax"), data=data)
    broken = {name: array * np.nan for name, array in network.weights.items()}
    page = opened(phone, replace(network, weights=broken), tmp_path)
    draw(page, shapes.strokes(4))
    expect(page.locator("#words")).to_have_text("Its answer is not a number (NaN).")
    expect(page.locator("#best")).to_have_text("–")


def test_every_activation_is_computed_as_in_python(phone, tmp_path):
    pixels = datasets.mnist().x_test[:3].astype(np.float32) / 255
    functions = [name for name in architectures.FUNCTIONS if name not in ("softmax", "linear")]
    for function in (*functions, "leaky_relu_0.3"):
        layers = (
            Conv2D(6, 5, stride=2, activation="linear"),
            BatchNormalization(),
            Activation(function),
            Flatten(),
            Dense(20, "linear"),
            Activation(function),
            Dense(10, "softmax"),
        )
        network = by_chance(*layers, seed=len(function))
        page = opened(phone, network, tmp_path)
        *_, logits = backprop.forward(network, pixels).values()
        browser = [read(page, one.ravel().tolist()) for one in pixels]
        np.testing.assert_allclose(browser, softmax(logits.astype(float)), atol=1e-5, err_msg=function)


def test_a_network_for_pictures_takes_a_file(page, tmp_path):
    classifier = classifiers.shipped("cifar-small")
    opened(page, classifier.network, tmp_path)
    pixels = np.random.default_rng(0).random((1, 32, 32, 3)).astype(np.float32)
    np.testing.assert_allclose(
        read(page, pixels.ravel().tolist()), classifier.probabilities(pixels)[0], atol=1e-5
    )
    page.locator("#file").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": b"no picture"})
    expect(page.locator("#words")).to_contain_text("This is no picture")
    Image.fromarray(np.full((50, 80, 3), 90, np.uint8)).save(tmp_path / "grey.png")
    page.locator("#file").set_input_files(tmp_path / "grey.png")
    expect(page.locator("#words")).to_contain_text("sure.")
