"""A map of the embeddings of the last hidden layer, and an image's nearest neighbours."""

import time
from typing import TypeVar

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.analysis import embedding
from core.analysis.embedding import MAPS, Space, Work
from core.data import datasets
from core.models.classifiers import Classifier
from core.records import ColourImage, Dataset, DigitImage
from ui import plain, say
from ui.components import plotly_chart
from ui.state import keys
from ui.widgets import thumbnails

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
MANY = 0.03  # of all read wrongly: their rings would hide the rest
STAR, RING = "#f5c518", "#8a8f98"
_TIMES = {"t-SNE": "making the map, once per network: about 8 s", "PCA": "making the map"}
# How long it takes to read all pictures to learn from, with the networks that come with the app.
_READING = {"digits": "about 6 s", "pictures": "about a minute"}

Result = TypeVar("Result")


def embedding_section(classifier: Classifier, image: DigitImage | ColourImage) -> None:
    """Show the picture on a map of the 10,000 test pictures, and its nearest neighbours."""
    kind = datasets.KINDS[classifier.network.data]
    if not np.isfinite(classifier.predict(image).logits).all():
        st.info("This network's answer is not a number (NaN), so nothing lies near or far.")
        return
    try:
        data = datasets.load(classifier.network.data)
    except datasets.NoData as error:
        say.info(error)
        return
    name = st.segmented_control(
        "The map", list(MAPS), key=keys.NEIGHBOURHOOD_MAP, default="t-SNE", required=True
    )
    begun = embedding.tests(classifier)
    # In the order in which they are shown: of digits the neighbours are there while the map is still being
    # made, of pictures in colour it takes longer to read all that were learnt from.
    if kind.of_digits:
        embedding.training(classifier)
    drawn = embedding.layout(classifier, name)
    left, right = st.columns([2.2, 1], gap="medium")

    def neighbours() -> None:
        count, noun = len(data.x_train), kind.noun
        with right:
            st.markdown(f"**The five nearest of the {count:,} training {noun}**")
            space = wait(begun, f"reading the {len(data.x_test):,} test {noun}")
            what = f"reading the {count:,} training {noun}, once per network: {_READING[noun]}"
            learnt = wait(embedding.training(classifier), what)
            _nearest(classifier, space, learnt, image, data)

    def its_map() -> None:
        with left:
            space = wait(begun, f"reading the {len(data.x_test):,} test {kind.noun}")
            points = wait(drawn, _TIMES[name])
            _chart_of(classifier, space, points, name, image, data)

    for part in (neighbours, its_map) if kind.of_digits else (its_map, neighbours):
        part()


def _chart_of(
    classifier: Classifier,
    space: Space,
    points: np.ndarray,
    name: str,
    image: DigitImage | ColourImage,
    data: Dataset,
) -> None:
    kind = datasets.KINDS[classifier.network.data]
    star = MAPS[name].embed(space, points, embedding.vector(classifier, space, image.pixels))
    plotly_chart.chart(
        figure(space, points, star, name, data.y_test, kind),
        key=keys.NEIGHBOURHOOD_CHART,
        on_select=_clicked,
        selection_mode="points",
    )
    st.caption(
        f"{_shown(space, kind)} {MAPS[name].shows} Tap or click a {kind.singular} to look inside with it."
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
    """The median distance of 1,000 pairs of test pictures with the same label."""
    rng = np.random.default_rng(0)
    pairs = [rng.choice(np.flatnonzero(labels == digit), (100, 2)) for digit in range(10)]
    one, other = np.concatenate(pairs).T
    return float(np.median(np.linalg.norm(space.vectors[one] - space.vectors[other], axis=1)))


def figure(
    space: Space,
    points: np.ndarray,
    star: np.ndarray,
    name: str,
    labels: np.ndarray,
    kind: datasets.Kind = datasets.KINDS["mnist"],
) -> go.Figure:
    """The test pictures as dots, one trace per class, those read wrongly ringed, what is looked at as a star.

    labels: uint8 [n], of the test pictures.
    """
    chart = go.Figure()
    own = "your drawing" if kind.of_digits else "your picture"
    for digit, colour in enumerate(COLOURS):
        marker = {"color": colour, "size": 4, "opacity": 0.7}
        _dots(chart, space, points, labels == digit, kind.classes[digit], marker, labels, kind)
    wrong = space.predicted != labels
    ring = {"color": RING, "symbol": "circle-open", "size": 9, "line": {"width": 1.5}}
    if wrong.mean() > MANY:
        ring |= {"size": 6, "opacity": 0.5, "line": {"width": 0.7}}
    words = "read wrongly" if kind.of_digits else "wrong"
    _dots(chart, space, points, wrong, f"{words} ({wrong.sum()})", ring, labels, kind)
    chart.add_scattergl(
        x=[star[0]],
        y=[star[1]],
        name=own,
        mode="markers",
        marker={"symbol": "star", "size": 20, "color": STAR, "line": {"color": "#1a1c2c", "width": 1.5}},
        unselected={"marker": {"opacity": 1}},
        hovertemplate=f"{own}<extra></extra>",
    )
    titles = (
        [f"{fraction:.0%} of the spread" for fraction in space.explained_variance_ratio]
        if name == "PCA"
        else ["", ""]
    )
    bare = {"showticklabels": False, "zeroline": False, "showgrid": name == "PCA"}
    chart.update_xaxes(title_text=titles[0], **bare)
    chart.update_yaxes(title_text=titles[1], scaleanchor="x", **bare)
    if not kind.of_digits:  # as many columns of names as there is room for
        chart.update_layout(legend_entrywidth=75)
    return chart.update_layout(
        height=560,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        # Below: above it would lie under the chart's own buttons.
        legend={"itemsizing": "constant", "orientation": "h", "y": -0.02, "yanchor": "top", "x": 0},
        hovermode="closest",
        dragmode="pan",
    )


def _dots(
    chart: go.Figure,
    space: Space,
    points: np.ndarray,
    which: np.ndarray,
    name: str,
    marker: dict,
    labels: np.ndarray,
    kind: datasets.Kind,
) -> None:
    numbers = np.flatnonzero(which)
    names = [plain.figure(name) for name in kind.classes]
    a, said = ("a ", int) if kind.of_digits else ("", names.__getitem__)
    chart.add_scattergl(
        x=points[numbers, 0],
        y=points[numbers, 1],
        name=plain.figure(name),
        mode="markers",
        marker=marker,
        unselected={"marker": {"opacity": marker.get("opacity", 1)}},  # a click does not dim the others
        # As lists: what is clicked on would come back from an array as {"0": ..., "1": ...}.
        customdata=[[int(n), said(labels[n]), said(space.predicted[n])] for n in numbers],
        hovertemplate=f"test {kind.singular} %{{customdata[0]}}, {a}%{{customdata[1]}}<br>"
        f"read as {a}%{{customdata[2]}}<extra></extra>",
    )


def _shown(space: Space, kind: datasets.Kind) -> str:
    kept = (
        f", of which the {space.vectors.shape[1]} principal directions are kept"
        if space.directions.size
        else ""
    )
    return (
        f"Each dot is one of {'MNIST' if kind.of_digits else kind.title}'s {len(space.vectors):,} test "
        f"{kind.noun}, as {space.layer} has it: {space.width:,} "
        f"numbers{kept}, laid out flat."
    )


def _clicked() -> None:
    """Remember the digit that was clicked on; the page looks for it at its next run, which follows."""
    if (number := chosen(st.session_state[keys.NEIGHBOURHOOD_CHART].selection.points)) is not None:
        st.session_state[keys.INSIDE_CLICKED] = number


def chosen(points: list[dict]) -> int | None:
    """Return the test digit's number of the first point that is one; the star is none."""
    return next((int(p["customdata"][0]) for p in points if p.get("customdata")), None)


def wait(work: Work[Result], what: str) -> Result:
    """Show how far it is until it is there. Whoever leaves meanwhile finds it further on."""
    if not work.done:
        bar = st.progress(0.0, what)
        while not work.done:
            bar.progress(work.fraction, what)
            time.sleep(0.1)
        bar.empty()
    return work.result()
