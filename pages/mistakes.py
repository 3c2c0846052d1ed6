"""What a network gets wrong, how sure it was, and how far that can be trusted."""

import pandas as pd
import streamlit as st

from core.analysis import evaluation, evaluation_sets
from core.data import label_errors
from core.models import registry
from core.models.registry import SHIPPED
from core.nn import calibration
from core.records import Evaluation, Labelled
from core.storage.store import StoreError
from core.training import configs
from ui import plain, say
from ui.components import gallery, plotly_chart, term_notes
from ui.content.glossary import note_in
from ui.figures import metric_figures
from ui.sections import colour_image, confusion_explorer, embedding_map, network_choice, one_image
from ui.sections.one_image import Answer
from ui.state import keys, links, navigation, selection, subject, visitor
from ui.widgets import downloads, heading

NOBODY = -1
_AT_THE_END = [
    names[0] for names in evaluation_sets.MEASURED.values()
]  # whose answers are stored with each run
PER_PAGE, ACROSS = 40, 10
TARGETS = (0.999, 1.0)  # accuracies for which it is said how much must be refused


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
    """Return the network's number, and the name and images of the set that it is measured on.

    names: the networks to choose from, in words; one at least.
    """
    if st.session_state.get(keys.MISTAKES_NETWORK) not in names:
        asked = navigation.run_in_address()
        wanted = (selection.chosen() if asked is None else asked, SHIPPED, next(iter(names)))
        st.session_state[keys.MISTAKES_NETWORK] = next(number for number in wanted if number in names)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        number = st.selectbox(
            "Network",
            list(names),
            key=keys.MISTAKES_NETWORK,
            format_func=lambda n: names[n],
            on_change=confusion_explorer.forget,
            width=420,
            persist_state="session",
        )
        data = network_choice.data_of(number)
        name = st.segmented_control(
            "Measured on",
            evaluation_sets.MEASURED[data],
            key=keys.mistakes_set(data),
            default=evaluation_sets.MEASURED[data][0],
            required=True,
            on_change=confusion_explorer.forget,
            persist_state="session",
            wrap=True,
        )
    try:
        images = evaluation_sets.SETS[name](visitor.name())
    except evaluation_sets.NotThere as absent:
        say.info(absent)
        st.stop()
    if name in evaluation_sets.TRAINING_SETS:
        term_notes.caption(
            "It has learnt from these, or from most of them: what it reads rightly here it may know by "
            "heart. "
            "How much better it is here than on the test set is its overfitting."
        )
    if name == evaluation_sets.OWN and (run := visitor.store().run(number)) and configs.fine_tuning(run.config):
        term_notes.caption(
            "It may have been taught with most of these; it never learns from those that are held back."
        )
    return number, name, images


def answer(number: int, names: dict[int, str], name: str, data: Labelled) -> Answer | None:
    """Return what a network says of a set: stored with a run, else computed once; None with a sentence."""
    probabilities = None
    if name in _AT_THE_END and number > SHIPPED:
        probabilities = visitor.store().probabilities(number)
    if probabilities is None:
        if (classifier := registry.classifier(number, visitor.name())) is None:
            st.info("This network is gone. Choose another.")
            return None
        work = evaluation.answers(classifier, name, data)
        probabilities = embedding_map.wait(work, f"reading {len(data.labels):,} pictures, once per network")
    try:
        return Answer(number, names[number], evaluation.evaluate(probabilities, data.labels, data.classes))
    except ValueError as error:
        say.info(error)
        return None


def headline(found: Evaluation) -> None:
    """Accuracy with its interval, in large."""
    total = len(found.labels)
    right = int((found.predicted == found.labels).sum())
    low, high = evaluation.interval(right, total)
    error = calibration.expected_calibration_error(found.probabilities, found.labels)
    facts = {
        "right": f"{right / total:.2%}",
        "95% confidence interval (Wilson)": f"{low:.2%} to {high:.2%}",
        "wrong": f"{total - right:,} of {total:,}",
        "calibration error": f"{error:.2%}",
        "loss": f"{found.losses.mean(dtype=float):.4f}",
    }
    cells = "".join(f"<div><span>{name}</span><b>{value}</b></div>" for name, value in facts.items())
    term_notes.html(f'<div class="dl-facts">{cells}</div>')


def class_by_class(found: Evaluation) -> None:
    """Precision, recall and F1 of each class, and their mean."""
    st.header("Class by class")
    rows = [*evaluation.scores(found)]
    frame = pd.DataFrame(rows, columns=["class", "pictures", "precision", "recall", "F1"])
    mean = frame[["precision", "recall", "F1"]].mean()
    frame.loc[len(frame)] = ["mean", frame["pictures"].sum(), *mean]
    st.dataframe(
        frame,
        hide_index=True,
        height=35 * (len(frame) + 1) + 3,
        key="mistakes-scores",
        column_config={
            "precision": st.column_config.NumberColumn(format="%.4f", help=note_in("precision")),
            "recall": st.column_config.NumberColumn(format="%.4f", help=note_in("recall")),
            "F1": st.column_config.NumberColumn(format="%.4f", help=note_in("F1")),
        },
    )
    downloads.csv_button("scores", list(frame), lambda: frame.to_numpy().tolist())


def trust(found: Evaluation) -> None:
    """Is it right as often as it is sure?"""
    st.header("Is it as sure as it is right?")
    bins = evaluation.reliability(found)
    error = calibration.expected_calibration_error(found.probabilities, found.labels)
    plotly_chart.chart(metric_figures.reliability(bins), key="mistakes-reliability", file="reliability")
    confidence, right = float(found.confidence.mean()), float((found.predicted == found.labels).mean())
    term_notes.caption(
        f"On average it is {confidence:.2%} sure and {right:.2%} right. The gaps of {calibration.BINS} bars, "
        f"weighed by how many pictures each holds, make the expected calibration error: {error:.2%}. "
        "A bar of few pictures says little."
    )
    downloads.csv_button("reliability", ["from", "to", "pictures", "confidence", "right"], lambda: bins)


def refusing(found: Evaluation) -> None:
    """What is gained by refusing the least certain."""
    st.header("If it may refuse")
    curve = evaluation.coverage(found)
    plotly_chart.chart(metric_figures.coverage(curve), key="mistakes-coverage", file="refusing")
    term_notes.caption(" ".join([_gain(curve, target) for target in TARGETS]))
    downloads.csv_button(
        "refusing", ["refused", "right of the rest", "confidence"], lambda: zip(*curve, strict=True)
    )


def _gain(curve: evaluation.Coverage, target: float) -> str:
    goal = "every one" if target == 1 else f"{target:.1%}"
    place = evaluation.min_rejected(curve, target)
    if place is None:
        return f"However many it refuses, it never reads {goal} of the rest rightly."
    if not curve.rejected[place]:
        return f"Without refusing any it reads {goal} rightly."
    return (
        f"To read {goal} of the rest rightly, it has to refuse {curve.rejected[place]:.2%}: those that it "
        f"reads with a probability below {curve.confidence[place]:.5g}."
    )


@links.fragment
def two(name: str, data: Labelled, first: Answer, names: dict[int, str]) -> None:
    """Another network beside it: what the one gets right and the other wrong."""
    st.header("Two networks compared")
    others = [NOBODY, *(n for n in names if n != first.network)]
    if st.session_state.get(keys.TWO_NETWORK) not in others:
        st.session_state[keys.TWO_NETWORK] = NOBODY
    number = st.selectbox(
        "Compare with",
        others,
        key=keys.TWO_NETWORK,
        format_func=lambda n: names.get(n, "no other"),
        on_change=_begin_two,
        width=420,
        persist_state="session",
    )
    if number == NOBODY:
        term_notes.caption(
            "Choose another network: which digits does only one of the two read, and is that chance?"
        )
        return
    try:
        second = answer(number, names, name, data)
    except StoreError as error:
        say.error(error)
        return
    if second is None:
        return
    found = evaluation.compare(first.evaluation, second.evaluation)
    st.markdown(evaluation.in_words(found, [f"**{plain.markdown(a.name)}**" for a in (first, second)]))
    st.caption(f"McNemar's test, exact: p = {found.p:.3g}.")
    groups = {
        "Only the first": found.first,
        "Only the second": found.second,
        "Neither": found.neither,
    }
    _groups(name, data, groups, [first, second])


def _groups(name: str, data: Labelled, groups: dict, answers: list[Answer]) -> None:
    which = st.segmented_control(
        "Read rightly by",
        list(groups),
        key=keys.TWO_GROUP,
        default=next(iter(groups)),
        format_func=lambda name: f"{name}: {len(groups[name]):,}",
        on_change=_begin_two,
        persist_state="session",
    )
    numbers = groups.get(which, next(iter(groups.values())))
    if not len(numbers):
        st.caption("None.")
        return
    one, other = (a.evaluation for a in answers)
    left, right = st.columns([2.3, 0.72], gap="medium")
    with left:
        page = gallery.pager(keys.TWO_PAGE, -(-len(numbers) // PER_PAGE))
        shown = numbers[page * PER_PAGE : (page + 1) * PER_PAGE]
        chosen = st.session_state.get(keys.TWO_NUMBER)
        chosen = chosen if isinstance(chosen, int) and chosen in shown else int(shown[0])
        items = []
        for n in shown.tolist():
            said = f"first {one.classes[one.predicted[n]]}, second {one.classes[other.predicted[n]]}"
            words = f"true {one.classes[one.labels[n]]}\n{said}"
            mark = "label-error" if name == evaluation_sets.TEST and n in label_errors.MNIST_TEST else ""
            items.append(gallery.Item(n, words, f"Number {n}: {words}", mark))
        gallery.gallery(
            data.images,
            items,
            key=keys.TWO_GALLERY,
            picked=_pick_two,
            across=ACROSS,
            narrow=confusion_explorer.NARROW,
            chosen=chosen,
            answer="mistakes-two-one",
        )
        head = ["number", "true", "first reads", "second reads"]
        columns = (one.labels, one.predicted, other.predicted)
        downloads.csv_button(
            "two-networks", head, lambda: ([n, *(one.classes[c[n]] for c in columns)] for n in numbers.tolist())
        )
    with right, st.container(key="mistakes-two-one", gap="small"):
        one_image.show(name, data, chosen, answers, "mistakes-two")


def _pick_two(number: int) -> None:
    st.session_state[keys.TWO_NUMBER] = number


def _begin_two() -> None:
    st.session_state[keys.TWO_PAGE] = 0


its_names, unreachable = networks_to_choose()
heading.heading(
    "See what a network gets wrong",
    "How often it is wrong, with which pictures, and how sure it was.",
    switch=True,
)
if unreachable:
    say.error(unreachable)
    st.stop()
if not its_names:
    st.info(colour_image.NO_NETWORK)
    st.stop()
try:
    its_number, its_set, its_data = choose(its_names)
    its_answer = answer(its_number, its_names, its_set, its_data)
except StoreError as error:
    say.error(error)
    st.stop()
if its_answer is None:
    st.stop()
headline(its_answer.evaluation)
confusion_explorer.explore(its_set, its_data, its_answer)
with st.container(key="mistakes-figures"):
    first_column, second_column, third_column = st.columns(3, gap="large")
with first_column:
    class_by_class(its_answer.evaluation)
with second_column:
    trust(its_answer.evaluation)
with third_column:
    refusing(its_answer.evaluation)
two(its_set, its_data, its_answer, its_names)
if max(its_names) <= SHIPPED:
    term_notes.caption("Networks that you train appear in both lists.")
