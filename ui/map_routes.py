"""What the map of digits fetches by addresses of its own, and browsers keep: the map, its thumbnails, and what
places a drawing on it in a thread.

`app.py` hands `routes` to Streamlit when the server starts. Addresses are relative to the page's:
digit-lab/map/DATA/FINGERPRINT/NAME (core/analysis/map_export.py), digit-lab/thumbnails/DATA/CLASS and PLACER.
"""

import hashlib
import io
import math
from functools import lru_cache
from pathlib import Path

import numpy as np
import streamlit as st
from PIL import Image
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from core.analysis import embedding, map_export
from core.data import datasets
from core.io.bundle import bundle, lean

COLUMNS = 32  # of thumbnails in a sheet
_KEEP = {"Cache-Control": "public, max-age=31536000, immutable"}
_ASK = {"Cache-Control": "no-cache"}  # for what a user may replace
_SCRIPT = lean(bundle(Path(__file__).parent / "components" / "star_map" / "place_worker.js")) + "begin(self);\n"
PLACER = (
    f"digit-lab/placer/{hashlib.sha256(_SCRIPT.encode()).hexdigest()[:16]}.js"  # another where it has changed
)


def routes() -> list[Route]:
    """Return what this file answers, for the server, under the path that it is served at."""
    base = (st.get_option("server.baseUrlPath") or "").strip("/")
    root = f"/{base}/digit-lab" if base else "/digit-lab"
    return [
        Route(root + "/map/{data}/{fingerprint}/{name}", _map),
        Route(root + "/thumbnails/{data}/{label:int}", _thumbnails),
        Route(f"{root}/{PLACER.removeprefix('digit-lab/')}", _placer),
    ]


def _map(request: Request) -> Response:
    """A function that is no coroutine: Starlette runs it in a thread, and nobody's page waits for it."""
    data, fingerprint, name = (request.path_params[part] for part in ("data", "fingerprint", "name"))
    is_name = len(fingerprint) == 16 and set(fingerprint) <= set("0123456789abcdef")
    if data not in datasets.KINDS or name not in embedding.MAPS or not is_name:
        return _none()
    try:
        found = map_export.packed(data, fingerprint, name)
    except (LookupError, datasets.NoData):
        return _none()
    headers = {**_lasting(data), "Content-Encoding": "gzip"}
    return Response(found, media_type="application/octet-stream", headers=headers)


def _thumbnails(request: Request) -> Response:
    data, label = request.path_params["data"], request.path_params["label"]
    if data not in datasets.KINDS or not 0 <= label < 10:
        return _none()
    try:
        version = datasets.version(data)
        datasets.load(data)
    except datasets.NoData:
        return _none()
    found, kind = sheet(data, label, version)
    return Response(found, media_type=kind, headers=_lasting(data))


def _placer(_: Request) -> Response:
    return Response(_SCRIPT, media_type="text/javascript", headers=_KEEP)


def _lasting(data: str) -> dict[str, str]:
    """MNIST never changes; a user may replace the files of another data set."""
    return _KEEP if datasets.KINDS[data].tested_on == "mnist" else _ASK


def _none() -> Response:
    return PlainTextResponse("There is nothing here.", status_code=404)


@lru_cache(20)
def sheet(data: str, label: int, _version: str) -> tuple[bytes, str]:
    """All test images of a class in their order, row by row in COLUMNS: (a file, its media type).

    Of digits it is a PNG whose ink is opacity; images in colour are WebP, a tenth as large.
    """
    images = datasets.load(data)
    chosen = images.x_test[images.y_test == label]
    height, width, *colour = chosen.shape[1:]
    rows = math.ceil(len(chosen) / COLUMNS)
    cells = np.zeros((rows * COLUMNS, height, width, *colour), np.uint8)
    cells[: len(chosen)] = chosen
    together = cells.reshape(rows, COLUMNS, height, width, *colour).swapaxes(1, 2)
    image = Image.fromarray(together.reshape(rows * height, COLUMNS * width, *colour))
    out = io.BytesIO()
    if colour:
        image.save(out, "WEBP", quality=80)
        return out.getvalue(), "image/webp"
    Image.merge("LA", (Image.new("L", image.size), image)).save(out, "PNG")
    return out.getvalue(), "image/png"
