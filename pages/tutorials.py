"""Five tutorials as lessons: explanations, things to try, questions, and claims beside measurements."""

import html
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.data import datasets
from core.runs import reproduction
from core.runs.reproduction import Epoch, Result, Summary
from core.training.recipes import RECIPES
from ui import say
from ui.components import plotly_chart, term_notes
from ui.content import questions
from ui.content.doors import PAGES
from ui.content.glossary import note_in
from ui.content.questions import Exercise
from ui.content.tutorials import EXERCISES, TUTORIALS
from ui.content.tutorials.records import Section
from ui.figures import lesson_figures
from ui.lessons import LESSONS, of_tutorials
from ui.state import answers, keys, navigation
from ui.widgets import heading, thumbnails

HERE = Path(__file__).parent
WIDTH = 900  # pixels: longer lines are hard to read
NOT_YET = (
    "These recipes have not been trained for this page yet. Train them, and compare their curves under Runs."
)

Results = dict[str, tuple[Result, ...]]


def recall() -> None:
    """Take over what this visitor has answered rightly before, where that is right still."""
    before = answers.recall(keys.SOLVED_RECALLED, keys.SOLVED_NOT_KEPT)
    for key, typed in before.items():
        given = questions.number(typed)
        if key in EXERCISES and given is not None and questions.is_right(EXERCISES[key], given):
            st.session_state[keys.SOLVED].add(key)
            st.session_state[keys.SOLVED_LATEST] = key.split("-")[0]
            st.session_state.setdefault(keys.typed(key), typed)


def keep(key: str, typed: str) -> None:
    """Count a right answer, and keep it for this visitor's next time."""
    st.session_state[keys.SOLVED].add(key)
    answers.keep(key, typed, keys.SOLVED_NOT_KEPT)


def lesson_page(key: str, results: Results) -> None:
    lesson = TUTORIALS[key]
    term_notes.header(lesson.title)
    st.caption(f"After: {lesson.source}")
    questions = [name for name in EXERCISES if name.split("-")[0] == key]
    solved = len(st.session_state[keys.SOLVED].intersection(questions))
    with st.container(key="lesson-progress", width=WIDTH):
        st.progress(solved / len(questions), text=f"{solved} of {len(questions)} questions answered")
        if problem := st.session_state.get(keys.SOLVED_NOT_KEPT):
            say.caption(f"Your answers are only kept until you close this page. {problem}")
    for place, section in enumerate(lesson.sections):
        with st.container(key=f"section-{key}-{place}", gap="small", width=WIDTH):
            section_part(f"{key}-{place}", place + 1, section, results)


def section_part(key: str, number: int, section: Section, results: Results) -> None:
    term_notes.subheader(f"{number}. {section.title}")
    term_notes.markdown(section.text)
    if section.figure:
        FIGURES[section.figure](results)
    with st.container(horizontal=True, gap="xsmall"):
        for place, example in enumerate(section.examples):
            if (HERE / f"{example.page}.py").exists():
                label = f"{example.label} · {PAGES[example.page].name}"
                icon = ":material/open_in_new:"
                if st.button(label, key=f"example-{key}-{place}", icon=icon):
                    navigation.lead(example.opens, _back(key))
        _its_lesson(key)
    for place, exercise in enumerate(section.exercises):
        question(f"{key}-{place}", exercise)
    for name in section.recipes:
        recipe_card(name, results.get(name, ()))


def _its_lesson(section: str) -> None:
    """A way to the step of the lessons that teaches the same."""
    if section in of_tutorials.STEPS:
        name, step = of_tutorials.STEPS[section]
        title = LESSONS[name].steps[step].title
        label = f"Lesson {list(LESSONS).index(name) + 1}, step {step + 1}: {title}"
        if st.button(label, key=f"step-of-{section}", icon=":material/school:"):
            navigation.lead(partial(navigation.open_lesson, name, step), _back(section))


def _section_of(recipe: str) -> str:
    """The key of the section in which a recipe stands."""
    return next(
        f"{key}-{place}"
        for key, lesson in TUTORIALS.items()
        for place, section in enumerate(lesson.sections)
        if recipe in section.recipes
    )


def _back(section: str) -> navigation.WayBack:
    """The way back to a section, the key of a lesson and its place in it."""
    key, place = section.split("-")
    words = f"tutorial {list(TUTORIALS).index(key) + 1}, part {int(place) + 1}"
    return navigation.WayBack(words, "tutorials", {}, f"section-{section}")


def question(key: str, exercise: Exercise) -> None:
    """A question, a field for the number, and what to say of what was typed."""
    field, said = st.columns([1, 1], gap="medium", vertical_alignment="bottom")
    with field:
        before = st.session_state.get(keys.typed(key), "")
        typed = st.text_input(
            exercise.question,
            before,
            key=keys.exercise_field(key),
            placeholder="a number",
            help=note_in(exercise.question),
        )
    st.session_state[keys.typed(key)] = typed  # the field forgets it where another lesson is shown
    given = questions.number(typed)
    right = given is not None and questions.is_right(exercise, given)
    if right and key not in st.session_state[keys.SOLVED]:
        keep(key, typed)
        st.rerun()
    if not typed:
        return
    with said:
        if given is None:
            st.markdown(":orange[:material/lightbulb: A number is asked for], such as 12, 0.5 or 1/3.")
        elif right:
            term_notes.markdown(f":green[:material/check_circle: Right.] {exercise.why}")
        else:
            term_notes.markdown(f":orange[:material/lightbulb: Not yet.] {exercise.hint}")


def recipe_card(name: str, found: tuple[Result, ...]) -> None:
    """What a tutorial claims of a recipe beside what was measured, and a button that opens it."""
    recipe = RECIPES[name]
    with st.container(border=True, key=f"recipe-{name}", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{reproduction.number(name)}. {recipe.title}**", width="stretch")
            if st.button("Train this recipe", key=f"train-{name}", icon=":material/model_training:"):
                navigation.lead(partial(navigation.open_train, name), _back(_section_of(name)))
        term_notes.markdown(f"The tutorial: {recipe.claim}.  \nHere: {measured_in_words(found)}")
        notes = [recipe.deviation, reproduction.FINDINGS.get(name, "") if found else ""]
        if any(notes):
            term_notes.caption(" ".join(note for note in notes if note))


def measured_in_words(found: tuple[Result, ...]) -> str:
    """What was measured of a recipe, in one sentence."""
    summary = reproduction.summary(found)
    if not summary:
        return f"{reproduction.NOT_MEASURED}."
    one = reproduction.longest(found)[0]
    seeds = of_seeds(summary)
    each = " each" if seeds else ""
    data = f" With {one.data}." if one.data else ""
    best = f", {summary.best} after the best" if summary.best else ""
    loss = f" (loss {summary.test_loss})" if summary.test_loss else ""
    last_five = f", {summary.last_five} over the last five" if summary.last_five else ""
    finished = (
        f"{summary.finished} finished, with dropout off (loss {summary.train_loss})"
        if summary.finished
        else "finished: not measured yet"
    )
    return (
        f"**{summary.last}** ±{summary.error} of the test pictures after {summary.epochs} epochs{loss}{best}"
        f"{last_five}; "
        f"of the training pictures {summary.training} while learning, {finished}{seeds}. "
        f"{summary.time}{each} on {one.device}, {summary.date}.{data}"
    )


def of_seeds(summary: Summary) -> str:
    """Say over how many seeds a summary goes, where there are several."""
    return f", mean and range of {summary.seeds} seeds" if summary.seeds > 1 else ""


def _curves(names: dict[str, str], results: Results) -> dict[str, tuple[Epoch, ...]]:
    """The curves of recipes by what they are called here, of their first seed; none unless all are measured."""
    found = {label: reproduction.longest(results.get(name, ())) for name, label in names.items()}
    return {label: f[0].curve for label, f in found.items()} if all(found.values()) else {}


def _overfitting(names: dict[str, str], lowest: float) -> Callable[[Results], None]:
    def draw(results: Results) -> None:
        if not (curves := _curves(names, results)):
            st.caption(NOT_YET)
            return
        _chart(lesson_figures.overfitting(curves, lowest), "-".join(names))
        gaps = [f"{title}: {lesson_figures.gap_in_words(curve[-1])}" for title, curve in curves.items()]
        summaries = {title: reproduction.summary(results.get(name, ())) for name, title in names.items()}
        ends = [f"{title} {found.finished}" for title, found in summaries.items() if found and found.finished]
        finished = f" The finished network, with dropout off, reads of them {', '.join(ends)}." if ends else ""
        term_notes.caption(
            f"{'; '.join(gaps)}. Training accuracy is a mean over the pass, while learning, with dropout on: "
            f"with dropout it looks worse than it is, and may lie below the test accuracy.{finished}"
        )

    return draw


def _hidden(results: Results) -> None:
    sizes = {50: "first-conv-50", 100: "first-conv-dropout", 200: "first-conv-200"}
    lines = _curves({name: f"hidden layer of {units}" for units, name in sizes.items()}, results)
    if not lines:
        st.caption(NOT_YET)
        return
    figure = lesson_figures.after_each_epoch(
        {name: [e.accuracy for e in curve] for name, curve in lines.items()}, "test accuracy"
    )
    _chart(figure, "hidden")
    gaps = [f"{name}: {lesson_figures.gap_in_words(curve[-1])}" for name, curve in lines.items()]
    term_notes.caption(f"Test accuracy after each pass; between training and test, {'; '.join(gaps)}.")


def _epochs(results: Results) -> None:
    lines = {"as the tutorial prints it": list(reproduction.CLAIMED_EPOCHS["perceptron"])}
    if found := reproduction.longest(results.get("perceptron", ())):
        lines["here"] = [e.accuracy for e in found[0].curve]
    _chart(lesson_figures.after_each_epoch(lines, "test accuracy"), "epochs")


def _adadelta(results: Results) -> None:
    """What Adadelta's rate does, as far as it has been measured."""
    names = {
        "rate 1, as recommended": "two-conv-one-pooling",
        "rate 0.001, today's default": "two-conv-one-pooling-default-rate",
    }
    found = {label: reproduction.longest(results.get(name, ())) for label, name in names.items()}
    lines = {label: [e.accuracy for e in ones[0].curve] for label, ones in found.items() if ones}
    if not lines:
        st.caption(NOT_YET)
        return
    _chart(lesson_figures.after_each_epoch(lines, "validation accuracy"), "adadelta")
    ends = [
        f"{label}: {summary.last} of the test digits after {summary.epochs} epochs{of_seeds(summary)}"
        if (summary := reproduction.summary(ones))
        else f"{label}: {reproduction.NOT_MEASURED}"
        for label, ones in found.items()
    ]
    st.caption(f"{'. '.join(_capital(end) for end in ends)}.")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _grid(results: Results) -> None:
    if (data := _cifar10()) is not None:
        chosen = np.random.default_rng(0).permutation(len(data.x_train))[:96]
        st.html(thumbnails.strip([data.x_train[i] / 255 for i in chosen], columns=16))


def _samples(results: Results) -> None:
    if (data := _cifar10()) is not None:
        for place, name in enumerate(datasets.KINDS["cifar10"].classes):
            chosen = np.flatnonzero(data.y_train == place)[:10]
            st.html(
                f'<div class="dl-samples"><span>{name}</span>'
                f"{thumbnails.strip([data.x_train[i] / 255 for i in chosen], columns=10)}</div>"
            )


def _cifar10() -> datasets.Dataset | None:
    try:
        return datasets.cifar10()
    except datasets.NoData as error:
        say.caption(error)
        return None


FIGURES: dict[str, Callable[[Results], None]] = {
    "overfitting": _overfitting(
        {"first-conv": "without dropout", "first-conv-dropout": "with dropout"}, lowest=0.95
    ),
    "overfitting cifar": _overfitting(
        {"cifar-three": "without dropout", "cifar-three-dropout": "with dropout"}, lowest=0.3
    ),
    "hidden": _hidden,
    "adadelta": _adadelta,
    "epochs": _epochs,
    "grid": _grid,
    "samples": _samples,
}


def _chart(figure: go.Figure, key: str) -> None:
    plotly_chart.chart(figure, key=f"lesson-{key}")


def all_claims(results: Results) -> None:
    """The sixteen recipes in one table, which becomes a list on a phone."""
    st.subheader("All sixteen recipes: claimed, and measured here")
    term_notes.caption(
        f"Behind ± stands the standard error of a test of {reproduction.TEST:,} pictures, in points; in "
        "brackets the range of several seeds."
    )
    heads = ("recipe", "the tutorial", "test accuracy here", "trained")
    rows = [
        f'<tr><th scope="row">{reproduction.number(name)}. {html.escape(RECIPES[name].title)}</th>'
        f"<td>{html.escape(RECIPES[name].claim)}</td>{measured_cells(results.get(name, ()))}</tr>"
        for name in reproduction.TUTORIALS
    ]
    head = "".join(f'<th scope="col">{text}</th>' for text in heads)
    term_notes.html(
        f'<table class="dl-claims"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
    )


def measured_cells(found: tuple[Result, ...]) -> str:
    """The last two cells of a row: the accuracies, and what they took."""
    summary = reproduction.summary(found)
    if not summary:
        return f"<td>{reproduction.NOT_MEASURED}</td><td></td>"
    best = f"<br>{summary.best} at best" if summary.best else ""
    return (
        f"<td><b>{summary.last}</b> ±{summary.error} at the end{best}</td>"
        f"<td>{summary.epochs} epochs{of_seeds(summary)}<br>{summary.time}, {summary.date}</td>"
    )


heading.heading(
    "Learn how such networks are built",
    "Five tutorials as lessons: things to try, questions, and each claim measured.",
)
st.session_state.setdefault(keys.SOLVED, set())
recall()
chosen_lesson = st.segmented_control(
    "Lesson",
    list(TUTORIALS),
    key=keys.LESSON,
    default=st.session_state.get(keys.SOLVED_LATEST, "first"),
    required=True,
    format_func=lambda name: f"{list(TUTORIALS).index(name) + 1} {TUTORIALS[name].short}",
    label_visibility="collapsed",
    persist_state="session",
)
measured_here = reproduction.read()
lesson_page(chosen_lesson, measured_here)
all_claims(measured_here)
with st.expander("All words that explain themselves", icon=":material/dictionary:"):
    term_notes.every_term()
