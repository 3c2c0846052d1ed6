"""What a network dreams: an image grown from noise until one of its answers is as high as it can be."""

import html
from functools import lru_cache

import numpy as np
import streamlit as st

from core.analysis import dreams
from core.analysis.dreams import REGULARISERS, Dream
from core.models.classifiers import Classifier
from core.nn import architectures
from ui.sections.attribution_panel import named
from ui.state import keys, link_parts
from ui.widgets import thumbnails

CLASSES = link_parts.ITS_ANSWER


def dream_section(classifier: Classifier) -> None:
    """Show the image that makes a class or a map of a network strongest, as it grows from noise."""
    st.markdown(
        "From faint noise a picture grows that makes one answer, or one map, as strong as it can be. "
        "It shows what the network looks for, which need not be what we would draw."
    )
    layers = list(dreams.units(classifier.network))
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        if st.session_state.get(keys.DREAM_LAYER) not in (CLASSES, *layers):
            st.session_state[keys.DREAM_LAYER] = CLASSES
        place = st.selectbox(
            "Excite", [CLASSES, *layers], key=keys.DREAM_LAYER, persist_state="session", width=190
        )
        layer = "" if place == CLASSES else place
        unit = _unit(classifier, layer)
        st.session_state.setdefault(keys.DREAM_SEED, 0)
        st.button("Another noise", key="dream-again", icon=":material/casino:", on_click=_again)
    held = st.pills(
        "Held back by",
        list(REGULARISERS),
        key=keys.DREAM_HELD,
        default=list(REGULARISERS),
        selection_mode="multi",
        persist_state="session",
        help="; ".join(f"{name}: {does}" for name, (does, _) in REGULARISERS.items()) + ".",
    )
    dream = _dream(classifier, layer, unit, tuple(held), st.session_state[keys.DREAM_SEED])
    _show(classifier, dream, layer, unit)


def _unit(classifier: Classifier, layer: str) -> int:
    data = classifier.network.data
    if not layer:
        return st.selectbox(
            "For",
            range(10),
            index=link_parts.FIRST_DREAM[1],
            key=keys.dream_unit(layer),
            format_func=lambda k: named(k, data),
            persist_state="session",
            width=170,
        )
    names = architectures.names(classifier.network.layers)
    shape = architectures.describe(classifier.network.layers, classifier.shape)[names.index(layer)][0]
    what = "Map" if len(shape) == 3 else "Unit"
    key = keys.dream_unit(layer)
    if st.session_state.get(key, 1) > shape[-1]:  # of another network, with a layer of this name
        st.session_state[key] = 1
    return st.number_input(what, 1, shape[-1], 1, key=key, persist_state="session", width=130) - 1


def _again() -> None:
    st.session_state[keys.DREAM_SEED] = st.session_state.get(keys.DREAM_SEED, 0) + 1


@lru_cache(32)
def _dream(classifier: Classifier, layer: str, unit: int, held: tuple[str, ...], seed: int) -> Dream:
    return dreams.grow(classifier.network, layer=layer, unit=unit, regularisers=held, seed=seed)


def _show(classifier: Classifier, dream: Dream, layer: str, unit: int) -> None:
    count, last = len(dream.images), float(dream.answers[-1])
    if layer:
        what = f"number {unit + 1} of {layer}"
        said = f"its mean rises from {dream.answers[0]:.3f} to {last:.3f}"
    else:
        what = named(unit, classifier.network.data)
        said = f"its probability rises from {dream.answers[0]:.1%} to {last:.1%}"
    if layer and last <= float(dream.answers[0]) + 1e-6:
        st.info("Nothing in this noise reaches it: its slope is 0. Try another noise, or another map.")
        return
    sheet = np.concatenate(list(dream.images), 1)
    if sheet.ndim == 2:
        url, kind = thumbnails.ink_url(sheet), "dl-grown-ink"
        image = f"mask-image:url({url});-webkit-mask-image:url({url})"
    else:
        kind, image = "dl-grown-colour", f"background:url({thumbnails.colour_url(sheet)})"
    label = html.escape(f"What the network dreams for {what}")
    grown = f'<div class="dl-grown {kind}" style="--n:{count};{image}" role="img" aria-label="{label}"></div>'
    st.html(
        f'<figure class="dl-dream"><div class="dl-thumb">{grown}</div>'
        f"<figcaption>{html.escape(what)}: {said}.</figcaption></figure>"
    )
