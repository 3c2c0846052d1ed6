"""Which network is evaluated, on which set of labelled images, and what it answers to all of these.

Called by `pages.mistakes` and `ui.sections.two_networks`.
"""

import streamlit as st

from core.analysis import evaluation, evaluation_sets
from core.models import registry
from core.models.registry import SHIPPED
from core.records import Labelled
from core.storage.store import StoreError
from core.training import configs
from ui import say
from ui.components import term_notes
from ui.sections import confusion_explorer, embedding_map, network_choice
from ui.sections.one_image import Answer
from ui.state import keys, navigation, selection, subject, visitor


def networks_to_choose() -> tuple[dict[int, str], StoreError | None]:
    """Return those that read digits or those that name images, as the switch says, in words; or why none.

    When the page is opened for the first time, the switch stands where the network is that it is opened with.
    """
    state = st.session_state
    try:
        of_colour = network_choice.names_of_networks(of_digits=False)
        on_paper = network_choice.names_of_networks(on_paper=True)
        if keys.MISTAKES_OPENED not in state:
            state[keys.MISTAKES_OPENED] = True
            if state.get(keys.MISTAKES_NETWORK, navigation.run_in_address()) in of_colour:
                subject.choose(subject.IMAGES)
        return (on_paper if subject.of_digits() else of_colour), None
    except StoreError as error:
        return {}, error


def choose(names: dict[int, str]) -> tuple[int, str, Labelled]:
    """Show the lists; return the network's number, and the name and images of the set that it is measured on.

    names: the networks to choose from, in words; one at least. Ends the page, with a sentence, where the images
    are not there. Raises StoreError.
    """
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        number = _network(names)
        name = _set_of_images(number)
    try:
        images = evaluation_sets.SETS[name](visitor.name())
    except evaluation_sets.NotThere as absent:
        say.info(absent)
        st.stop()
    _remark(number, name)
    return number, name, images


def _network(names: dict[int, str]) -> int:
    """The list of networks; at first that of the address, or the one that reads the Draw page."""
    if st.session_state.get(keys.MISTAKES_NETWORK) not in names:
        asked = navigation.run_in_address()
        wanted = (selection.chosen() if asked is None else asked, SHIPPED, next(iter(names)))
        st.session_state[keys.MISTAKES_NETWORK] = next(number for number in wanted if number in names)
    return st.selectbox(
        "Network",
        list(names),
        key=keys.MISTAKES_NETWORK,
        format_func=lambda n: names[n],
        on_change=confusion_explorer.forget,
        width=420,
        persist_state="session",
    )


def _set_of_images(number: int) -> str:
    """A row of buttons for the sets on which this network can be measured."""
    data = network_choice.data_of(number)
    return st.segmented_control(
        "Measured on",
        evaluation_sets.MEASURED[data],
        key=keys.mistakes_set(data),
        default=evaluation_sets.MEASURED[data][0],
        required=True,
        on_change=confusion_explorer.forget,
        persist_state="session",
        wrap=True,
    )


def _remark(number: int, name: str) -> None:
    """Say where it may know these images from its training."""
    if name in evaluation_sets.TRAINING_SETS:
        term_notes.caption(
            "It has learnt from these, or from most of them: what it reads rightly here it may know by "
            "heart. How much better it is here than on the test set is its overfitting."
        )
    if name == evaluation_sets.OWN and (run := visitor.store().run(number)) and configs.fine_tuning(run.config):
        term_notes.caption(
            "It may have been taught with most of these; it never learns from those that are held back."
        )


def answer(number: int, names: dict[int, str], name: str, data: Labelled) -> Answer | None:
    """Return what a network says of a set: stored with a run, else computed once; None with a sentence.

    Raises StoreError. `two_networks` calls it for the second one.
    """
    tests = evaluation_sets.MEASURED[network_choice.data_of(number)][0]
    probabilities = None
    if name == tests and number > SHIPPED:  # a run stores its answers to its own test set, and to no other
        probabilities = visitor.store().probabilities(number, data.version)
    if probabilities is None:  # or of files that were replaced since
        if (classifier := registry.classifier(number, visitor.name())) is None:
            st.info("This network is gone. Choose another.")
            return None
        work = evaluation.answers(classifier, name, data)
        probabilities = embedding_map.wait(work, f"reading {len(data.labels):,} pictures, once per network")
    try:
        found = evaluation.evaluate(probabilities, data.labels, data.classes)
    except ValueError as error:
        say.info(error)
        return None
    return Answer(number, names[number], found, tests)
