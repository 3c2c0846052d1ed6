"""Names that would act, met on every page: nothing of them is Markdown, HTML or a formula there."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest

from core.data import datasets
from core.models import networks
from core.nn.activations import softmax
from core.records import Metric, StoredDrawing
from core.storage import drawings
from core.storage.store import open_store
from core.training import finetuning
from core.training.recipes import RECIPES
from tests import shapes
from tests.names import ALL
from tests.pages.opened import ROOT
from tests.pages.visitors import ME
from ui import plain

MARKDOWN = ("![x](", " www.", ":red[", "$x$", ":material/delete", "`x`", "*x*")
HTML = (" <b>%",)
NAME = re.compile(r"!\\?\[x\\?\]\(http")  # what each of them begins with, as it is or made harmless
# (message, field) -> what of a name would act there; what is not listed is read as Markdown by Streamlit.
READS: dict[tuple[str, str], tuple[str, ...]] = {
    ("Selectbox", "options"): (),
    ("Selectbox", "raw_value"): (),
    ("BidiComponent", "json"): (),  # the components write text, as the tests in the browser show
    ("PlotlyChart", "spec"): ("<b>%", "%{x}</b>"),
    ("Html", "body"): HTML,
}


def strings(message: Message) -> Iterator[tuple[tuple[str, str], str]]:
    """Every text in a message to the browser, with where it stands."""
    for field, value in message.ListFields():
        for one in value if field.is_repeated else [value]:
            if isinstance(one, Message):
                yield from strings(one)
            elif isinstance(one, str):
                yield (message.DESCRIPTOR.name, field.name), one


def sent(node) -> Iterator[tuple[tuple[str, str], str]]:
    if isinstance(getattr(node, "proto", None), Message):
        yield from strings(node.proto)
    for child in getattr(node, "children", {}).values():
        yield from sent(child)


def seen(at: AppTest) -> set[tuple[str, str]]:
    """Where a page shows the name; fails where any of it would act."""
    assert not at.exception
    places = set()
    for place, text in sent(at._tree):
        if not NAME.search(text) or place[1] in ("id", "key", "form_id"):
            continue
        places.add(place)
        acting = [live for live in READS.get(place, MARKDOWN + HTML) if live in text]
        assert not acting, (place, acting, text)
    return places


@pytest.fixture(scope="module")
def runs(tutorials_classifier):
    """Two seeds of a network of that name, one taught with drawings, one that failed."""
    return list(made(open_store(), tutorials_classifier))


def made(store, classifier) -> Iterator[int]:
    data, network = datasets.mnist(), networks.shipped("first-conv-best")
    said = softmax(classifier.logits(data.x_test.astype(np.float32) / 255))
    mine = [
        StoredDrawing(
            int(data.y_test[n]), data.x_test[n], "", ME, drawings.datetime.now(drawings.UTC), network=ALL
        )
        for n in range(50)
    ]
    numbers = drawings.add_many(store, mine)
    first = RECIPES["first-conv-best"].config
    taught = finetuning.config(network.layers, -2, ME, until=max(numbers))
    for config in (first, replace(first, seed=1), taught):
        number = store.add(config, name=ALL, visitor=ME, recipe="")
        assert store.claim(number, "test", ALL)
        store.add_metric(number, Metric(1000, 1.0, 2.0, 0.9, 0.3, 0.9, 0.3, whole=True), 500.0)
        store.finish(number, network, b"", said, test_accuracy=0.99, status="done", note=f"Said {ALL}")
        said = np.roll(said, 100, axis=0)  # else there would be nothing to say of two
        yield number
    yield (failed := store.add(first, name=ALL, visitor=ME))
    store.end(failed, "failed", f"The training failed: {ALL}")


def page(name: str, drawn: bool = True, **state) -> AppTest:
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    at.session_state["browser"] = ME
    if drawn:
        at.session_state["canvas"] = {"drawing": {"raw": shapes.fabric(7), "data": None}}
    for key, value in state.items():
        at.session_state[key.replace("_", "-")] = value
    return at.switch_page(f"pages/{name}.py").run()


def test_draw(runs):
    at = page("draw", reader=runs[0], reading=True)
    at.session_state["second_reader"] = runs[1]
    assert {("Selectbox", "options"), ("BidiComponent", "json")} <= seen(at.run())


@pytest.mark.parametrize(
    "name", ["look_inside", "convolution", "pooling", "pictures", "data", "tutorials", "about"]
)
def test_pages_of_one_network(runs, name):
    state = (
        {"pool-source": "A feature map", "conv-kernel": "Learnt"} if name in ("pooling", "convolution") else {}
    )
    seen(page(name, reader=runs[0], reading=True, **state))


def test_look_inside_without_a_drawing(runs):
    assert ("BidiComponent", "json") in seen(page("look_inside", drawn=False, reader=runs[0]))


def test_runs_and_their_curves(runs):
    at = page("runs", runs={"selection": {"rows": [1, 2, 3], "columns": [], "cells": []}})
    assert {("PlotlyChart", "spec"), ("Markdown", "body")} <= seen(at)


@pytest.mark.parametrize("place", [0, 2, 3])
def test_train(runs, place):
    assert ("Markdown", "body") in seen(page("train", run=runs[place]))


def test_mistakes_of_two_networks(runs):
    at = page("mistakes", mistakes_network=runs[0], mistakes_other=runs[1])
    assert {("Selectbox", "options"), ("Markdown", "body")} <= seen(at)


def test_my_digits(runs):
    at = page("my_digits", reader=runs[0])
    assert ("Markdown", "body") in seen(at)


def test_a_zip_whose_files_are_called_so(runs):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in (ALL, f"=1+1{ALL}", f"7/{ALL}", f"{ALL}/3.png"):
            archive.writestr(name, b"no picture")
    at = page("my_digits")
    at.file_uploader(key="import").set_value([(f"{ALL}.zip", packed.getvalue(), "application/zip")]).run()
    seen(at)
    at.file_uploader(key="import").set_value([(f"{ALL}.json", ALL.encode(), "application/json")]).run()
    seen(at)


def test_a_keras_file_whose_layer_and_class_are_called_so(runs):
    layer = {"class_name": ALL, "module": "keras.layers", "config": {"name": ALL}}
    config = {"class_name": "Sequential", "module": "keras", "config": {"layers": [layer]}}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("model.weights.h5", b"")
    at = page("train", upload=True)
    at.file_uploader(key="keras-file").set_value((f"{ALL}.keras", packed.getvalue(), "")).run()
    (problem,) = at.error
    assert r"\!\[x\]\(http" not in problem.value
    assert r"!\[x\](http" in problem.value
    assert ("Alert", "body") in seen(at)


def test_a_cifar_file_whose_arrays_are_called_so(runs):
    np.savez(datasets.cifar10_path(), **{ALL.replace("/", "|"): np.zeros(3, np.uint8)})
    at = page("data", data_set="CIFAR-10, test pictures")
    seen(at)
    datasets.cifar10_path().unlink()


def test_a_spreadsheet_is_given_no_formula(runs):
    from ui.widgets import downloads  # noqa: PLC0415

    written = downloads.table(["file", "why"], [(f"=1+1{ALL}", "@x")])
    assert list(csv.reader(io.StringIO(written)))[1] == [f"'=1+1{ALL}", "'@x"]
    assert plain.cell("-5") == "-5"
