"""What networks learn from: the images, their numbers, and what is done to them before."""

import html
from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st

from core.analysis import dataset_stats, evaluation_sets
from core.analysis.dataset_stats import Facts, Stage
from core.data import augmentation, datasets
from core.records import Augmentation, Labelled
from core.storage.store import StoreError
from ui import say
from ui.components import gallery, pixel_grid, plotly_chart, term_notes
from ui.content.glossary import note_in
from ui.figures import dataset_figures
from ui.state import keys, links, subject, visitor
from ui.widgets import downloads, heading, thumbnails

ACROSS = 10  # images in a row
EACH = "each class"
CHANNELS = ("red", "green", "blue")
SHOWN = 10  # images that are augmented

# A field of Augmentation -> its label, the step of its slider, how it is written, and how many of it are one.
SLIDERS: dict[str, tuple[str, float, str, float]] = {
    "rotation": ("Rotation", 1.0, "± %d°", 1),
    "shear": ("Shear", 1.0, "± %d°", 1),
    "scale": ("Size", 1.0, "± %d%%", 100),
    "shift": ("Shift", 0.5, "± %.1f px", 1),
    "elastic": ("Elastic", 0.1, "± %.1f px", 1),
}
AT_FIRST = Augmentation(rotation=10, scale=0.1, shift=2)


def choose_set() -> tuple[str, Labelled]:
    """Return the chosen set; where it is not there or empty, say so and end the page."""
    digits = subject.of_digits()
    name = st.selectbox(
        "Data set",
        [
            name
            for name in evaluation_sets.SETS
            if (name in evaluation_sets.OF_COLOUR) != digits and evaluation_sets.is_offered(name)
        ],
        key=keys.DATA_SET if digits else keys.DATA_COLOUR_SET,
        persist_state="session",
        help=datasets.more() if digits else None,
        width=300,
    )
    _begin_anew(name)
    try:
        data = evaluation_sets.SETS[name](visitor.name())
    except evaluation_sets.NotThere as absent:
        say.info(absent)
        st.stop()
    except StoreError as error:
        say.error(error)
        st.stop()
    shape, total = " x ".join(map(str, data.images.shape[1:])), data.images[0].size
    term_notes.markdown(
        f"**{len(data.labels):,} pictures** of {shape}, so {total:,} numbers each, in "
        f"{len(data.classes)} classes. "
        + ("0 is paper, 255 is ink." if data.images.ndim == 3 else "0 is dark, 255 is bright.")
    )
    if remark := evaluation_sets.remark(name):
        say.caption(remark)
    return name, data


def _begin_anew(name: str) -> None:
    """What was chosen of another set is chosen no longer."""
    if st.session_state.setdefault(keys.DATA_SHOWN, name) == name:
        return
    st.session_state[keys.DATA_SHOWN] = name
    for key in (keys.DATA_NUMBER, keys.DATA_CLASS, keys.DATA_PAGE, keys.DATA_LABEL):
        st.session_state.pop(key, None)


# -- the images, and one of them


@links.fragment
def look(data: Labelled, facts: Facts) -> None:
    """The images by class; one of them as numbers, on its way to a network, and its histogram."""
    number = min(int(st.session_state.setdefault(keys.DATA_NUMBER, 0)), len(data.labels) - 1)
    if (
        number != st.session_state[keys.DATA_NUMBER]
        or st.session_state.get(keys.DATA_LABEL) not in data.classes
    ):
        _show(data, number)
    left, right = st.columns([1.35, 1], gap="large")
    with left:
        _browse(data, number)
    with right, st.container(key="data-one"):
        number = _choose_number(data)
        _as_numbers(data, number)
    st.header("On the way to a network")
    _preparation(data, number)
    st.header("How bright are the pixels?")
    _histograms(data, number, facts)


def _browse(data: Labelled, number: int) -> None:
    options = [EACH, *data.classes]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        shown = st.selectbox(
            "Show",
            options,
            key=keys.DATA_CLASS,
            on_change=_first_page,
            width=170,
            persist_state="session",
        )
        groups = [np.flatnonzero(data.labels == c) for c in range(len(data.classes))]
        if shown == EACH:
            pages = -(-max(map(len, groups)) // ACROSS)
        else:
            pages = -(-len(groups[data.classes.index(shown)]) // ACROSS**2)
        page = gallery.pager(keys.DATA_PAGE, max(pages, 1))
    if shown == EACH:
        rows = [group[page * ACROSS : (page + 1) * ACROSS] for group in groups]
        heads = list(data.classes)
    else:
        group = groups[data.classes.index(shown)][page * ACROSS**2 : (page + 1) * ACROSS**2]
        rows, heads = [group[at : at + ACROSS] for at in range(0, len(group), ACROSS)], []
        if not len(group):
            term_notes.caption(f"No picture here is labelled {shown}.")
            return
    items = [_item(data, row[place]) if place < len(row) else None for row in rows for place in range(ACROSS)]
    gallery.gallery(
        data.images,
        items,
        key=keys.DATA_GALLERY,
        picked=lambda picked: _show(data, picked),
        across=ACROSS,
        heads=heads,
        chosen=number,
        answer="data-one",
    )


def _item(data: Labelled, number: int) -> gallery.Item:
    return gallery.Item(int(number), title=f"Picture {number}, labelled {data.classes[data.labels[number]]}")


def _first_page() -> None:
    st.session_state[keys.DATA_PAGE] = 0


def _show(data: Labelled, number: int) -> None:
    st.session_state[keys.DATA_NUMBER] = number
    st.session_state[keys.DATA_LABEL] = data.classes[data.labels[number]]


def _choose_number(data: Labelled) -> int:
    number = st.number_input(
        f"Picture, by its number from 0 to {len(data.labels) - 1:,}",
        0,
        len(data.labels) - 1,
        key=keys.DATA_NUMBER,
        on_change=lambda: _show(data, st.session_state[keys.DATA_NUMBER]),
        persist_state="session",
    )
    return int(number)


def _as_numbers(data: Labelled, number: int) -> None:
    """One image whose numbers can be read."""
    image, label = data.images[number], data.classes[data.labels[number]]
    st.markdown(f"Its label is **{label}**.")
    shown, words = image, f"Picture {number}, labelled {label}"
    if image.ndim == 3:
        channel = st.segmented_control(
            "Channel",
            CHANNELS,
            key=keys.DATA_CHANNEL,
            default="red",
            required=True,
            persist_state="session",
            help=note_in("Channel"),
        )
        left, right = st.columns(2)
        with left:
            st.html(f'<div class="dl-thumb">{thumbnails.ink(image / 255, title=words)}</div>')
            term_notes.caption(f"On the right, the darker, the more {channel}.")
        shown, words = image[..., CHANNELS.index(channel)], f"{words}: {channel}"
    else:
        right = st.container()
    with right:
        pixel_grid.pixel_grid(shown / 255, label=words, key="data-pixels", whole=255)
    rows = st.expander("All its numbers", icon=":material/grid_on:", key="data-numbers", on_change="rerun")
    if rows.open:
        with rows:
            st.html(_table_of(shown))
            columns = [f"column {n + 1}" for n in range(shown.shape[1])]
            downloads.csv_button(f"picture-{number}", columns, shown.tolist)


def _table_of(image: np.ndarray) -> str:
    """uint8 [h, w] -> a table whose cells are as dark as their numbers say."""
    rows = "".join(
        "<tr>" + "".join(f'<td style="--s:{value / 255:.2f}">{value}</td>' for value in row) + "</tr>"
        for row in image.tolist()
    )
    return f'<div class="dl-numbers"><table>{rows}</table></div>'


# -- preparation


def _preparation(data: Labelled, number: int) -> None:
    left, right = st.columns([1.35, 1], gap="large")
    with right:
        label = st.segmented_control(
            "Label to encode", data.classes, key=keys.DATA_LABEL, required=True, persist_state="session"
        )
    place = data.classes.index(label)
    steps, labels = dataset_stats.preparation(data.images[number], place, len(data.classes))
    with left:
        term_notes.html(_steps_table(steps))
    with right:
        term_notes.html(_steps_table(labels))
        st.html(_one_hot(labels[-1].array, data.classes))
        term_notes.caption(
            "One-hot: one number for each class, 1 where the label is and 0 elsewhere. It is what the "
            f"network's {len(data.classes)} probabilities are compared with, and no class is nearer to another."
        )


def _steps_table(steps: list[Stage]) -> str:
    rows = "".join(
        f"<tr><td>{html.escape(step.does)}<br><code>{html.escape(step.code)}</code></td>"
        f"<td>{_shape(step.array)}</td><td>{step.array.dtype}</td><td>{_range(step.array)}</td></tr>"
        for step in steps
    )
    return (
        '<div class="dl-stages"><table><tr><th>step</th><th>shape</th><th>type</th><th>numbers</th></tr>'
        f"{rows}</table></div>"
    )


def _shape(array: np.ndarray) -> str:
    return " x ".join(map(str, array.shape)) or "one number"


def _range(array: np.ndarray) -> str:
    low, high = float(array.min()), float(array.max())
    return f"{low:.4g}" if array.ndim == 0 else f"{low:.4g} to {high:.4g}"


def _one_hot(encoded: np.ndarray, classes: tuple[str, ...]) -> str:
    cells = "".join(
        f'<div class="{"on" if value else ""}"><b>{value:.0f}</b><span>{html.escape(name)}</span></div>'
        for value, name in zip(encoded, classes, strict=True)
    )
    return f'<div class="dl-onehot">{cells}</div>'


# -- histograms


def _histograms(data: Labelled, number: int, facts: Facts) -> None:
    scale = st.segmented_control(
        "Its numbers",
        list(dataset_figures.SCALES),
        key=keys.DATA_SCALE,
        default="0 to 255",
        required=True,
        persist_state="session",
        label_visibility="collapsed",
    )
    own = dataset_stats.histogram(data.images[number])
    mean, spread = dataset_stats.moments(facts.histogram)
    names = [f"picture {number}", f"all {len(data.labels):,} pictures"]
    figure = dataset_figures.pixel_histograms(own, facts.histogram, names, scale, mean, spread)
    left, right = st.columns([2.2, 1], gap="large")
    with left:
        plotly_chart.chart(figure, key="data-histogram", file="pixels")
    with right:
        term_notes.markdown(
            f"| scale | mean | spread |\n|---|--:|--:|\n| 0 to 255 | {mean:.2f} | {spread:.2f} |\n"
            f"| 0 to 1, divided by 255 | {mean / 255:.4f} | {spread / 255:.4f} |\n| standardised | 0 | 1 |"
        )
        zeros = facts.histogram[0] / facts.histogram.sum()
        term_notes.caption(
            f"Of all pixels, {zeros:.0%} are 0; the height is logarithmic, so that rare values are seen, too. "
            "Dividing by 255 or standardising changes the axis and not the shape: no picture loses anything, "
            "but the steps of a training fit numbers around 1."
        )
        head = ["value", "in this picture", "in all pictures"]
        downloads.csv_button(
            "pixels", head, lambda: zip(range(dataset_stats.LEVELS), own, facts.histogram, strict=True)
        )


# -- the classes


def classes(data: Labelled, facts: Facts) -> None:
    """How many images each class has, what they look like on average, and where they differ."""
    left, right = st.columns([1, 1.35], gap="large")
    with left:
        st.header("How many of each")
        figure = dataset_figures.class_counts(facts.counts, data.classes)
        plotly_chart.chart(figure, key="data-counts", file="class-counts")
        downloads.csv_button(
            "class-counts", ["class", "pictures"], lambda: zip(data.classes, facts.counts, strict=True)
        )
    with right:
        st.header("What they have in common")
        st.html(f'<div class="dl-means">{_strip(facts.means, data.classes)}</div>')
        term_notes.caption("The mean picture of each class: each pixel's average. What they share stays clear.")
        st.html(f'<div class="dl-means">{_strip(_brightened(facts.standard_deviations), ())}</div>')
        term_notes.caption(
            "The spread of each pixel, its standard deviation, drawn so that the largest is full: where they "
            "differ. A pixel that is always the same tells nothing."
        )


def _brightened(images: np.ndarray) -> np.ndarray:
    return images / max(float(images.max()), 1e-9)


def _strip(images: np.ndarray, captions: tuple[str, ...]) -> str:
    return thumbnails.strip(list(images), ACROSS, captions)


# -- augmentation


@links.fragment
def augmentations(data: Labelled) -> None:
    """Sliders, and what they do to the same images."""
    term_notes.header("Augmentation")
    term_notes.caption(
        "A network that sees each picture a little changed, anew in each pass, learns that it means the same "
        "when it leans, moves or bends. Only what keeps its meaning may be changed: a 6 on its head is a 9."
    )
    left, right = st.columns([1, 1.9], gap="large")
    with left:
        chosen: dict[str, Any] = {name: _slider(name) for name in SLIDERS}
        settings = replace(augmentation.NONE, **chosen)
        st.button("Other chances", key="augment-again", icon=":material/casino:", on_click=_again)
    rng = thumbnails.rng(st.session_state.get(keys.AUGMENT_SEED, 0))
    numbers = np.concatenate(
        [np.flatnonzero(data.labels == c)[: -(-SHOWN // len(data.classes))] for c in range(len(data.classes))]
    )[:SHOWN]
    images = data.images[numbers]
    rows = [images.astype(np.float32) / 255]
    rows += [dataset_stats.augmented(images, settings, rng) for _ in range(3)]
    with right:
        st.html(thumbnails.strip([image for row in rows for image in row], len(numbers)))
        term_notes.caption("Above as they are; below, three times, as a network may see them.")


def _slider(name: str) -> float:
    label, step, form, unit = SLIDERS[name]
    most = unit * getattr(augmentation.LIMITS, name)
    first = float(unit * getattr(AT_FIRST, name))
    return (
        st.slider(label, 0.0, float(most), first, step, form, key=keys.augment(name), persist_state="session")
        / unit
    )


def _again() -> None:
    st.session_state[keys.AUGMENT_SEED] = st.session_state.get(keys.AUGMENT_SEED, 0) + 1


heading.heading(
    "Look at what networks learn from",
    "Pictures with labels: each as numbers, all by class, and how they are prepared.",
    switch=True,
)
its_name, its_data = choose_set()
its_facts: Any = dataset_stats.facts(its_name, visitor.name(), its_data.version)
look(its_data, its_facts)
classes(its_data, its_facts)
augmentations(its_data)
