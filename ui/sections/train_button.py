"""The recipe, the button Train, and what is said of them before it is clicked.

Called by `pages.train`.
"""

import contextlib

import streamlit as st

from core.runs.queue import OwnJobs
from core.storage.store import StoreError
from core.training import configs
from ui import say
from ui.components import canvas
from ui.sections import layer_table, run_panel, train_form
from ui.state import train_config, visitor, worker


def train_button(jobs: OwnJobs, problem: str) -> None:
    """Show the recipe and the button, and why it cannot be clicked or what it will be trained on.

    problem: why what the form says cannot be trained, or ''.
    """
    # Nothing whose height changes stands above the button: it would move away from under a finger.
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="begin"):
        train_form.recipe_choice()
        st.button(  # what a callback does is done, whatever interrupts the run that shows the page
            "Train",
            type="primary",
            icon=":material/play_arrow:",
            key="train",
            disabled=bool(problem),
            on_click=_start,
            args=(jobs,),
        )
    with st.container(key="begin-said"):
        if problem:
            say.caption(problem)
            layer_table.offer_flatten()
        else:
            is_there = not worker.state(jobs)
            st.fragment(_device, run_every=None if is_there else 1.0)(jobs, is_there)


def _device(jobs: OwnJobs, is_there: bool) -> None:
    """What it will be trained on, as soon as the worker says so. is_there: was it when the page ran?"""
    why_not = worker.state(jobs)
    if is_there == bool(why_not):
        st.rerun()
    say.caption(why_not or f"It trains on {jobs.device}.")


def seconds_of_latest(jobs: OwnJobs) -> float | None:
    """Return how many seconds the latest finished training of the recipe took, or None."""
    with contextlib.suppress(StoreError):  # the run beside it says so
        runs = (run for run in jobs.store.runs() if run.status == "done")
        return next((run.seconds for run in runs if run.recipe == train_config.recipe()), None)
    return None


@worker.spoken
def _start(jobs: OwnJobs) -> None:
    """Queue what the form says, and show it."""
    train_form.sync()
    config = train_config.current()
    image = canvas.last_image() if configs.reads_drawings(config) else None
    number = jobs.submit(
        config,
        name=train_form.title(),
        visitor=visitor.name(),
        recipe=train_form.recipe_key(),
        drawing=image.pixels if image else None,
    )
    run_panel.show(number)
