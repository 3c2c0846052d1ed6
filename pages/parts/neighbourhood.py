"""Where a drawing lies among MNIST's digits: a map of the last hidden layer, and its nearest neighbours."""

import time
from typing import TypeVar

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core import datasets, embedding
from core.embedding import MAPS, Space, Work
from core.recognizer import Recognizer
from core.records import DigitImage
from pages.parts import thumbnails

CLICKED = "inside_test_digit"  # st.session_state's key for the test digit that was clicked on
# Of the ten digits, on light and on dark paper.
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
STAR, RING = "#f5c518", "#8a8f98"
_CHART = "neighbourhood-chart"
_TIMES = {"t-SNE": "making the map, once per network: about 8 s", "PCA": "making the map"}

Result = TypeVar("Result")


def where_it_lies(reader: Recognizer, image: DigitImage) -> None:
    """An expander that, when opened, shows the drawing on a map of the 10,000 test digits."""
    section = st.expander(
        "Where it lies among 70,000 digits",
        icon=":material/scatter_plot:",
        key="neighbourhood",
        on_change="rerun",
    )
    if section.open:
        with section:
            _section(reader, image)


def _section(reader: Recognizer, image: DigitImage) -> None:
    if not np.isfinite(reader.predict(image).logits).all():
        st.info("This network's answer is not a number (NaN), so no digit lies near or far.")
        return
    name = st.segmented_control("The map", list(MAPS), key="neighbourhood-map", default="t-SNE", required=True)
    begun, learning = embedding.tests(reader), embedding.training(reader)
    drawn = embedding.layout(reader, name)
    left, right = st.columns([2.2, 1], gap="medium")
    # The neighbours first: they are there while the map is still being made.
    with right:
        st.markdown("**The five nearest of the 60,000 training digits**")
        space = wait(begun, "reading the 10,000 test digits")
        learnt = wait(learning, "reading the 60,000 training digits, once per network: about 6 s")
        _nearest(reader, space, learnt, image)
    with left:
        points = wait(drawn, _TIMES[name])
        star = MAPS[name].place(space, points, embedding.vector(reader, space, image.pixels))
        st.plotly_chart(
            figure(space, points, star, name),
            key=_CHART,
            on_select=_clicked,
            selection_mode="points",
            config={"displaylogo": False},
        )
        st.caption(f"{_shown(space)} {MAPS[name].shows} Click a digit to look inside with it.")


def _nearest(reader: Recognizer, space: Space, learnt: np.ndarray, image: DigitImage) -> None:
    begin = time.perf_counter()
    found = embedding.nearest(reader, space, learnt, image.pixels)
    took = time.perf_counter() - begin
    pictures = [datasets.mnist().x_train[n.number] / 255 for n in found]
    captions = [f"a {n.label}, {n.distance:.3g}" for n in found]
    st.html(f'<div class="dl-nearest">{thumbnails.strip(pictures, 5, captions)}</div>')
    st.caption(
        f"Below each its label and its distance to yours in the {space.width:,} numbers of {space.layer}: the "
        f"root of the sum of the squared differences. Two test digits of the same kind are typically "
        f"{typical(space):.3g} apart. Found in {1000 * took:.0f} ms."
    )


def typical(space: Space) -> float:
    """The median distance of 1,000 pairs of test digits with the same label."""
    rng, labels = np.random.default_rng(0), datasets.mnist().y_test
    pairs = [rng.choice(np.flatnonzero(labels == digit), (100, 2)) for digit in range(10)]
    one, other = np.concatenate(pairs).T
    return float(np.median(np.linalg.norm(space.vectors[one] - space.vectors[other], axis=1)))


def figure(space: Space, points: np.ndarray, star: np.ndarray, name: str) -> go.Figure:
    """The test digits as dots, one trace per digit, those read wrongly ringed, the drawing as a star."""
    labels, chart = datasets.mnist().y_test, go.Figure()
    for digit, colour in enumerate(COLOURS):
        _dots(chart, space, points, labels == digit, str(digit), {"color": colour, "size": 4, "opacity": 0.7})
    wrong = space.read != labels
    ring = {"color": RING, "symbol": "circle-open", "size": 9, "line": {"width": 1.5}}
    _dots(chart, space, points, wrong, f"read wrongly ({wrong.sum()})", ring)
    chart.add_scattergl(
        x=[star[0]],
        y=[star[1]],
        name="your drawing",
        mode="markers",
        marker={"symbol": "star", "size": 20, "color": STAR, "line": {"color": "#1a1c2c", "width": 1.5}},
        unselected={"marker": {"opacity": 1}},
        hovertemplate="your drawing<extra></extra>",
    )
    titles = [f"{share:.0%} of the spread" for share in space.shares] if name == "PCA" else ["", ""]
    bare = {"showticklabels": False, "zeroline": False, "showgrid": name == "PCA"}
    chart.update_xaxes(title_text=titles[0], **bare)
    chart.update_yaxes(title_text=titles[1], scaleanchor="x", **bare)
    return chart.update_layout(
        height=560,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        # Below: above it would lie under the chart's own buttons.
        legend={"itemsizing": "constant", "orientation": "h", "y": -0.02, "yanchor": "top", "x": 0},
        hovermode="closest",
        dragmode="pan",
    )


def _dots(
    chart: go.Figure, space: Space, points: np.ndarray, which: np.ndarray, name: str, marker: dict
) -> None:
    labels, numbers = datasets.mnist().y_test, np.flatnonzero(which)
    chart.add_scattergl(
        x=points[numbers, 0],
        y=points[numbers, 1],
        name=name,
        mode="markers",
        marker=marker,
        unselected={"marker": {"opacity": marker.get("opacity", 1)}},  # a click does not dim the others
        # As lists: what is clicked on would come back from an array as {"0": ..., "1": ...}.
        customdata=np.stack([numbers, labels[numbers], space.read[numbers]], 1).tolist(),
        hovertemplate="test digit %{customdata[0]}, a %{customdata[1]}<br>"
        "read as a %{customdata[2]}<extra></extra>",
    )


def _shown(space: Space) -> str:
    kept = (
        f", of which the {space.vectors.shape[1]} principal directions are kept"
        if space.directions.size
        else ""
    )
    return (
        f"Each dot is one of MNIST's 10,000 test digits, as {space.layer} has it: {space.width:,} "
        f"numbers{kept}, laid out flat."
    )


def _clicked() -> None:
    """Remember the digit that was clicked on; the page looks for it at its next run, which follows."""
    if (number := chosen(st.session_state[_CHART].selection.points)) is not None:
        st.session_state[CLICKED] = number


def chosen(points: list[dict]) -> int | None:
    """Return the test digit's number of the first point that is one; the star is none."""
    return next((int(p["customdata"][0]) for p in points if p.get("customdata")), None)


def wait(work: Work[Result], what: str) -> Result:
    """Show how far it is until it is there. Whoever leaves meanwhile finds it further on."""
    if not work.done:
        bar = st.progress(0.0, what)
        while not work.done:
            bar.progress(work.share, what)
            time.sleep(0.1)
        bar.empty()
    return work.result()
