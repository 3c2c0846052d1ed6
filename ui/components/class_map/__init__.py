"""A class's drawings among MNIST's test digits, on the map of the network that comes with the app.

The browser places them by itself, with the arithmetic of `core.analysis.placement`: Python sends images alone.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

from core.analysis import map_export
from core.io.bundle import bundle
from core.models.classifiers import Classifier
from core.storage.room_records import RoomDrawing
from ui.components import live, wall
from ui.components.star_map import COLOURS
from ui.state import keys

HERE = Path(__file__).parent
MOST = 3_000  # drawings, the latest: more would be one cloud

_map = st.components.v2.component(
    "digit_lab_class_map",
    html='<div class="dl-class-map"><canvas role="img"></canvas><p role="status"></p></div>',
    css=(HERE / "class_map.css").read_text(encoding="utf-8"),
    js=bundle(HERE / "class_map.js"),
    isolate_styles=False,
)


def class_map(
    classifier: Classifier,
    drawn: Sequence[RoomDrawing],
    read: dict[int, int | None],
    picked: Callable[[], None],
) -> None:
    """classifier: whose map it is; `live.hand_over` has sent its network. Others as for `wall`, read of all."""
    shown = list(drawn[-MOST:])
    data = {
        "map": map_export.address(classifier, "t-SNE"),
        "network": live.keys_of([classifier])[0],
        "colours": COLOURS,
        "order": [[one.id, one.label, read.get(one.id), wall.right(one, read)] for one in shown],
        "images": wall.due(shown[::-1], keys.CLASS_MAP_SENT),
    }
    gone = lambda: wall.forget(keys.CLASS_MAP, keys.CLASS_MAP_SENT)  # noqa: E731
    _map(key=keys.CLASS_MAP, data=data, on_picked_change=picked, on_missing_change=gone)
