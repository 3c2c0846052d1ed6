"""'Why a 7? Why not a 1?': which ink speaks for a digit and which against it, on the image of `pixel_grid`,
while the pen moves; and small images of the same on the buttons that lead on.

The browser asks the network that it was sent (ui/components/live/cover.js). Of a network that it was not sent,
and where it has no thread for this, Python says what it found, after each stroke.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st

from core.analysis.attribution import Coverings
from core.data.datasets import Kind
from core.io.bundle import bundle, lean
from core.nn import calibration
from ui.state import keys

HERE = Path(__file__).parent
LIVE = HERE.parent / "live"

_WORKER = lean(bundle(LIVE / "cover_worker.js"))
_script = st.components.v2.component("digit_lab_heat_script", js=lean(bundle(HERE / "heat.js")))
_place = st.components.v2.component(
    "digit_lab_heat",
    html='<div class="dl-asked"></div>',
    js=(LIVE / "message_store.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def script() -> None:
    """Send what asks and paints. Call it once, outside the fragment: a stroke is not to send it again."""
    _script(
        key=keys.HEAT_SCRIPT,
        data={"worker": _WORKER},
        on_threadless_change=lambda: None,
    )


def threadless() -> bool:
    """Has this browser said that it has no thread for asking the network?"""
    said = st.session_state.get(keys.HEAT_SCRIPT)
    return bool(said and said.get("threadless"))


def place(*, on: bool, grid: str, names: Sequence[str], found: Coverings | None, kind: Kind) -> None:
    """Where it is chosen what is asked, and said what was found.

    on: False for nothing but the small images. grid: the key of the `pixel_grid`. names: of the networks,
    where there are two. found: by Python, where the browser does not ask by itself. kind: of what is read.
    """
    told = None
    if found is not None:
        told = {
            "outputs": _rounded(found.before),
            "places": [y * found.side + x for y, x in found.positions],
            "found": _rounded(found.outputs),
            "step": found.step,
            "least": calibration.MIN_IS_DIGIT,
        }
    # The name that `messages.js` knows it by.
    data = {"asks": True, "on": on, "grid": grid, "names": list(names), "found": told}
    _place(key="heat", data=data | {"classes": list(kind.names), "what": kind.label_noun})


def _rounded(outputs: np.ndarray) -> list:
    return np.round(outputs.astype(float), 3).tolist()
