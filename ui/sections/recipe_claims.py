"""What the tutorials claim of their recipes beside what was measured here.

Called by `pages.tutorials`, `ui.lessons.show_tutorial` and `ui.sections.tutorial_figures`.
"""

import html
from functools import partial

import streamlit as st

from core.runs import reproduction
from core.runs.reproduction import Result, Summary
from core.training.recipes import RECIPES
from ui.components import term_notes
from ui.state import navigation

# The key of a recipe -> what was measured of it.
Results = dict[str, tuple[Result, ...]]


def recipe_card(name: str, found: tuple[Result, ...], back: navigation.WayBack) -> None:
    """Show what a tutorial claims of a recipe beside what was measured, and a button that opens it on Train.

    name: a key of `RECIPES`. back: where the way back from Train leads.
    """
    recipe = RECIPES[name]
    with st.container(border=True, key=f"recipe-{name}", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{reproduction.number(name)}. {recipe.title}**", width="stretch")
            if st.button("Train this recipe", key=f"train-{name}", icon=":material/model_training:"):
                navigation.lead(partial(navigation.open_train, name), back)
        term_notes.markdown(f"The tutorial: {recipe.claim}.  \nHere: {_measured_in_words(found)}")
        notes = [recipe.deviation, reproduction.FINDINGS.get(name, "") if found else ""]
        if any(notes):
            term_notes.caption(" ".join(note for note in notes if note))


def _measured_in_words(found: tuple[Result, ...]) -> str:
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


def all_claims(results: Results) -> None:
    """Show the sixteen recipes in one table, which becomes a list on a phone."""
    st.subheader("All sixteen recipes: claimed, and measured here")
    term_notes.caption(
        f"Behind ± stands the standard error of a test of {reproduction.TEST:,} pictures, in points; in "
        "brackets the range of several seeds."
    )
    heads = ("recipe", "the tutorial", "test accuracy here", "trained")
    rows = [
        f'<tr><th scope="row">{reproduction.number(name)}. {html.escape(RECIPES[name].title)}</th>'
        f"<td>{html.escape(RECIPES[name].claim)}</td>{_measured_cells(results.get(name, ()))}</tr>"
        for name in reproduction.TUTORIALS
    ]
    head = "".join(f'<th scope="col">{text}</th>' for text in heads)
    term_notes.html(
        f'<table class="dl-claims"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
    )


def _measured_cells(found: tuple[Result, ...]) -> str:
    """The last two cells of a row: the accuracies, and what they took."""
    summary = reproduction.summary(found)
    if not summary:
        return f"<td>{reproduction.NOT_MEASURED}</td><td></td>"
    best = f"<br>{summary.best} at best" if summary.best else ""
    return (
        f"<td><b>{summary.last}</b> ±{summary.error} at the end{best}</td>"
        f"<td>{summary.epochs} epochs{of_seeds(summary)}<br>{summary.time}, {summary.date}</td>"
    )
