"""'Why a 7? Why not a 1?' under the image that the network sees: one switch colours its ink."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import streamlit as st

from core.analysis import attribution
from core.analysis.attribution import Coverings
from core.models.classifiers import Classifier
from core.nn import architectures
from core.records import DigitImage
from ui.components import heat, live
from ui.state import keys

_LARGE = 40_000_000  # multiplications: from here on every second pixel, in each direction, is covered
_HUGE = 160_000_000  # and from here on every fourth


def ink_heat(classifiers: Sequence[Classifier], image: DigitImage | None, *, grid: str) -> None:
    """The switch, and where it is said what was found of the first network. grid: the key of its `pixel_grid`.

    The browser asks by itself where it can, while the pen moves; else it is done here, after each stroke.
    """
    on = st.toggle("Show which ink decides", key=keys.SHOWS_WHY, persist_state="session")
    asks_here = heat.threadless() or not live.runnable(classifiers)
    found = _found(classifiers[0], image.pixels.tobytes()) if on and asks_here and image else None
    names = [classifiers[0].network.name] if len(classifiers) > 1 else []
    heat.place(on=on, grid=grid, names=names, found=found, kind=classifiers[0].kind)


@lru_cache(16)
def _found(classifier: Classifier, pixels: bytes) -> Coverings | None:
    """Kept, because the page is drawn anew at each click; None where the answer is not a number."""
    image = np.frombuffer(pixels, np.float32).reshape(classifier.shape[:2])
    work = architectures.multiply_adds(classifier.network.layers)
    step = 1 if work < _LARGE else 2 if work < _HUGE else 4
    found = attribution.coverings(classifier, image, step=step)
    return found if np.isfinite(found.before).all() and np.isfinite(found.outputs).all() else None
