"""Images that come with the app, to click on where somebody has none at hand."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import streamlit as st
from PIL import Image

from core.data.datasets import ASSETS, KINDS
from core.ink import files, rgb
from ui.components import gallery

FOLDER = ASSETS / "samples"
HEIGHT = 96  # of a thumbnail


def of_digits(picked: Callable[[np.ndarray], object], key: str) -> None:
    """Offer photographs of digits; `picked` is called with the one that is clicked on, uint8 [h, w, 3]."""
    _offer("digits", "A photograph of a {}", picked, key, across=8, narrow=4)


def of_things(picked: Callable[[np.ndarray], object], key: str, *, across: int) -> None:
    """Offer painted scenes of CIFAR-10's ten things, in rows of `across`, in the same way."""
    _offer("pictures", "A painted scene: {}", picked, key, across=across, narrow=5)


@cache
def thing() -> tuple[np.ndarray, str]:
    """Return one of the painted scenes as a network is given it, float32 [32, 32, 3], and what it shows."""
    path = FOLDER / "pictures" / "ship-1.jpg"
    return rgb.shrink(files.read_image(path.read_bytes()), KINDS["cifar10"].shape[0]), "ship"


def _offer(
    folder: str, said: str, picked: Callable[[np.ndarray], object], key: str, *, across: int, narrow: int
) -> None:
    paths, thumbnails = _thumbnails(folder)
    st.caption("Or try one of these:")
    gallery.gallery(
        thumbnails,
        [gallery.Item(n, title=said.format(_title(path))) for n, path in enumerate(paths)],
        key=key,
        picked=lambda n: picked(files.read_image(paths[n].read_bytes())),
        across=across,
        narrow=narrow,
    )


def _title(path: Path) -> str:
    """'7-soft-shadow.jpg' -> '7, soft shadow'."""
    digit, _, kind = path.stem.partition("-")
    return f"{digit}, {kind.replace('-', ' ')}"


@cache
def _thumbnails(folder: str) -> tuple[list[Path], np.ndarray]:
    paths = sorted((FOLDER / folder).glob("*.jpg"))
    opened = [Image.open(path).convert("RGB") for path in paths]
    scale = HEIGHT / opened[0].height
    small = [np.asarray(one.resize((round(one.width * scale), HEIGHT))) for one in opened]
    return paths, np.stack(small)
