"""The page Images in a real browser: bring an image, see ten named bars; a file that is none is refused."""

import io
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from core.data import datasets
from core.ink import rgb
from core.models import networks, registry
from tests import colours

pytestmark = pytest.mark.skipif(not networks.is_shipped("cifar-small"), reason="no network for it is shipped")
NAMES = datasets.KINDS["cifar10"].classes
FILE = ".st-key-pictures-file input[type=file]"
ROWS, CLASS = ".dl-named", ".dl-class b"


def png(picture: np.ndarray) -> dict:
    """What a file field takes."""
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "PNG")
    return {"name": "photo.png", "mimeType": "image/png", "buffer": out.getvalue()}


def expected(picture: np.ndarray) -> np.ndarray:
    """What the network that comes with the app says of it, float32 [10]."""
    (number,) = registry.IN_COLOUR
    return registry.classifier(number).probabilities(rgb.shrink(picture)[None])[0]


def open_pictures(page: Page, url: str) -> None:
    page.goto(f"{url}/pictures")
    page.locator(".st-key-pictures-file").wait_for()


def test_an_upload_is_named_and_what_is_no_picture_is_refused_on_a_phone(phone, app_url):
    open_pictures(phone, app_url)
    expect(phone.locator(ROWS)).to_have_count(10)
    expect(phone.locator(CLASS)).to_have_text("—")
    (picture,), _ = colours.pictures(1, 5)
    picture = np.kron(picture, np.ones((6, 6, 1), np.uint8))
    shares = expected(picture)
    phone.locator(FILE).set_input_files(png(picture))
    expect(phone.locator(CLASS)).to_have_text(NAMES[shares.argmax()])
    expect(phone.locator(f"{ROWS}.dl-winner")).to_contain_text(NAMES[shares.argmax()])
    texts = [text.split() for text in phone.locator(ROWS).all_inner_texts()]
    assert [name for name, _ in texts] == list(NAMES)
    assert [float(share.rstrip("%")) for _, share in texts] == pytest.approx(100 * shares, abs=0.11)
    for row in range(10):
        box = phone.locator(ROWS).nth(row).bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    box = phone.locator(CLASS).bounding_box()
    assert box["y"] + box["height"] <= 844  # the answer is on the first screen

    diary = {"name": "photo.png", "mimeType": "image/png", "buffer": b"dear diary"}
    phone.locator(FILE).set_input_files(diary)
    sentence = "This is a text file, not a picture that I can read: PNG, JPEG, WebP and GIF"
    expect(phone.get_by_text(sentence)).to_be_visible()
    expect(phone.locator(CLASS)).to_have_text("—")
    phone.locator(FILE).set_input_files(png(picture))
    expect(phone.locator(CLASS)).to_have_text(NAMES[shares.argmax()])


def test_without_cifar10_it_says_what_to_do_and_names_uploads_all_the_same(page, app_url):
    open_pictures(page, app_url)
    page.get_by_role("radio", name="Test picture").click()
    expect(page.get_by_text("CIFAR-10 is not on this computer yet: put cifar10.npz into")).to_be_visible()
    expect(page.locator(CLASS)).to_have_text("—")
    page.get_by_role("radio", name="Picture", exact=True).click()
    picture = np.full((40, 60, 3), (30, 90, 200), np.uint8)
    page.locator(FILE).set_input_files(png(picture))
    expect(page.locator(CLASS)).to_have_text(NAMES[expected(picture).argmax()])
    page.locator(".st-key-pictures-look button").click()
    page.wait_for_url(re.compile("/look_inside"))
    expect(page.get_by_text("Draw a digit, or choose a test digit")).to_have_count(0)


def test_where_there_is_no_picture_the_apps_own_can_be_clicked(page, app_url):
    open_pictures(page, app_url)
    page.get_by_role("button", name="A painted scene: truck, 2").click()
    expect(page.locator(CLASS)).to_have_text("truck")
    page.get_by_role("radio", name="Digits").click()
    expect(page.get_by_role("radio", name="Test picture")).to_have_count(0)
    page.get_by_role("radio", name="Picture").click()
    page.get_by_role("button", name="A photograph of a 7, soft shadow").click()
    expect(page.locator(".st-key-prediction .dl-winner")).to_contain_text("7")
    page.get_by_role("button", name="A photograph of a 3, on a blackboard").click()
    expect(page.locator(".st-key-prediction .dl-winner")).to_contain_text("3")
