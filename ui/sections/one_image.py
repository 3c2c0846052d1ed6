"""One image in large, what one or two networks say of it, and where it can be taken."""

import html
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import streamlit as st

from core.analysis import evaluation_sets
from core.data.label_errors import MNIST_TEST
from core.ink.preprocessing import SIZE
from core.models import registry
from core.records import Evaluation, Labelled
from core.words import confidence
from ui.sections import repaired
from ui.state import navigation, visitor
from ui.widgets import class_bars, thumbnails


class Answer(NamedTuple):
    """A network's number, as `classifiers` has it, its name, and what it says.

    tests: the set, of `evaluation_sets.SETS`, whose images Look inside shows this network; '' for none.
    """

    network: int
    name: str
    evaluation: Evaluation
    tests: str = ""


def in_words(found: Evaluation, number: int) -> str:
    """Return such as 'true 4, read as 9, 87.3% sure'."""
    true, predicted = (found.classes[places[number]] for places in (found.labels, found.predicted))
    return f"true {true}, read as {predicted}, {confidence(float(found.confidence[number]))} sure"


def show(name: str, data: Labelled, number: int, answers: Sequence[Answer], key: str) -> None:
    """The image of that number in the set of that name."""
    called = _called(name, number)
    image = data.images[number].astype(np.float32) / 255
    true = data.classes[data.labels[number]]
    ink = thumbnails.ink(image, title=f"{called}, labelled {true}")
    st.html(f'<div class="dl-thumb dl-looked">{ink}</div>')
    for answer in answers:
        found = answer.evaluation
        title = f"<b>{html.escape(answer.name)}</b><br>" if len(answers) > 1 else f"<b>{called}</b><br>"
        words = html.escape(f"{in_words(found, number)}; loss {found.losses[number]:.2f} nats")
        words = words.replace(
            f"true {html.escape(true)}", f'<b class="dl-true">true {html.escape(true)}</b>', 1
        )
        st.html(f'<div class="dl-said">{title}{words}</div>{_bars(found, number)}')
    if name == evaluation_sets.TEST and number in MNIST_TEST:
        _label_error(number)
    if name in evaluation_sets.SETS:
        _ways(name, image, number, answers[0], key)


def _called(name: str, number: int) -> str:
    return f"Test digit {number}" if name == evaluation_sets.TEST else f"Picture {number}"


def _bars(found: Evaluation, number: int) -> str:
    width = 0.55 * max(map(len, found.classes)) + 0.7
    rows = []
    for place, name in enumerate(found.classes):
        fraction = float(found.probabilities[number, place])
        kind = "dl-true" if place == found.labels[number] else ""
        kind += " dl-winner" if place == found.predicted[number] else ""
        rows.append(class_bars.bar(name, fraction, kind, f"{width:.2f}rem 1fr 3.6rem"))
    return class_bars.bars(rows, "dl-small")


def _label_error(number: int) -> None:
    votes = MNIST_TEST[number]
    st.warning(
        f"Its label is doubtful. Of five people who were asked, {votes.for_label} chose {votes.label}, "
        f"{votes.for_proposed} chose {votes.proposed}, {votes.for_neither} neither "
        "(Northcutt and others, 2021).",
        icon=":material/help:",
    )


def _ways(name: str, image: np.ndarray, number: int, answer: Answer, key: str) -> None:
    """Buttons that take it to other pages, where the same network reads it."""
    network, on_paper = answer.network, image.shape == (SIZE, SIZE)
    with st.container(horizontal=True, gap="xsmall"):
        # By its number: of another set, Look inside would show this network another image.
        if name == answer.tests and st.button(
            "Look inside", key=f"{key}-look", icon=":material/search_insights:"
        ):
            opens = navigation.open_look_inside_digit if on_paper else navigation.open_look_inside_image
            opens(number, network)
        if on_paper and st.button(
            "Repair it",
            key=f"{key}-repair",
            icon=":material/draw:",
            help="Puts it on the Draw canvas as pen strokes: add, undo, and see what changes the answer. The "
            "pen has one width, so where thick ink has run together, a small loop may open or be lost.",
        ):
            repaired.begin(image, _called(name, number), registry.classifier(network, visitor.name()))
            navigation.open_draw(network)
