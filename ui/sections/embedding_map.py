"""A map of the embeddings of the last hidden layer, and an image's nearest neighbours."""

import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import streamlit as st

from core.analysis import embedding, map_export
from core.analysis.embedding import MAPS, Space
from core.analysis.works import Work
from core.data import datasets
from core.models.classifiers import Classifier
from core.records import ColourImage, Dataset, DigitImage
from core.words import possessive
from ui import say
from ui.components import live, star_map, term_notes
from ui.state import keys
from ui.widgets import thumbnails

_MAKING = "making the map, once per network"
# How long it takes to make the map of 10,000, and to read all images to learn from, with the networks that come
# with the app; data sets in files are of any size.
_TIMES = {"t-SNE": f"{_MAKING}: about 8 s", "PCA": "making the map"}
_READING = {"digits": ": about 6 s", "pictures": ": about a minute"}

Result = TypeVar("Result")


def embedding_section(
    classifier: Classifier, image: DigitImage | ColourImage | None, nothing_yet: Callable[[], None]
) -> None:
    """Show a map of all test images, and on it the image and its neighbours.

    nothing_yet: called in place of the neighbours where there is no image.
    """
    kind, data = datasets.KINDS[classifier.network.data], _mapped(classifier, image)
    if data is None:
        return
    name = _map_choice()
    begun = embedding.tests(classifier)
    # In the order in which they are shown: of digits the neighbours are there while the map is still being
    # made, of images in colour it takes longer to read all that were learnt from.
    if kind.of_digits and image is not None:
        embedding.training(classifier)
    drawn = embedding.layout(classifier, name)
    with st.container(key="map-and-nearest"):
        left, right = st.columns([2.2, 1], gap="medium")

    def neighbours() -> None:
        count, noun = len(data.x_train), kind.noun
        with right:
            if image is None:
                return nothing_yet()
            st.markdown(f"**The five nearest of the {count:,} training {noun}**")
            space = wait(begun, f"reading the {len(data.x_test):,} test {noun}")
            time_taken = "" if kind.files else _READING[noun]
            what = f"reading the {count:,} training {noun}, once per network{time_taken}"
            learnt = wait(embedding.training(classifier), what)
            _nearest(classifier, space, learnt, image, data)

    def its_map() -> None:
        with left:
            space = wait(begun, f"reading the {len(data.x_test):,} test {kind.noun}")
            points = wait(drawn, _MAKING if kind.files else _TIMES[name])
            if not np.ptp(points, axis=0).max() > 0:  # NaN too
                return say.info(
                    f"There is no map: {space.layer} gives the same numbers for each {kind.singular}, or such "
                    "that are too large or too small to be laid out."
                )
            _map_of(classifier, space, points, name, image)

    for part in (neighbours, its_map) if kind.of_digits else (its_map, neighbours):
        part()


def _mapped(classifier: Classifier, image: DigitImage | ColourImage | None) -> Dataset | None:
    """Return the images that the map is of, or say why there is none."""
    try:
        data = datasets.load(classifier.network.data)
    except datasets.NoData as error:
        say.info(error)
        return None
    asked = data.x_test[:1].astype(np.float32) / 255 if image is None else image.pixels[None]
    if not np.isfinite(classifier.outputs(asked)).all():
        st.info("This network's answer is not a number (NaN), so nothing lies near or far.")
        return None
    return data


def _map_choice() -> str:
    return st.segmented_control(
        "The map",
        list(MAPS),
        key=keys.NEIGHBOURHOOD_MAP,
        default="t-SNE",
        required=True,
        persist_state="session",
    )


def _map_of(
    classifier: Classifier,
    space: Space,
    points: np.ndarray,
    name: str,
    image: DigitImage | ColourImage | None,
) -> None:
    kind = datasets.KINDS[classifier.network.data]
    own = None if image is None else embedding.vector(classifier, space, image.pixels)
    star_map.star_map(
        map_export.address(classifier, name),
        classifier.network.data,
        None if own is None else MAPS[name].embed(space, points, own),
        own if map_export.is_live(space) else None,
        network=live.keys_of([classifier])[0],
        axes=axes(space) if name == "PCA" else (),
        key=keys.NEIGHBOURHOOD_CHART,
        picked=_look_inside,
    )
    term_notes.caption(
        f"{_shown(space, kind)} {MAPS[name].shows} Those read wrongly are ringed. Come nearer with the wheel "
        f"or two fingers; tap or click a {kind.singular} to look inside with it."
    )


def _nearest(
    classifier: Classifier, space: Space, learnt: np.ndarray, image: DigitImage | ColourImage, data: Dataset
) -> None:
    kind = datasets.KINDS[classifier.network.data]
    begin = time.perf_counter()
    found = embedding.nearest(classifier, space, learnt, image.pixels)
    took = time.perf_counter() - begin
    images = [data.x_train[n.number] / 255 for n in found]
    short = "a " if kind.of_digits else ""
    captions = [f"{short}{kind.classes[n.label]}, {n.distance:.3g}" for n in found]
    st.html(f'<div class="dl-nearest">{thumbnails.strip(images, 5, captions)}</div>')
    st.caption(
        f"Below each its label and its distance to yours in the {space.width:,} numbers of {space.layer}: the "
        f"root of the sum of the squared differences. Two test {kind.noun} of the same kind are typically "
        f"{typical(space, data.y_test):.3g} apart. Found in {1000 * took:.0f} ms."
    )


def typical(space: Space, labels: np.ndarray) -> float:
    """The median distance of pairs of test images with the same label, 100 of each."""
    rng = np.random.default_rng(0)
    pairs = [rng.choice(np.flatnonzero(labels == digit), (100, 2)) for digit in np.unique(labels)]
    one, other = np.concatenate(pairs).T
    return float(np.median(np.linalg.norm(space.vectors[one] - space.vectors[other], axis=1)))


def axes(space: Space) -> tuple[str, str]:
    """What is written at the edges of the principal components."""
    across, up = (f"{fraction:.0%} of the spread" for fraction in space.explained_variance_ratio)
    return across, up


def _shown(space: Space, kind: datasets.Kind) -> str:
    kept = (
        f", of which the {space.vectors.shape[1]} principal directions are kept"
        if space.directions.size
        else ""
    )
    return (
        f"Each dot is one of {possessive(datasets.KINDS[kind.tested_on].title)} {len(space.vectors):,} test "
        f"{kind.noun}, as {space.layer} has it: {space.width:,} "
        f"numbers{kept}, laid out flat."
    )


def _look_inside(number: int) -> None:
    """Remember the image that was clicked on; the page looks for it at its next run, which follows."""
    st.session_state[keys.INSIDE_CLICKED] = number


def wait(work: Work[Result], what: str) -> Result:
    """Show how far it is until it is there. Whoever leaves meanwhile finds it further on."""
    if not work.done:
        bar = st.progress(0.0, what)
        while not work.done:
            bar.progress(work.fraction, what)
            time.sleep(0.1)
        bar.empty()
    return work.result()
