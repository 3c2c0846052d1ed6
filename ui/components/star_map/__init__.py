"""All test images laid out flat, to be moved through like a map, with a star where what is looked at lies.

The browser fetches the map once (`ui.map_routes`) and places the star by itself while the pen moves, by the
arithmetic of `core.analysis.placement`.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import streamlit as st

from core.analysis import map_export
from core.data import datasets
from core.io.bundle import bundle
from core.models.classifiers import Classifier
from ui import map_routes
from ui.components import live
from ui.state import keys

HERE = Path(__file__).parent
NEAREST = 5
# Of the ten classes, on light and on dark paper.
COLOURS = (
    "#4f7df3",
    "#dd6b20",
    "#0e9384",
    "#d6409f",
    "#9b5de5",
    "#7a8b2f",
    "#e5484d",
    "#0ba5ec",
    "#a0724b",
    "#8a8f98",
)

_HTML = (
    (HERE / "star_map.html")
    .read_text(encoding="utf-8")
    .replace(
        "NEAR", '<button type="button"><canvas aria-hidden="true"></canvas><span></span></button>' * NEAREST
    )
    .replace(
        "LEGEND",
        "".join(
            f'<button type="button" data-only="{one}"><i></i><span></span></button>'
            for one in (*range(10), "wrong")
        ),
    )
)
_star_map = st.components.v2.component(
    "digit_lab_star_map",
    html=_HTML,
    css=(HERE / "star_map.css").read_text(encoding="utf-8"),
    js=bundle(HERE / "star_map.js"),
)
_small_star = st.components.v2.component("digit_lab_small_star", js=bundle(HERE / "small_star.js"))


def small_star(classifier: Classifier) -> None:
    """Put the map in small onto the button that leads to it, with a star that moves with the pen.

    Nothing where this network's map has not been made yet. Call it once, outside any fragment.
    """
    address = map_export.address(classifier, "t-SNE")
    if map_export.is_there(address):
        network = live.keys_of([classifier])[0]
        told = {"map": address, "network": network, "colours": COLOURS, "worker": map_routes.PLACER}
        _small_star(key=keys.SMALL_STAR, data=told)


def star_map(
    address: str,
    data: str,
    star: np.ndarray | None,
    own: np.ndarray | None,
    *,
    network: str,
    axes: Sequence[str],
    key: str,
    picked: Callable[[int], object],
) -> None:
    """Show the map of that address (`map_export.address`), of the test images of `data`, a key of KINDS.

    star: float [2], where what is looked at lies, if something is. own: float32 [k], its numbers in the hidden
    layer, where the browser has the others' too. network: by which `ui.components.live` knows it. axes: what is
    written at the lower and the left edge, or nothing. picked: called with the number of a test image that is
    clicked on, before the next run.
    """
    kind = datasets.KINDS[data]

    def pick() -> None:
        if (number := chosen(st.session_state[key].get("pick"), kind.test)) is not None:
            picked(number)

    _star_map(
        key=key,
        data={
            "map": address,
            "data": data,
            "network": network,
            "worker": map_routes.PLACER,
            "star": None if star is None else np.round(np.asarray(star, float), 4).tolist(),
            "own": None if own is None else np.round(own.astype(float), 5).tolist(),
            "classes": kind.classes[:10],
            "colours": COLOURS,
            "noun": kind.singular,
            "article": "a " if kind.of_digits else "",
            "inColour": not kind.of_digits,
            "side": kind.shape[0],
            "axes": list(axes),
        },
        on_pick_change=pick,
    )


def chosen(said: object, count: int) -> int | None:
    """Return the number of the test image that a browser said, of so many; None where it is none."""
    if isinstance(said, bool) or not isinstance(said, int | float) or not 0 <= said < count:
        return None
    return int(said)
