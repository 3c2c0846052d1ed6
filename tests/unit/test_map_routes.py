"""What the map fetches by addresses of its own."""

import asyncio
import io

import numpy as np
import pytest
from PIL import Image

from core.analysis import embedding, map_export, works
from core.data import datasets
from core.models import classifiers
from core.records import Dataset
from tests.maps import unpacked
from ui import map_routes


@pytest.fixture(autouse=True)
def anew():
    """Other tests look at few digits."""
    works._works.clear()
    map_export._packed.cache_clear()


def answered(path: str) -> tuple[int, dict[str, str], bytes]:
    """(status, headers, body) of a request, by the first route that takes it."""
    sent: list[dict] = []

    async def receive():
        return {"type": "http.request"}

    async def send(message):
        sent.append(message)

    for route in map_routes.routes():
        match, more = route.matches(scope := {"type": "http", "method": "GET", "path": path, "headers": []})
        if match.value == 2:
            asyncio.run(route.handle({**scope, **more}, receive, send))
            break
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, sent[1]["body"]


def test_the_map_of_the_shipped_network_is_there_at_once():
    address = map_export.address(classifiers.shipped(), "t-SNE")
    status, headers, body = answered(f"/digit-lab/map/{address}")
    assert (status, headers["content-encoding"]) == (200, "gzip")
    assert "immutable" in headers["cache-control"]
    assert len(body) < 600_000
    found = unpacked(body)
    data = datasets.mnist()
    assert found["labels"].tolist() == data.y_test.tolist()
    assert (found["predicted"] != data.y_test).sum() == 21  # as its card says
    assert found["vectors"].shape == (10_000, 64)


def test_the_script_of_the_thread_that_places_a_drawing_is_served_and_kept():
    status, headers, body = answered(f"/{map_routes.PLACER}")
    assert (status, headers["content-type"]) == (200, "text/javascript; charset=utf-8")
    assert "immutable" in headers["cache-control"]
    assert body.decode().rstrip().endswith("begin(self);")


@pytest.mark.parametrize(
    "path",
    [
        "map/digit-lab/0123456789abcdef/t-SNE",
        "map/digit-lab/..%2f..%2fetc/t-SNE",
        "map/digit-lab/0123456789ABCDEF/t-SNE",
        "map/nothing/0123456789abcdef/t-SNE",
        "map/digit-lab/0123456789abcdef/training",
        "thumbnails/mnist/10",
        "thumbnails/nothing/1",
    ],
)
def test_what_is_not_there_is_said_to_be_not_there(path):
    assert answered(f"/digit-lab/{path}")[0] == 404


def test_a_sheet_shows_all_test_digits_of_a_class_in_order():
    status, headers, body = answered("/digit-lab/thumbnails/digit-lab/7")
    assert (status, headers["content-type"]) == (200, "image/png")
    ink = np.array(Image.open(io.BytesIO(body)))[..., 1]
    data = datasets.mnist()
    sevens = data.x_test[data.y_test == 7]
    assert ink.shape == (28 * 33, 28 * 32)  # 1,028 of them
    assert (ink[:28, :28] == sevens[0]).all()
    assert (ink[28:56, 56:84] == sevens[34]).all()
    assert (ink[-28:, 28 * 3 : 28 * 4] == sevens[1027]).all()


def test_thumbnails_of_files_that_may_be_replaced_are_not_kept_by_the_browser(monkeypatch):
    data = datasets.mnist()
    monkeypatch.setattr(datasets, "load", lambda name: data)
    sheets = []
    for version in "ab":
        monkeypatch.setattr(datasets, "version", lambda name, version=version: version)
        _, headers, body = answered("/digit-lab/thumbnails/emnist-digits/7")
        assert headers["cache-control"] == "no-cache"
        sheets.append(body)
        data = Dataset(data.x_train, data.y_train, 255 - data.x_test, data.y_test)
    assert sheets[0] != sheets[1]


def test_nothing_is_made_of_networks_that_were_not_looked_at(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGIT_LAB_HOME", str(tmp_path))
    with pytest.raises(LookupError):
        embedding.kept("digit-lab", "0123456789abcdef", "t-SNE")
    assert not list(tmp_path.rglob("*.npz"))
